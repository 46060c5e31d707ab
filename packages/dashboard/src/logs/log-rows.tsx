import { useVirtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, type ReactNode, useEffect, useRef } from 'react'
import { severityWord } from '../../../agentlightning/src/cli/views/severity.ts'
import type { LogRecord } from '../signals-api.ts'
import { Link } from '../ui/link.tsx'
import { absolute } from '../values.ts'

const ROW = 28

/** The rows of the list: only those that are seen are drawn. */
export function LogRows({
  records,
  chosen,
  choose,
  loadMore,
}: {
  records: readonly LogRecord[]
  chosen: string | undefined
  choose: (id: string) => void
  /** Absent when there is no more, or it is on its way. */
  loadMore: (() => void) | undefined
}): ReactNode {
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: records.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (index) => records[index]?.id ?? index,
    overscan: 20,
  })
  const items = rows.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= records.length - 30) loadMore?.()
  }, [last, records.length, loadMore])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <section className="rows" ref={scroller} tabIndex={0} aria-label="List of log records">
      <ul style={{ height: rows.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const record = records[index]
          return record ? (
            <Row
              key={record.id}
              record={record}
              open={record.id === chosen}
              choose={choose}
              style={{ transform: `translateY(${start}px)`, height: ROW }}
            />
          ) : null
        })}
      </ul>
    </section>
  )
}

function Row({
  record,
  open,
  choose,
  style,
}: {
  record: LogRecord
  open: boolean
  choose: (id: string) => void
  style: CSSProperties
}): ReactNode {
  const { id, timeNs, severityNumber, severityText, service, eventName, preview, traceId, spanId } = record
  const word = severityWord(severityNumber)
  const to = traceId && `/traces/${traceId}${spanId === undefined ? '' : `?span=${spanId}&tab=logs`}`
  return (
    <li className={`log-line ${word === 'fatal' ? 'error' : word}${open ? ' open' : ''}`} style={style}>
      <button type="button" className="plain" aria-expanded={open} onClick={() => choose(id)}>
        <span className="number dim">{absolute(timeNs).replace(' UTC', '')}</span>
        <span className="log-level">{word || severityText || '–'}</span>
        <span className="log-service dim">{service}</span>
        <span className="log-text mono">
          {eventName === undefined ? null : <span className="dim">[{eventName}] </span>}
          {preview}
        </span>
      </button>
      {to === undefined ? null : (
        <Link to={to} aria-label={`Trace ${traceId?.slice(0, 8)}`} title="The trace of this line">
          {traceId?.slice(0, 8)}
        </Link>
      )}
    </li>
  )
}
