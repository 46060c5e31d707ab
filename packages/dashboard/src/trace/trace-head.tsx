import type { ReactNode } from 'react'
import type { TraceSummary } from '../api.ts'
import { formatFilter } from '../traces/filter.ts'
import { StatusMark } from '../traces/trace-row.tsx'
import { Copy } from '../ui/copy.tsx'
import { Icon } from '../ui/icons.tsx'
import { Link } from '../ui/link.tsx'
import {
  absolute,
  durationOf,
  formatAgo,
  formatCost,
  formatCount,
  formatDuration,
  formatTokens,
  nowNs,
  useTick,
} from '../values.ts'

/** What became of the trace, and what it took. */
export function TraceHead({ trace }: { trace: TraceSummary }): ReactNode {
  useTick(1000)
  const running = trace.status === 'running'
  const duration = durationOf(trace, running)
  const facts: [string, string, string][] = [
    [formatDuration(duration), `${duration} ns`, 'duration'],
    [
      `${formatTokens(trace.totalTokens)} tokens`,
      `${trace.inputTokens ?? '–'} in, ${trace.outputTokens ?? '–'} out`,
      'tokens',
    ],
    [
      trace.cost === undefined ? 'cost –' : formatCost(trace.cost),
      trace.cost === undefined ? 'No span carries a cost' : `$${trace.cost}`,
      'cost',
    ],
    [formatCount(trace.calls, 'call'), 'Model calls', 'calls'],
    [formatCount(trace.tools, 'tool'), 'Tool calls', 'tools'],
    [formatCount(trace.spans, 'span'), '', 'spans'],
    [`ids ${trace.callsWithIds}/${trace.calls}`, 'Model calls that carry token ids', 'ids'],
  ]
  const filterLinks = [
    ...(trace.service === undefined ? [] : [{ field: 'service' as const, value: trace.service }]),
    ...(trace.agent === undefined ? [] : [{ field: 'agent' as const, value: trace.agent }]),
    ...trace.models.map((value) => ({ field: 'model' as const, value })),
    ...trace.tags.map((value) => ({ field: 'tag' as const, value })),
    ...(trace.session === undefined ? [] : [{ field: 'session' as const, value: trace.session }]),
  ]
  return (
    <div className="trace-top">
      <Link to="/traces" className="back" aria-label="All traces">
        <Icon name="back" />
      </Link>
      <h1>{trace.name || '(no name)'}</h1>
      <StatusMark status={trace.status} />
      <ul className="facts number">
        {facts.map(([text, title, key]) => (
          <li key={key} title={title}>
            {text}
          </li>
        ))}
        {trace.errors > 0 ? <li className="error-text">{formatCount(trace.errors, 'error')}</li> : null}
        <li className="dim" title={absolute(trace.startNs)}>
          {formatAgo(BigInt(trace.startNs), nowNs())}
        </li>
      </ul>
      <ul className="labels">
        {filterLinks.map(({ field, value }) => (
          <li key={`${field} ${value}`}>
            <Link
              to={`/traces?${new URLSearchParams({ q: formatFilter({ conditions: [{ field, value }], text: '' }) })}`}
              title={`Traces with ${field} ${value}`}
            >
              <span className="dim">{field}</span> {value}
            </Link>
          </li>
        ))}
        <li>
          <span className="mono dim">{trace.traceId.slice(0, 8)}</span>
          <Copy text={trace.traceId} label="Copy trace id" />
        </li>
      </ul>
      {trace.pruned ? (
        <p className="pruned">
          Some payloads of this trace were removed by the disk cap: names, times and sums are still there.
        </p>
      ) : null}
    </div>
  )
}
