// The read API's questions, answered from the store and the log. Runs in the query thread.
import { AglError } from '../errors.ts'
import type { LogReader } from '../log/reader.ts'
import { formatPosition } from '../log/record.ts'
import type { HourRange, SpanAddress, StoreReader, TraceFilter, TraceSummary } from '../store/contract.ts'
import { conversationOf } from '../trace/messages/conversation.ts'
import { readPayload } from './decode-payload.ts'
import { exportSession, getSessionStats, timeTravel } from './legacy-queries.ts'
import {
  getPublicSpan,
  getPublicSpanMetrics,
  getPublicTrace,
  getPublicTraceMetrics,
} from './public-queries.ts'

/** What the questions are asked of. */
export interface QuerySources {
  readonly store: StoreReader
  readonly log: Pick<LogReader, 'slice'>
}

/** Payload bytes in one page of an export: large enough to be fast, far below what a reply may hold. */
const EXPORT_PAGE_BYTES = 2 * 1024 * 1024
/** Text of uploaded logs in one reply. */
const LOG_TEXT_BYTES = 8 * 1024 * 1024

/** The questions that can be asked, by name. */
export const questions = {
  listTraces,
  getTrace,
  getSpan,
  getMessages,
  exportSpans,
  getLogs,
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
} as const

/** Newest traces first. */
async function listTraces(
  { store }: QuerySources,
  query: { filter: TraceFilter; limit: number; cursor?: string },
): Promise<unknown> {
  const page = await store.listTraces(query)
  return { traces: page.items, cursor: page.cursor ?? null }
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

/** One span with its payload, resource and scope, nothing lost. */
async function getSpan(sources: QuerySources, query: { id: string; spanId: string }): Promise<unknown> {
  return readPayload(sources.log, await addressOf(sources, query))
}

/** The messages of one span, in one form for every dialect. */
async function getMessages(sources: QuerySources, query: { id: string; spanId: string }): Promise<unknown> {
  return conversationOf(readPayload(sources.log, await addressOf(sources, query)).span)
}

async function addressOf(sources: QuerySources, query: { id: string; spanId: string }): Promise<SpanAddress> {
  const trace = await findTrace(sources.store, query.id)
  const address = await sources.store.spanAddress(trace.traceId, query.spanId)
  if (!address) {
    const what = `Span ${query.spanId} of trace ${trace.traceId}`
    throw new AglError('AGL_NOT_FOUND', { what, todo: 'The spans of the trace are listed with it.' })
  }
  return address
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
  do {
    const page = await sources.store.spanAddresses(trace.traceId, {
      // Few at a time: the size of a span is known only once it is read.
      limit: 64,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const address of page.items) {
      lines.push(toJson(readPayload(sources.log, address)))
      bytes += address.span.length
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
    const { body, logs } = (value ?? {}) as { body?: unknown; logs?: unknown }
    if (typeof body === 'string') return body
    if (typeof logs === 'string') return logs
  } catch {
    // Not JSON: plain text.
  }
  return text
}

/** JSON of the read API: bigints as decimal strings, positions as they are, absent members as null. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? String(member) : member))
}

/** The trace of an id or of a unique beginning of one. */
async function findTrace(store: StoreReader, id: string): Promise<TraceSummary> {
  const missing = () =>
    new AglError('AGL_NOT_FOUND', {
      what: `Trace ${id}`,
      todo: 'See `agl traces list` for the traces there are.',
    })
  if (!/^[0-9a-f]{1,32}$/.test(id)) {
    throw new AglError('AGL_BAD_REQUEST', {
      what: `A trace id is up to 32 hex digits, not «${id.slice(0, 64)}».`,
    })
  }
  if (id.length === 32) {
    const trace = await store.trace(id)
    if (!trace) throw missing()
    return trace
  }
  const { items, cursor } = await store.listTraces({ filter: { idPrefix: id }, limit: 10 })
  if (items.length > 1) {
    throw new AglError('AGL_AMBIGUOUS_ID', { id, count: cursor ? `more than ${items.length}` : items.length })
  }
  if (!items[0]) throw missing()
  return items[0]
}
