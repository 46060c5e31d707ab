import { type CSSProperties, memo, type ReactNode } from 'react'
import { withParameters } from '../../navigation.ts'
import { Icon } from '../../ui/icons.tsx'
import { Link } from '../../ui/link.tsx'
import {
  durationOf,
  formatCost,
  formatCount,
  formatDuration,
  formatTokens,
  spanDuration,
} from '../../values.ts'
import { textsOf } from './find.ts'
import { rowId } from './row-id.ts'
import { isSameCallLine, isShallowSame } from './same.ts'
import type { Entry, Lane, Turn } from './thread-types.ts'
import { Runs } from './tool-call.tsx'

/** Characters of a message that is only named. */
const PREVIEW = 90

/** The call between what it was told and what it answered. */
export const CallRow = memo(Row, (before, after) => {
  const { turn: a, ...old } = before
  const { turn: b, ...now } = after
  return isSameCallLine(a, b) && isShallowSame(old, now)
})

interface CallRowProps {
  readonly turn: Turn
  readonly depth: number
  readonly selected: boolean
  /** The agent of the lane: only another one is said. */
  readonly lane: string | undefined
}

function Row({ turn, depth, selected, lane }: CallRowProps): ReactNode {
  const { call, resent, leftOut, again, runs } = turn
  const { span } = call
  const model = span.fields.responseModel ?? span.fields.requestModel ?? span.name
  const { usage, cost, error } = span.fields
  return (
    <div
      id={rowId(`${span.spanId}.call`)}
      tabIndex={-1}
      className={`call-row number dim${selected ? ' selected' : ''}`}
      style={{ '--depth': depth } as CSSProperties}
    >
      <p>
        <Link to={() => withParameters({ span: span.spanId, message: undefined })} className="call-link">
          <span className="kind kind-llm">
            <Icon name="llm" />
          </span>
          call {call.number} <span className="sr">to </span>
          {model}
        </Link>
        {call.agent === undefined || call.agent === lane ? null : <span>{call.agent}</span>}
        <span>{spanDuration(span)}</span>
        {usage === undefined ? null : (
          <span title={`${usage.input ?? '–'} tokens in, ${usage.output ?? '–'} out`}>
            {formatTokens(usage.input)}→{formatTokens(usage.output)} tokens
          </span>
        )}
        {cost === undefined ? null : <span title={`$${cost}`}>{formatCost(cost)}</span>}
        {again ? (
          <span className="warning-text">asked again with the same {formatCount(resent, 'message')}</span>
        ) : resent === 0 ? null : (
          <span title="Said before, and sent to the model again">
            {formatCount(resent, 'message')} sent again
          </span>
        )}
      </p>
      {leftOut.length === 0 ? null : <LeftOut entries={leftOut} />}
      {span.statusCode === 2 ? (
        <p className="error-text call-error">
          <Icon name="error" />
          <span>failed: {error ?? 'it does not say why'}</span>
        </p>
      ) : null}
      {runs.length === 0 ? null : (
        <>
          <p>Runs of its tools, in the order of time:</p>
          <Runs runs={runs} />
        </>
      )}
    </div>
  )
}

function LeftOut({ entries }: { entries: readonly Entry[] }): ReactNode {
  return (
    <details>
      <summary>{formatCount(entries.length, 'message')} of the call before left out</summary>
      <ul>
        {entries.map((entry) => (
          <li key={entry.key}>
            <Link
              to={() =>
                withParameters({
                  span: entry.call.span.spanId,
                  message: entry.key.slice(entry.key.indexOf('.') + 1),
                })
              }
            >
              {entry.role}
            </Link>{' '}
            {textsOf(entry).join(' ').slice(0, PREVIEW)}
          </li>
        ))}
      </ul>
    </details>
  )
}

/** The head of a lane: whose it is, and where it comes from. */
export const LaneRow = memo(function LaneRow({
  lane,
  depth,
  open,
  selected,
  toggle,
}: {
  lane: Lane
  depth: number
  open: boolean
  selected: boolean
  toggle: (id: string) => void
}): ReactNode {
  const { turns, branch, agent, id } = lane
  const ends = turns.map(({ call }) => call.span.endNs)
  const failed = turns.filter(({ call }) => call.span.statusCode === 2).length
  const first = turns[0]?.call.span
  const last = ends.reduce((latest, end) => (BigInt(end) > BigInt(latest) ? end : latest), '0')
  return (
    <div
      id={rowId(`${id}.lane`)}
      tabIndex={-1}
      className={`lane-row${selected ? ' selected' : ''}`}
      style={{ '--depth': depth } as CSSProperties}
    >
      <h2>
        <button type="button" className="plain" aria-expanded={open} onClick={() => toggle(id)}>
          <Icon name={open ? 'down' : 'right'} />
          <span className="kind kind-agent">
            <Icon name="agent" />
          </span>
          {agent ?? 'Conversation'}
        </button>
      </h2>
      <span className="dim number">
        {formatCount(turns.length, 'call')}
        {first && last !== '0'
          ? ` · ${formatDuration(durationOf({ startNs: first.startNs, endNs: last }, false))}`
          : ''}
      </span>
      {failed > 0 ? <span className="error-text number">{failed} failed</span> : null}
      {branch ? (
        <span className="dim number">
          branches off after the first {formatCount(branch.messages, 'message')} of{' '}
          <Link to={() => withParameters({ span: branch.from.span.spanId, message: undefined })}>
            call {branch.from.number}
          </Link>
        </span>
      ) : null}
    </div>
  )
})
