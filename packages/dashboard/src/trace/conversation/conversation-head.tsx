import type { ReactNode, RefObject } from 'react'
import { Icon } from '../../ui/icons.tsx'

/** The field that finds messages, and folding of all. */
export function ConversationHead({
  find,
  setFind,
  found,
  foundAt,
  stepFound,
  input,
  openAll,
  summary,
}: {
  find: string
  setFind: (text: string) => void
  found: number
  /** Which of the found ones is selected, from 1; 0 for none of them. */
  foundAt: number
  stepFound: (by: 1 | -1) => void
  input: RefObject<HTMLInputElement | null>
  openAll: (open: boolean) => void
  summary: string
}): ReactNode {
  return (
    <div className="conversation-head">
      <label className="find">
        <Icon name="search" className="dim" />
        <span className="sr">Find a message by its text, tools, arguments or results</span>
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
      <span className="dim number summary">{summary}</span>
      <button
        type="button"
        className="plain"
        aria-label="Fold long messages"
        title="Fold long messages (-)"
        onClick={() => openAll(false)}
      >
        <Icon name="fold" />
      </button>
      <button
        type="button"
        className="plain"
        aria-label="Open all messages"
        title="Open all messages (+)"
        onClick={() => openAll(true)}
      >
        <Icon name="unfold" />
      </button>
    </div>
  )
}
