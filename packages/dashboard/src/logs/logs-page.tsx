import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useId, useState } from 'react'
import { go, usePlace, withParameters } from '../navigation.ts'
import { listLogRecords } from '../signals-api.ts'
import { LogRecordDetail } from '../trace/log-record-detail.tsx'
import { TimeRangePicker } from '../traces/time-range.tsx'
import { Failure, Waiting } from '../ui/problem.tsx'
import { LogRows } from './log-rows.tsx'
import '../styles/logs.css'
import '../styles/logs-page.css'

const PAGE = '200'
const READ_AGAIN_MS = 5000
/** Typing rests this long before the records are asked for. */
const TYPING_MS = 200

const levels = ['', 'debug', 'info', 'warn', 'error', 'fatal'] as const

/** The log records of all traces and of none, newest first. */
export function LogsPage(): ReactNode {
  const { parameters } = usePlace()
  const of = (name: string) => parameters.get(name) || undefined
  const filter = {
    severity: of('severity'),
    service: of('service'),
    text: of('text'),
    since: of('since'),
    until: of('until'),
  }
  const chosen = of('record')
  useEffect(() => {
    document.title = 'Logs · agl'
  }, [])
  const query = useInfiniteQuery({
    queryKey: ['all log records', filter],
    queryFn: ({ pageParam, signal }) => listLogRecords({ ...filter, limit: PAGE, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.cursor ?? undefined,
    placeholderData: (before) => before,
    staleTime: 0,
    // Who has gone back in time reads: nothing is to move then.
    refetchInterval: ({ state }) => (state.data && state.data.pages.length > 1 ? false : READ_AGAIN_MS),
  })
  const records = query.data?.pages.flatMap((page) => page.records) ?? []
  const services = [...new Set(records.flatMap(({ service }) => service ?? []))]
  const filtered = Object.values(filter).some((value) => value !== undefined)
  return (
    <div className={`logs-page${chosen === undefined ? '' : ' with-record'}`}>
      <h1 className="sr">Logs</h1>
      <section className="logs-list" aria-label="Log records">
        <div className="log-tools">
          <Field name="text" label="Part of the line" value={filter.text ?? ''} />
          <Field name="service" label="Service" value={filter.service ?? ''} choices={services} />
          <select
            aria-label="Severity"
            value={filter.severity ?? ''}
            onChange={(event) => go(withParameters({ severity: event.target.value }))}
          >
            {levels.map((level) => (
              <option key={level} value={level}>
                {level === '' ? 'any severity' : level === 'fatal' ? level : `${level} and above`}
              </option>
            ))}
          </select>
          <TimeRangePicker range={{ since: filter.since, until: filter.until }} />
        </div>
        {query.isError ? (
          <Failure error={query.error} retry={() => void query.refetch()} />
        ) : !query.data ? (
          <Waiting what="the log records" />
        ) : records.length === 0 ? (
          <p className="problem dim">
            {filtered ? 'No log record is like that.' : 'No log records have arrived. Send OTLP to /v1/logs.'}
          </p>
        ) : (
          <LogRows
            records={records}
            chosen={chosen}
            choose={(id) => go(withParameters({ record: id === chosen ? undefined : id }), 'replace')}
            loadMore={query.hasNextPage && !query.isFetching ? () => void query.fetchNextPage() : undefined}
          />
        )}
      </section>
      {chosen === undefined ? null : (
        <section className="logs-record" aria-label="Log record">
          <button type="button" className="small" onClick={() => go(withParameters({ record: undefined }))}>
            Close
          </button>
          <LogRecordDetail key={chosen} id={chosen} />
        </section>
      )}
    </div>
  )
}

/** A condition that is typed; it holds once typing rests. */
function Field({
  name,
  label,
  value,
  choices = [],
}: {
  name: string
  label: string
  value: string
  choices?: readonly string[]
}): ReactNode {
  const [text, setText] = useState(value)
  const list = useId()
  // The address may change by itself: the way back, a link.
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (text === value) return
    const timer = setTimeout(() => go(withParameters({ [name]: text }), 'replace'), TYPING_MS)
    return () => clearTimeout(timer)
  }, [text, value, name])
  return (
    <>
      <input
        aria-label={label}
        placeholder={label}
        value={text}
        spellCheck={false}
        list={choices.length === 0 ? undefined : list}
        onChange={(event) => setText(event.target.value)}
      />
      {choices.length === 0 ? null : (
        <datalist id={list}>
          {choices.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      )}
    </>
  )
}
