// A legacy session as the root span of its trace, and an agent of it as a span below.
import { type DecodedSpan, emptySpan } from '../../otlp/decode/types.ts'
import { ORIGINAL, type Place } from './event-span.ts'
import { rootSpanId } from './ids.ts'
import { timeOf } from './times.ts'
import { Attributes, type JsonObject, tagsOf, textOf } from './values.ts'

const INTERNAL = 1
const statusOfEnd: Readonly<Record<string, number>> = { success: 1, fail: 2 }

/**
 * The root span of a session. While the session has not ended its end time is 0 and it has no end state: from
 * 0.3.16 on it says `Indeterminate` from the beginning.
 */
export function sessionSpan(session: JsonObject, place: Place): DecodedSpan {
  const attributes = new Attributes()
  const end = timeOf(session.end_timestamp)
  const state = textOf(session.end_state)
  const reason = textOf(session.end_state_reason)
  const ended = end !== undefined
  attributes.text('agentops.span.kind', 'session')
  attributes.text('session.id', textOf(session.session_id))
  attributes.texts('agentops.tags', tagsOf(session.tags))
  attributes.text('agentops.session.end_state', ended ? state : undefined)
  attributes.text('agentops.session.end_state_reason', reason)
  attributes.text('agentops.session.rating', textOf(session.rating))
  attributes.text('agentops.session.video', textOf(session.video))
  attributes.text(ORIGINAL, withoutToken(place.original, session.jwt))
  const code = ended ? (statusOfEnd[state?.toLowerCase() ?? ''] ?? 0) : 0
  return {
    ...emptySpan(),
    traceId: place.traceId,
    spanId: place.spanId,
    name: 'session',
    kind: INTERNAL,
    startTimeUnixNano: String(timeOf(session.init_timestamp) ?? place.receivedNs),
    endTimeUnixNano: String(end ?? 0n),
    attributes: attributes.list,
    status: { code, message: code === 2 ? (reason ?? '') : '' },
  }
}

/** The span of an agent, named by `create_agent`: its events are below it. It has no time but its receipt. */
export function agentSpan(agent: JsonObject, place: Place): DecodedSpan {
  const attributes = new Attributes()
  const name = textOf(agent.name)
  attributes.text('agentops.span.kind', 'agent')
  attributes.text('agent.id', textOf(agent.id))
  attributes.text('agent.name', name)
  attributes.text(ORIGINAL, place.original)
  return {
    ...emptySpan(),
    traceId: place.traceId,
    spanId: place.spanId,
    parentSpanId: rootSpanId(place.traceId),
    name: `agent:${name ?? 'unknown'}`,
    kind: INTERNAL,
    startTimeUnixNano: String(place.receivedNs),
    endTimeUnixNano: String(place.receivedNs),
    attributes: attributes.list,
  }
}

/** 0.3 sends the token of the session along in every update of it: readers of a trace must not get to write to it. */
function withoutToken(original: string, token: unknown): string {
  const text = textOf(token)
  return text === undefined ? original : original.replaceAll(text, 'removed')
}
