// The read API's questions, answered from the store and the log. Runs in the query thread.
import { AglError } from '../errors.ts'
import type { LogReader } from '../log/reader.ts'
import { formatPosition } from '../log/record.ts'
import type { FacetField, HourRange, SpanAddress, StoreReader, TraceFilter } from '../store/contract.ts'
import { exportCalls, getCall, getSpanTokens, listCalls, listRollouts } from './calls/call-queries.ts'
import { payloadBytes, readPayload } from './decode-payload.ts'
import { diagnose } from './doctor/examine-scope.ts'
import { findSpan, findTrace } from './find-trace.ts'
import { exportSession, getSessionStats, timeTravel } from './legacy-queries.ts'
import {
  getPublicSpan,
  getPublicSpanMetrics,
  getPublicTrace,
  getPublicTraceMetrics,
} from './public-queries.ts'
import {
  getLogRecord,
  getMetricPoints,
  getTraceLogRecords,
  listLogRecords,
  listMetricSeries,
} from './signal-queries.ts'
import { messagesOfSpan } from './span-messages.ts'
import { getTraceHistogram } from './trace-histogram.ts'
import { getTraceMessages } from './trace-messages.ts'

/** What the questions are asked of. */
export interface QuerySources {
  readonly store: StoreReader
  readonly log: Pick<LogReader, 'slice'>
  /** Attributes of a span that are shown. */
  readonly spanAttributes: number
}

/** Payload bytes in one page of an export: large enough to be fast, far below what a reply may hold. */
const EXPORT_PAGE_BYTES = 2 * 1024 * 1024
/** Spans whose addresses are read at once, and the bytes above which it is fewer. */
const EXPORT_STEP = 64
const EXPORT_STEP_BYTES = 4 * 1024 * 1024
/** Text of uploaded logs in one reply. */
const LOG_TEXT_BYTES = 8 * 1024 * 1024

/** The questions that can be asked, by name. */
export const questions = {
  listTraces,
  countTraces,
  getTraceHistogram,
  getFacet,
  getTrace,
  getSpan,
  getMessages,
  getTraceMessages,
  exportSpans,
  getLogs,
  listLogRecords,
  getTraceLogRecords,
  getLogRecord,
  listMetricSeries,
  getMetricPoints,
  getObject,
  getChanges,
  getHours,
  getStats,
  getSessionStats,
  exportSession,
  timeTravel,
  getPublicTrace,
  getPublicTraceMetrics,
  getPublicSpan,
  getPublicSpanMetrics,
  listCalls,
  getCall,
  getSpanTokens,
  exportCalls,
  listRollouts,
  diagnose,
} as const

/** Newest traces first. */
async function listTraces(
  { store }: QuerySources,
  query: { filter: TraceFilter; limit: number; cursor?: string },
): Promise<unknown> {
  const page = await store.listTraces(query)
  return { traces: page.items, cursor: page.cursor ?? null }
}

/** How many traces a filter finds. */
function countTraces(
  { store }: QuerySources,
  query: { filter: TraceFilter; most: number },
): Promise<unknown> {
  return store.countTraces(query.filter, query.most)
}

/** Values of a field, the most frequent first. */
async function getFacet(
  { store }: QuerySources,
  query: { field: FacetField; filter: TraceFilter; part: string; limit: number },
): Promise<unknown> {
  const { field, filter, part, limit } = query
  return { field, ...(await store.facet(field, filter, part, limit)) }
}

/** A trace's summary and a page of its spans, without payloads. `id` may be a unique beginning. */
async function getTrace(
  sources: QuerySources,
  query: { id: string; limit: number; cursor?: string },
): Promise<unknown> {
  const trace = await findTrace(sources.store, query.id)
  const { limit, cursor } = query
  const page = await sources.store.spans(trace.traceId, cursor === undefined ? { limit } : { limit, cursor })
  return { trace, spans: page.items, cursor: page.cursor ?? null }
}

/** One span with its payload, resource and scope, nothing lost but the attributes above the limit. */
async function getSpan(sources: QuerySources, query: { id: string; spanId: string }): Promise<unknown> {
  return readPayload(sources, await addressOf(sources, query))
}

/** The messages of one span, in one form for every dialect. */
async function getMessages(sources: QuerySources, query: { id: string; spanId: string }): Promise<unknown> {
  return messagesOfSpan(sources, await addressOf(sources, query))
}

