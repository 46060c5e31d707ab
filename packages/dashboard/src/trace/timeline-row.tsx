import type { CSSProperties, ReactNode } from 'react'
import { Icon } from '../ui/icons.tsx'
import { KindIcon, kindOf } from '../ui/kinds.tsx'
import { formatDuration, formatTokens, spanDuration } from '../values.ts'
import { seenPart } from './time-view.ts'
import { barOf, type Extent, type TreeRow } from './tree.ts'

const INDENT = 12
/** Deeper levels are drawn here: the name must stay readable. */
const DEEPEST = 14

/** Distance of a label from the edge that it is placed from, as a part of the row. */
const labelAt = {
  after: (left: number, width: number) => left + width,
  before: (left: number) => 1 - left,
  upon: (left: number, width: number) => 1 - left - width,
}

/** One span: its place in the tree, and its time. */
export function TimelineRow({
  row,
  extent,
  top,
  open,
  selected,
  found,
  waited,
  marks,
  select,
  toggle,
}: {
  row: TreeRow
  extent: Extent
  top: number
  open: boolean
  selected: boolean
  found: boolean
  /** How long the trace waited for this span itself, ns; 0 where it is not on the critical path. */
  waited: number
  /** Where on the critical path it is, as shares of what is seen. */
  marks: readonly { readonly left: number; readonly width: number }[]
  select: () => void
  toggle: () => void
}): ReactNode {
  const { span, depth, children, descendants, errorsBelow } = row
  const { left, width, seen } = seenPart(barOf(span, extent))
  const failed = span.statusCode === 2
  const kind = kindOf(span.fields.type)
  const { input, output } = span.fields.usage ?? {}
  const duration = spanDuration(span)
  // A label that would leave the row stands before its bar, one of a bar from end to end on it.
  const place = left + width <= 0.8 ? 'after' : left >= 0.2 ? 'before' : 'upon'
  const name = span.name === '' ? '(no name)' : span.name
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys, and names the active row
    // biome-ignore lint/a11y/useFocusableInteractive: focus stays on the tree
    <div
      role="treeitem"
      id={`span-${span.spanId}`}
      className={`span-row${selected ? ' selected' : ''}${failed ? ' failed' : ''}${found ? ' found' : ''}`}
      aria-level={depth + 1}
      aria-selected={selected}
      {...(children > 0 ? { 'aria-expanded': open } : {})}
      style={{ transform: `translateY(${top}px)` }}
      onClick={select}
    >
      <div className="span-name" style={{ paddingLeft: Math.min(depth, DEEPEST) * INDENT }}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows fold by keys */}
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: arrows fold by keys */}
        <span
          className="fold"
          onClick={(event) => {
            if (children === 0) return
            event.stopPropagation()
            toggle()
          }}
        >
          {children === 0 ? null : <Icon name={open ? 'down' : 'right'} />}
        </span>
        {failed ? (
          <span className="status error">
            <Icon name="error" />
            <span className="sr">failed </span>
          </span>
        ) : (
          <KindIcon type={span.fields.type} />
        )}
        <span className="span-title">{name}</span>
        {failed && span.fields.error !== undefined ? (
          <span className="span-error">{span.fields.error}</span>
        ) : null}
        {open || descendants === 0 ? null : (
          <span className="dim number">
            +{descendants}
            {errorsBelow > 0 ? <span className="error-text"> {errorsBelow} failed</span> : null}
          </span>
        )}
        {input === undefined && output === undefined ? null : (
          <span className="span-tokens dim number" title={`${input ?? '–'} tokens in, ${output ?? '–'} out`}>
            {formatTokens(input)}→{formatTokens(output)}
          </span>
        )}
      </div>
      <div className="span-time">
        <div className="span-track">
          {seen === 'here' ? (
            <span
              className={`span-bar fill-${failed ? 'error' : kind}${span.endNs === '0' ? ' open' : ''}`}
              style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
            />
          ) : null}
          {marks.map(({ left: from, width: wide }) => (
            <span
              key={from}
              className="span-path"
              style={{ left: `${from * 100}%`, width: `${wide * 100}%` }}
            />
          ))}
          {waited > 0 ? (
            <span className="sr">critical path: {formatDuration(BigInt(Math.round(waited)))} </span>
          ) : null}
          <span
            className={`span-duration number dim ${place}`}
            style={{ '--at': `${100 * labelAt[place](left, width)}%` } as CSSProperties}
          >
            {seen === 'before' ? `← ${duration}` : seen === 'after' ? `${duration} →` : duration}
          </span>
        </div>
      </div>
    </div>
  )
}
