import type { ReactNode, RefObject } from 'react'
import { Icon } from '../ui/icons.tsx'
import { formatDuration } from '../values.ts'
import type { TimeView } from './time-view.ts'
import { axisTicks } from './tree.ts'

/** The field that finds spans, folding of everything, and the time axis. */
export function TimelineHead({
  find,
  setFind,
  found,
  foundAt,
  stepFound,
  input,
  foldAll,
  view,
  zoomed,
  resetZoom,
  axis,
  narrow,
}: {
  find: string
  setFind: (text: string) => void
  found: number
  /** Which of the found ones is selected, from 1; 0 for none of them. */
  foundAt: number
  stepFound: (by: 1 | -1) => void
  input: RefObject<HTMLInputElement | null>
  foldAll: (shut: boolean) => void
  view: TimeView
  zoomed: boolean
  resetZoom: () => void
  axis: RefObject<HTMLDivElement | null>
  narrow: boolean
}): ReactNode {
  const length = view.to - view.from
  // The last ones would leave the column, or stand under the button.
  const room = view.from + (zoomed ? 0.7 : 0.9) * length
  const ticks = axisTicks(length, narrow ? 3 : 5, view.from).filter((tick) => tick < room)
  return (
    <div className="timeline-head">
      <div className="timeline-tools">
        <label className="find">
          <Icon name="search" className="dim" />
          <span className="sr">Find a span by name, tool, model, agent or error</span>
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
        <button
          type="button"
          className="plain"
          aria-label="Collapse all"
          title="Collapse all (-)"
          onClick={() => foldAll(true)}
        >
          <Icon name="fold" />
        </button>
        <button
          type="button"
          className="plain"
          aria-label="Expand all"
          title="Expand all (+)"
          onClick={() => foldAll(false)}
        >
          <Icon name="unfold" />
        </button>
      </div>
      <div className="axis number dim" ref={axis} title="Drag to zoom, or turn the wheel with Ctrl">
        {ticks.map((tick) => (
          <span key={tick} aria-hidden="true" style={{ left: `${(100 * (tick - view.from)) / length}%` }}>
            {tick === 0 ? '0' : formatDuration(BigInt(Math.round(tick)))}
          </span>
        ))}
        {zoomed ? (
          <button
            type="button"
            className="plain small zoom-reset"
            title="Show all of the time (0)"
            onClick={resetZoom}
          >
            show all
          </button>
        ) : null}
      </div>
    </div>
  )
}