async function addressOf(sources: QuerySources, query: { id: string; spanId: string }): Promise<SpanAddress> {
  const trace = await findTrace(sources.store, query.id)
  return findSpan(sources.store, trace.traceId, query.spanId)
}

/** A page of whole spans, as lines of JSON. */
async function exportSpans(
  sources: QuerySources,
  query: { id: string; cursor?: string },
): Promise<{ lines: string[]; cursor: string | null }> {
  const trace = await findTrace(sources.store, query.id)
  const lines: string[] = []
  let cursor = query.cursor
  let bytes = 0
  const next = (limit: number) =>
    sources.store.spanAddresses(trace.traceId, { limit, ...(cursor === undefined ? {} : { cursor }) })
  do {
    // Few at a time: the size of a span is known only once its address is, and each line repeats its resource.
    let page = await next(EXPORT_STEP)
    const read = page.items.reduce((sum, address) => sum + payloadBytes(address), 0)
    if (read > EXPORT_STEP_BYTES) page = await next(Math.ceil((EXPORT_STEP * EXPORT_STEP_BYTES) / read))
    for (const address of page.items) {
      lines.push(toJson(readPayload(sources, address)))
      bytes += payloadBytes(address)
    }
    cursor = page.cursor
  } while (cursor !== undefined && bytes < EXPORT_PAGE_BYTES)
  return { lines, cursor: cursor ?? null }
}

/** Console text uploaded for a trace, oldest first. */
async function getLogs({ store, log }: QuerySources, query: { id: string }): Promise<unknown> {
  const logs: { receivedNs: bigint; text: string }[] = []
  let left = LOG_TEXT_BYTES
  let truncated = false
  for (const row of await store.logs(query.id)) {
    const length = Math.min(row.payload.length, left)
    truncated ||= length < row.payload.length
    const bytes = log.slice(row.payload.segment, row.payload.offset, length)
    logs.push({ receivedNs: row.receivedNs, text: uploadText(bytes) })
    left -= length
  }
  return { logs, truncated }
}

/** An uploaded object as it came. */
async function getObject(
  { store, log }: QuerySources,
  query: { id: string },
): Promise<{ contentType: string; bytes: Buffer }> {
  const row = await store.object(query.id)
  if (!row) throw new AglError('AGL_NOT_FOUND', { what: `Object ${query.id}`, todo: 'Check the URL.' })
  const { segment, offset, length } = row.payload
  return { contentType: row.contentType, bytes: log.slice(segment, offset, length) }
}

/** Traces changed after a change number, for what follows live. */
function getChanges({ store }: QuerySources, query: { after: number; limit: number }): Promise<unknown> {
  return store.changes(query.after, query.limit)
}

/** Sums by hour, service and model, newest hour first. */
async function getHours({ store }: QuerySources, range: HourRange): Promise<unknown> {
  return { hours: await store.hours(range) }
}

/** Totals of the index. */
async function getStats({ store }: QuerySources): Promise<unknown> {
  const stats = await store.stats()
  return { ...stats, position: formatPosition(stats.position) }
}

/**
 * The text of a console upload. AgentOps 0.4.7–0.4.18 sends a JSON string, 0.4.19–0.4.21 `{"body": …}`
 * (agentops `client/api/versions/v4.py` of those versions); `/v2/update_logs` takes `{"logs": …}`; anything
 * else is text as it stands.
 */
function uploadText(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'string') return value
    const { body, logs, message, stack_trace } = (value ?? {}) as Readonly<Record<string, unknown>>
    if (typeof body === 'string') return body
    if (typeof message === 'string' && stack_trace !== undefined) return sdkErrorText(value as SdkError)
    if (typeof logs === 'string') return logs
  } catch {
    // Not JSON: plain text.
  }
  return text
}

interface SdkError {
  readonly sdk_version?: unknown
  readonly type?: unknown
  readonly message: string
  readonly stack_trace: unknown
}

/** An error of the SDK itself, as `/developer_errors` takes it (agentops 0.1.0–0.3.4, `client.py`). */
function sdkErrorText({ sdk_version, type, message, stack_trace }: SdkError): string {
  const lines = Array.isArray(stack_trace) ? stack_trace : [stack_trace]
  const head = `agentops ${String(sdk_version ?? '')} failed itself: ${String(type ?? 'Error')}: ${message}`
  return [head, ...lines.map(String)].join('\n')
}

/** JSON of the read API: bigints as decimal strings, positions as they are, absent members as null. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? String(member) : member))
}
