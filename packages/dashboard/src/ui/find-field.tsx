import type { ReactNode, RefObject } from 'react'
import { Icon } from './icons.tsx'

/** What is looked for on a page, and how many places were found. */
export interface Finding {
  readonly find: string
  readonly setFind: (text: string) => void
  readonly found: number
  /** Which of the found ones is selected, from 1; 0 for none of them. */
  readonly foundAt: number
  readonly stepFound: (by: 1 | -1) => void
  readonly input: RefObject<HTMLInputElement | null>
}

/** The field that finds: Enter and Shift+Enter step through what it found, Escape clears it. */
export function FindField({ label, finding }: { label: string; finding: Finding }): ReactNode {
  const { find, setFind, found, foundAt, stepFound, input } = finding
  return (
    <label className="find">
      <Icon name="search" className="dim" />
      <span className="sr">{label}</span>
      <input
        ref={input}
        value={find}
        placeholder="Find"
        spellCheck={false}
        onChange={(event) => setFind(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') stepFound(event.shiftKey ? -1 : 1)
          else if (event.key === 'Escape') {
            setFind('')
            input.current?.blur()
          } else return
          event.preventDefault()
          event.stopPropagation()
        }}
      />
      <span className="dim number" role="status">
        {find.trim() === '' ? '' : foundAt > 0 ? `${foundAt} of ${found}` : `${found} found`}
      </span>
    </label>
  )
}
