// The messages of a span, also where its client sent them as log records beside it: the events of the OpenTelemetry
// GenAI conventions (opentelemetry.io/docs/specs/semconv/gen-ai), which arrive in requests of their own.
import { AglError } from '../errors.ts'
import type { DecodedEvent } from '../otlp/decode/types.ts'
import type { SpanAddress } from '../store/contract.ts'
import { conversationOf } from '../trace/messages/conversation.ts'
import type { Conversation } from '../trace/messages/types.ts'
import { readPayload } from './decode-payload.ts'
import type { QuerySources } from './queries.ts'
import { getLogRecord } from './signal-queries.ts'

/** Log records of one span that are looked at. */
const MOST_RECORDS = 1000

/** The messages of the span at `address`. What the span itself says of a side goes before its log records. */
export async function messagesOfSpan(sources: QuerySources, address: SpanAddress): Promise<Conversation> {
  const { span } = readPayload(sources, address)
  const own = conversationOf(span)
  if (own.input.length > 0 && own.output.length > 0) return own
  const events = await eventRecords(sources, address)
  if (events.length === 0) return own
  return conversationOf({ attributes: span.attributes, events: [...span.events, ...events] })
}

async function eventRecords(
  sources: QuerySources,
  { traceId, spanId }: SpanAddress,
): Promise<DecodedEvent[]> {
  const { items } = await sources.store.traceLogRecords(traceId, { spanId, limit: MOST_RECORDS })
  const events: DecodedEvent[] = []
  for (const { id, eventName } of items)
    if (eventName?.startsWith('gen_ai.')) events.push(...(await eventOf(sources, id, eventName)))
  return events
}

/** The record as an event, what its body holds beside its attributes; none when its segment is gone. */
async function eventOf(sources: QuerySources, id: string, name: string): Promise<DecodedEvent[]> {
  try {
    const { record } = await getLogRecord(sources, { id })
    const { attributes, body, timeUnixNano, droppedAttributesCount } = record
    const members = body.kvlistValue?.values ?? []
    return [{ name, timeUnixNano, droppedAttributesCount, attributes: [...attributes, ...members] }]
  } catch (error) {
    if (error instanceof AglError && error.code === 'AGL_PRUNED') return []
    throw error
  }
}
