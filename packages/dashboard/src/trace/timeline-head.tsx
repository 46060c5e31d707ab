import type { ReactNode, RefObject } from 'react'
import { FindField, type Finding } from '../ui/find-field.tsx'
import { FoldButtons } from '../ui/fold-buttons.tsx'
import { formatDuration } from '../values.ts'
import type { TimeView } from './time-view.ts'
import { axisTicks } from './tree.ts'

/** The field that finds spans, folding of everything, and the time axis. */
export function TimelineHead({
  foldAll,
  view,
  zoomed,
  resetZoom,
  axis,
  narrow,
  ...finding
}: Finding & {
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
        <FindField label="Find a span by name, tool, model, agent or error" finding={finding} />
        <FoldButtons fold="Collapse all" unfold="Expand all" set={(open) => foldAll(!open)} />
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
