// The read API's questions about model calls, answered from the store and the log.
import { AglError } from '../../errors.ts'
import type { RecordedHeaders } from '../../gateway/record.ts'
import type { CallFilter, CallSummary } from '../../store/calls.ts'
import { type Continuation, continuationOf } from '../../token-ids/continuation.ts'
import { assembleReply } from '../../token-ids/index.ts'
import { parseShallow } from '../../trace/nesting.ts'
import { findTrace } from '../find-trace.ts'
import type { QuerySources } from '../queries.ts'
import { messagesOfSpan } from '../span-messages.ts'
import { type CallDetail, callDetail, recordedCall, spanOf } from './call-detail.ts'
import { exportJson, summaryJson, tokensJson } from './call-json.ts'

/** Text in one page of an export. */
const EXPORT_PAGE_BYTES = 2 * 1024 * 1024
/** Earlier calls of a trace that a prompt is compared with. */
const MOST_EARLIER = 8

/** Which calls. `filter.traceId` may be a unique beginning. */
export interface CallsQuery {
  readonly filter: CallFilter
  readonly limit: number
  readonly cursor?: string
}

/** Calls, newest first. */
export async function listCalls(sources: QuerySources, query: CallsQuery): Promise<unknown> {
  const page = await callsPage(sources, query)
  return { calls: page.items.map(summaryJson), cursor: page.cursor ?? null }
}

/** Rollouts that made calls through the gateway. */
export async function listRollouts({ store }: QuerySources, query: { limit: number }): Promise<unknown> {
  return { rollouts: await store.rollouts(query.limit) }
}

/** One call with its ids, request, reply and timings. `id` may be a unique beginning. */
export async function getCall(sources: QuerySources, query: { id: string }): Promise<unknown> {
  const summary = await findCall(sources, query.id)
  const detail = await callDetail(sources, summary)
  return { ...detailJson(detail), ...recordJson(sources, summary), ...(await messages(sources, summary)) }
}

/** The tokens of the call that a span stands for, and whether they go on where an earlier call ended. */
export async function getSpanTokens(
  sources: QuerySources,
  query: { id: string; spanId: string },
): Promise<unknown> {
  const { traceId } = await findTrace(sources.store, query.id)
  const summary = await sources.store.callOfSpan(traceId, query.spanId)
  if (!summary) {
    const todo = 'Model calls of a trace: agl calls list --trace ID'
    throw new AglError('AGL_NOT_FOUND', { what: `A model call of span ${query.spanId}`, todo })
  }
  const detail = await callDetail(sources, summary)
  return { ...detailJson(detail), previous: await previousOf(sources, detail) }
}

