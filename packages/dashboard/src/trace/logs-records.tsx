import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { severityWord } from '../../../agentlightning/src/cli/views/severity.ts'
import { getTraceLogRecords, type LogRecord } from '../signals-api.ts'
import { Failure, Waiting } from '../ui/problem.tsx'
import { absolute, formatDuration } from '../values.ts'
import { LogRecordDetail } from './log-record-detail.tsx'
import type { SpanTabProps } from './span-tabs/span-tab.ts'
import '../styles/logs.css'

const PAGE = '200'
/** New records are no change of their trace, so that they are asked for. */
const READ_AGAIN_MS = 5000

const levels = ['', 'debug', 'info', 'warn', 'error'] as const

/** The OTLP log records of a span, or of its whole trace. */
export function LogRecords({ trace, span }: SpanTabProps): ReactNode {
  const [ofTrace, setOfTrace] = useState(false)
  const [severity, setSeverity] = useState('')
  const query = useInfiniteQuery({
    queryKey: ['log records', trace.traceId, ofTrace ? '' : span.spanId, severity],
    queryFn: ({ pageParam, signal }) =>
      getTraceLogRecords(
        trace.traceId,
        {
          limit: PAGE,
          cursor: pageParam,
          span: ofTrace ? undefined : span.spanId,
          severity: severity === '' ? undefined : severity,
        },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.cursor ?? undefined,
    staleTime: 0,
    refetchInterval: READ_AGAIN_MS,
  })
  const records = query.data?.pages.flatMap((page) => page.records) ?? []
  return (
    <section aria-label="Log records">
      <div className="log-tools">
        <select
          aria-label="Log records of"
          value={ofTrace ? 'trace' : 'span'}
          onChange={(event) => setOfTrace(event.target.value === 'trace')}
        >
          <option value="span">this span</option>
          <option value="trace">the whole trace</option>
        </select>
        <select aria-label="Severity" value={severity} onChange={(event) => setSeverity(event.target.value)}>
          {levels.map((level) => (
            <option key={level} value={level}>
              {level === '' ? 'any severity' : `${level} and above`}
            </option>
          ))}
        </select>
      </div>
      {query.isError ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : !query.data ? (
        <Waiting what="the log records" />
      ) : records.length === 0 ? (
        <p className="dim">
          {ofTrace ? 'This trace has no log records' : 'This span has no log records'}
          {severity === '' ? '.' : ' of that severity.'}
        </p>
      ) : (
        <ol className="log-lines">
          {records.map((record) => (
            <Line key={record.id} record={record} startNs={ofTrace ? trace.startNs : span.startNs} />
          ))}
        </ol>
      )}
      {query.hasNextPage ? (
        <button type="button" disabled={query.isFetching} onClick={() => void query.fetchNextPage()}>
          Show more
        </button>
      ) : null}
    </section>
  )
}

function Line({ record, startNs }: { record: LogRecord; startNs: string }): ReactNode {
  const [open, setOpen] = useState(false)
  const word = severityWord(record.severityNumber)
  const after = BigInt(record.timeNs) - BigInt(startNs)
  const at = after < 0n ? `−${formatDuration(-after)}` : `+${formatDuration(after)}`
  return (
    <li className={`log-line ${word === 'fatal' ? 'error' : word}`}>
      <button type="button" className="plain" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="number dim" title={absolute(record.timeNs)}>
          {at}
        </span>
        <span className="log-level">{word || record.severityText || '–'}</span>
        <span className="log-text mono">
          {record.eventName === undefined ? null : <span className="dim">[{record.eventName}] </span>}
          {record.preview}
        </span>
      </button>
      {open ? <LogRecordDetail id={record.id} /> : null}
    </li>
  )
}
