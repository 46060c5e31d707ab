// The questions about log records and metrics. They run in the query thread.
import { AglError } from '../errors.ts'
import { type DecodedLogRecord, decodeLogRecord, decodeResource, decodeScope } from '../otlp/decode/index.ts'
import type { Address } from '../store/contract.ts'
import type { LogRecordQuery, PointQuery, SeriesQuery, TraceLogQuery } from '../store/signals.ts'
import { findTrace } from './find-trace.ts'
import type { QuerySources } from './queries.ts'

/** Log records, newest first. */
export async function listLogRecords({ store }: QuerySources, query: LogRecordQuery): Promise<unknown> {
  const { items, cursor } = await store.logRecords(query)
  return { records: items, cursor: cursor ?? null }
}

/** Log records of a trace, or of one span of it, oldest first; also of a trace whose spans have not arrived. */
export async function getTraceLogRecords(
  { store }: QuerySources,
  { id, ...query }: TraceLogQuery & { id: string },
): Promise<unknown> {
  const whole = /^[0-9a-f]{32}$/.test(id)
  const traceId = whole ? id : (await findTrace(store, id)).traceId
  const { items, cursor } = await store.traceLogRecords(traceId, query)
  if (items.length === 0 && whole) {
    const any = await store.traceLogRecords(traceId, { limit: 1 })
    if (any.items.length === 0) await findTrace(store, id)
  }
  return { traceId, records: items, cursor: cursor ?? null }
}

/** A log record and what it shares with others. */
interface WholeLogRecord {
  readonly record: DecodedLogRecord
  readonly resource: ReturnType<typeof decodeResource> | null
  readonly scope: ReturnType<typeof decodeScope> | null
  readonly receivedNs: bigint
}

/** One log record with its resource and scope, nothing lost. Throws `AGL_PRUNED` where its segment is gone. */
export async function getLogRecord(
  { store, log }: QuerySources,
  { id }: { id: string },
): Promise<WholeLogRecord> {
  const address = await store.logRecordAddress(id)
  if (!address) {
    const todo = 'Lists of log records have their ids.'
    throw new AglError('AGL_NOT_FOUND', { what: `Log record ${id.slice(0, 64)}`, todo })
  }
  const { encoding, record, resource, scope, receivedNs } = address
  const read = (at: Address) => log.slice(at.segment, at.offset, at.length)
  return {
    record: decodeLogRecord(encoding, read(record)),
    resource: resource ? decodeResource(encoding, read(resource)) : null,
    scope: scope ? decodeScope(encoding, read(scope)) : null,
    receivedNs,
  }
}

/** Metric series by name. */
export async function listMetricSeries({ store }: QuerySources, query: SeriesQuery): Promise<unknown> {
  const { items, cursor } = await store.metricSeries(query)
  return { series: items, cursor: cursor ?? null }
}

/** Points of one series, oldest first. */
export async function getMetricPoints({ store }: QuerySources, query: PointQuery): Promise<unknown> {
  const points = await store.metricPoints(query)
  if (points) return points
  const todo = 'See `agl metrics list` for the series there are.'
  throw new AglError('AGL_NOT_FOUND', { what: `Series ${query.series}`, todo })
}