/** A page of an export, as lines of JSON. */
export async function exportCalls(
  sources: QuerySources,
  query: { filter: CallFilter; cursor?: string; messages: boolean },
): Promise<{ lines: string[]; cursor: string | null }> {
  const lines: string[] = []
  let cursor = query.cursor
  let bytes = 0
  do {
    // Few at a time: the size of a call is known only once it is read.
    const page = await callsPage(sources, {
      filter: query.filter,
      limit: 16,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const summary of page.items) {
      const line = await exportLine(sources, summary, query.messages)
      lines.push(line)
      bytes += line.length
    }
    cursor = page.cursor
  } while (cursor !== undefined && bytes < EXPORT_PAGE_BYTES)
  return { lines, cursor: cursor ?? null }
}

async function exportLine(
  sources: QuerySources,
  summary: CallSummary,
  withMessages: boolean,
): Promise<string> {
  const detail = await callDetail(sources, summary)
  const more = withMessages ? await messages(sources, summary) : {}
  return JSON.stringify(exportJson(detail, more), (_, member: unknown) =>
    typeof member === 'bigint' ? String(member) : member,
  )
}

async function callsPage(sources: QuerySources, { filter, ...rest }: CallsQuery) {
  const { traceId } = filter
  if (traceId === undefined) return sources.store.calls({ filter, ...rest })
  const trace = await findTrace(sources.store, traceId)
  return sources.store.calls({ filter: { ...filter, traceId: trace.traceId }, ...rest })
}

async function findCall({ store }: QuerySources, id: string): Promise<CallSummary> {
  const asked = id.toLowerCase()
  const exact = await store.call(asked)
  if (exact) return exact
  const ofSpan = /^([0-9a-f]{1,32})-([0-9a-f]{16})$/.exec(asked)
  if (ofSpan) {
    const { traceId } = await findTrace(store, ofSpan[1] as string)
    const found = await store.callOfSpan(traceId, ofSpan[2] as string)
    if (found) return found
  }
  const ids = await store.callIds(asked, 2)
  if (ids.length > 1) throw new AglError('AGL_AMBIGUOUS_ID', { id: asked, count: 'more than one' })
  const found = ids[0] === undefined ? undefined : await store.call(ids[0])
  if (found) return found
  throw new AglError('AGL_NOT_FOUND', {
    what: `Call ${id.slice(0, 64)}`,
    todo: 'See `agl calls list` for the calls there are.',
  })
}

function detailJson(detail: CallDetail): object {
  const { summary, tokens, other, verdict } = detail
  return {
    call: summaryJson(summary),
    ...tokensJson(tokens),
    verdict,
    shapes: tokens.shapes,
    problems: tokens.problems,
    ...(other && verdict.code === 'ids.conflict' ? { other: tokensJson(other) } : {}),
  }
}

/** What only the gateway's records tell. */
function recordJson(sources: QuerySources, summary: CallSummary): object {
  const recorded = recordedCall(sources, summary)
  if (!recorded) return {}
  const { identity, request, reply } = recorded
  return {
    method: identity.method,
    path: identity.path,
    flagsAdded: identity.added,
    requestHeaders: headersJson(request?.head.requestHeaders),
    ...(reply && {
      responseHeaders: headersJson(reply.head.responseHeaders),
      flagsRefused: reply.head.refusedFlags,
      retries: reply.head.retries,
      firstByteMs: reply.head.firstByteMs ?? null,
      firstTokenMs: reply.head.firstTokenMs ?? null,
      gaps: reply.head.gaps,
      truncated: reply.head.truncated,
    }),
  }
}

function headersJson(headers: RecordedHeaders | undefined): RecordedHeaders | null {
  return headers ?? null
}

/** Request and reply: as they were sent where the gateway saw them, else the messages on the span. */
async function messages(
  sources: QuerySources,
  summary: CallSummary,
): Promise<{ request: unknown; reply: unknown }> {
  const recorded = recordedCall(sources, summary)
  if (recorded) {
    const { request, reply } = recorded
    return { request: request ? jsonOr(request.body) : null, reply: reply ? replyJson(reply) : null }
  }
  const address = await spanOf(sources, summary)
  if (!address) return { request: null, reply: null }
  const { input, output, tools } = await messagesOfSpan(sources, address)
  return { request: { messages: input, tools }, reply: { messages: output } }
}

/** A plain reply as it was sent; of a stream what its parts make together. */
function replyJson({
  head,
  body,
}: NonNullable<NonNullable<ReturnType<typeof recordedCall>>['reply']>): unknown {
  const whole = jsonOr(body)
  if (typeof whole === 'object') return whole
  const { choices } = assembleReply(body, { dialect: head.dialect, streamed: head.stream })
  return choices.length > 0 ? { choices } : whole
}

function jsonOr(body: Buffer): unknown {
  const text = body.toString('utf8')
  try {
    return parseShallow(text)
  } catch {
    return text
  }
}

/** The earlier call of the trace that the prompt shares most with. */
async function previousOf(
  sources: QuerySources,
  { summary, tokens }: CallDetail,
): Promise<(Continuation & { id: string; spanId: string }) | null> {
  const prompt = tokens.promptTokenIds ?? tokens.choices[0]?.promptTokenIds
  if (!prompt) return null
  const filter = { traceId: summary.traceId, withIds: true, untilNs: summary.startNs }
  const earlier = await sources.store.calls({ filter, limit: MOST_EARLIER })
  let best: (Continuation & { id: string; spanId: string }) | null = null
  for (const call of earlier.items) {
    const found = continuationOf(prompt, (await callDetail(sources, call)).tokens)
    // The latest of those that share as much.
    if (found && (!best || found.shared > best.shared)) best = { ...found, id: call.id, spanId: call.spanId }
  }
  return best
}
