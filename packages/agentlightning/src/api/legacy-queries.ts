// What the read routes of AgentOps v2 are answered from: a session's sums, and its events as they came.
import type { LogReader } from '../log/reader.ts'
import type { SpanAddress, StoreReader } from '../store/contract.ts'
import { kindOfEvent } from '../trace/legacy/event-kind.ts'
import { agentSpanId, rootSpanId, traceIdOfSession } from '../trace/legacy/ids.ts'
import { type JsonObject, objectOf, textOf, unwrapped } from '../trace/legacy/values.ts'

interface Sources {
  readonly store: StoreReader
  readonly log: Pick<LogReader, 'slice'>
}

/** Payload bytes that one answer may hold: the hosted API has no pages. */
const MOST_BYTES = 64 * 1024 * 1024

/** Sums of a session, or null when nothing of it is known. */
export interface SessionStats {
  readonly events: number
  /** USD with at least two decimals. */
  readonly cost: string
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly errors: number
}

/** A session and its events by kind, as the client sent them. */
export interface SessionExport {
  readonly session: JsonObject | null
  readonly actions: readonly JsonObject[]
  readonly llms: readonly JsonObject[]
  readonly tools: readonly JsonObject[]
  readonly errors: readonly JsonObject[]
}

/** The sums of `/v2/sessions/{id}/stats`. */
export async function getSessionStats(
  { store }: Sources,
  query: { sessionId: string },
): Promise<SessionStats | null> {
  const trace = await store.trace(traceIdOfSession(query.sessionId))
  if (!trace) return null
  return {
    events: trace.spans - (trace.rootKnown ? 1 : 0),
    cost: moneyText(trace.cost ?? 0),
    prompt_tokens: trace.inputTokens ?? 0,
    completion_tokens: trace.outputTokens ?? 0,
    errors: trace.errors,
  }
}

/** The session of `/v2/sessions/{id}/export`, or null when nothing of it is known. */
export async function exportSession(
  sources: Sources,
  query: { sessionId: string },
): Promise<SessionExport | null> {
  const traceId = traceIdOfSession(query.sessionId)
  if (!(await sources.store.trace(traceId))) return null
  let session: JsonObject | null = null
  const actions: JsonObject[] = []
  const llms: JsonObject[] = []
  const tools: JsonObject[] = []
  const errors: JsonObject[] = []
  const lists = { actions, apis: actions, llms, tools, errors }
  await forEachOriginal(sources, traceId, (original, spanId) => {
    const id = textOf(original.id)
    if (spanId === rootSpanId(traceId)) session = original
    else if (id === undefined || spanId !== agentSpanId(traceId, id))
      lists[kindOfEvent(original)].push(original)
  })
  return { session, actions, llms, tools, errors }
}

/** One call for the time travel of 0.3.5 to 0.3.26: a prompt and what is to be returned for it. */
export interface TravelRow {
  readonly prompt: { readonly type: string; readonly messages: unknown }
  readonly returns: unknown
}

/** The calls of a session in the form that the SDK's time travel reads; none for an unknown id. */
export async function timeTravel(sources: Sources, query: { sessionId: string }): Promise<TravelRow[]> {
  const rows: TravelRow[] = []
  const traceId = traceIdOfSession(query.sessionId)
  await forEachOriginal(sources, traceId, (original) => {
    if (original.prompt === undefined || kindOfEvent(original) !== 'llms') return
    const prompt = unwrapped(original.prompt)
    const messages = objectOf(prompt)?.messages ?? prompt
    rows.push({ prompt: { type: 'chatml', messages }, returns: original.returns ?? null })
  })
  return rows
}

async function forEachOriginal(
  { store, log }: Sources,
  traceId: string,
  visit: (original: JsonObject, spanId: string) => void,
): Promise<void> {
  let cursor: string | undefined
  let bytes = 0
  do {
    const page = await store.spanAddresses(traceId, {
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const address of page.items) {
      if (address.encoding !== 'legacy' || bytes + address.span.length > MOST_BYTES) continue
      bytes += address.span.length
      const original = objectOf(JSON.parse(textAt(log, address)))
      if (original) visit(original, address.spanId)
    }
    cursor = page.cursor
  } while (cursor !== undefined)
}

function textAt(log: Pick<LogReader, 'slice'>, { span }: SpanAddress): string {
  return log.slice(span.segment, span.offset, span.length).toString('utf8')
}

/** USD in decimal: two places, more where there are more, since SDKs read it with `Decimal()`. */
export function moneyText(usd: number): string {
  const text = usd.toFixed(7).replace(/0+$/, '')
  return text.length - text.indexOf('.') <= 2 ? usd.toFixed(2) : text
}
