import type { CSSProperties, ReactNode } from 'react'
import type { TraceSummary } from '../api.ts'
import { Icon } from '../ui/icons.tsx'
import { Link } from '../ui/link.tsx'
import {
  absolute,
  durationOf,
  formatAgo,
  formatCost,
  formatDuration,
  formatShare,
  formatTokens,
  nowNs,
} from '../values.ts'
import type { Condition } from './filter.ts'
import { MiniBar } from './mini-bar.tsx'

const statusWords = { ok: 'Succeeded', error: 'Failed', running: 'Running' } as const

/** The outcome by shape, and in words for whoever cannot see it. */
export function StatusMark({ status }: { status: TraceSummary['status'] }): ReactNode {
  return (
    <span className={`status ${status}`} title={statusWords[status]}>
      <Icon name={status} />
      <span className="sr">{statusWords[status]}</span>
    </span>
  )
}

/** One trace in one line, and its first error in a second. */
export function TraceRow({
  trace,
  filterBy,
  index,
  longest,
  selected,
  toggle,
  peeked,
  style,
}: {
  trace: TraceSummary
  filterBy: (condition: Condition) => void
  index: number
  /** Duration of the longest trace of the list, ns. */
  longest: number
  selected: boolean
  toggle: () => void
  peeked: boolean
  style: CSSProperties
}): ReactNode {
  const { traceId, name, status, models, tags, service, agent, error } = trace
  const running = status === 'running'
  const duration = durationOf(trace, running)
  const tokens = trace.totalTokens
  const [model, ...others] = models
  const value = (field: Condition['field'], text: string, shown = text) => (
    <button
      type="button"
      className="value"
      title={`${field}: ${text}`}
      onClick={() => filterBy({ field, value: text })}
    >
      {shown}
    </button>
  )
  return (
    <li
      className={`trace-row${selected ? ' selected' : ''}${peeked ? ' peeked' : ''}`}
      style={style}
      data-index={index}
    >
      <div className="trace-line">
        <input
          type="checkbox"
          className="trace-check"
          aria-label={`Select ${name === '' ? '(no name)' : name}`}
          tabIndex={-1}
          checked={selected}
          onChange={toggle}
        />
        <StatusMark status={status} />
        <span className="trace-name">
          <Link to={`/traces/${traceId}`} className="row-link" data-row={index}>
            {name === '' ? '(no name)' : name}
          </Link>
          {running ? <span className="running-text"> running</span> : null}
          {agent !== undefined && agent !== name ? (
            <span className="dim"> {value('agent', agent)}</span>
          ) : null}
        </span>
        <span className="trace-service">{service === undefined ? null : value('service', service)}</span>
        <span className="trace-tags">
          {tags.slice(0, 3).map((tag) => (
            <span key={tag}>{value('tag', tag)}</span>
          ))}
          {tags.length > 3 ? (
            <span className="dim" title={tags.slice(3).join(', ')}>
              +{tags.length - 3}
            </span>
          ) : null}
        </span>
        <span className="dim number trace-ago" title={absolute(trace.startNs)}>
          {formatAgo(BigInt(trace.startNs), nowNs())}
        </span>
        <span className="number trace-duration" title={`${duration} ns`}>
          {formatDuration(duration)}
        </span>
        <MiniBar trace={trace} durationNs={duration} longestNs={longest} />
        <span
          className="number trace-tokens"
          title={tokens === undefined ? 'No span says how many tokens it used' : `${tokens} tokens`}
        >
          {formatTokens(tokens)}
          {tokens === undefined ? null : <span className="dim"> tok</span>}
        </span>
        <span
          className="number trace-cost"
          title={trace.cost === undefined ? 'No span carries a cost' : `$${trace.cost}`}
        >
          {formatCost(trace.cost)}
        </span>
        <span className="trace-model">
          {model === undefined ? <span className="dim">–</span> : value('model', model)}
          {others.length > 0 ? (
            <span className="dim" title={others.join(', ')}>
              {' '}
              +{others.length}
            </span>
          ) : null}
        </span>
        <Ids trace={trace} />
      </div>
      {error === undefined ? null : (
        <div className="trace-error" title={error}>
          {error}
        </div>
      )}
    </li>
  )
}

/** How many model calls carry token ids. */
function Ids({ trace: { calls, callsWithIds } }: { trace: TraceSummary }): ReactNode {
  if (calls === 0) return <span className="dim number trace-ids">–</span>
  return (
    <span
      className={`number trace-ids${callsWithIds > 0 ? '' : ' dim'}`}
      title={`${callsWithIds} of ${calls} model calls carry token ids`}
    >
      {formatShare(callsWithIds, calls)}
    </span>
  )
}
