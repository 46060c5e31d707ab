// A legacy event as a span, in the attribute names of AgentOps 0.4, with the event itself beside them.
import { type DecodedSpan, emptyEvent, emptyLink, emptySpan } from '../../otlp/decode/types.ts'
import { errorLine } from '../error-line.ts'
import { type EventKind, kindOfEvent } from './event-kind.ts'
import { agentSpanId, eventSpanId, rootSpanId } from './ids.ts'
import { writeCompletion, writePrompt } from './messages.ts'
import { replyOf, writeTokenIds } from './reply.ts'
import { timeOf } from './times.ts'
import { Attributes, type JsonObject, numberOf, shownOf, tagsOf, textOf } from './values.ts'

/** Attribute that holds a legacy event, session or agent as it came, whole. */
export const ORIGINAL = 'agentops.legacy.event'

/** Where a legacy object stands: its ids in hex, its text as it came, and when. */
export interface Place {
  readonly traceId: string
  readonly spanId: string
  readonly original: string
  readonly receivedNs: bigint
}

const ERROR = 2
const INTERNAL = 1
const CLIENT = 3

type Writer = (span: DecodedSpan, attributes: Attributes, event: JsonObject) => void

const writers: Readonly<Record<EventKind, Writer>> = {
  llms: writeCall,
  tools: writeTool,
  actions: (span, attributes, event) => writeAction(span, attributes, event, 'task'),
  apis: (span, attributes, event) => writeAction(span, attributes, event, 'http'),
  errors: writeError,
}

/** The span of an event. */
export function eventSpan(event: JsonObject, place: Place): DecodedSpan {
  const attributes = new Attributes()
  const start = timeOf(event.init_timestamp) ?? timeOf(event.timestamp) ?? timeOf(event.end_timestamp)
  const agent = textOf(event.agent_id)
  const span: DecodedSpan = {
    ...emptySpan(),
    traceId: place.traceId,
    spanId: place.spanId,
    parentSpanId: agent === undefined ? rootSpanId(place.traceId) : agentSpanId(place.traceId, agent),
    kind: INTERNAL,
    startTimeUnixNano: String(start ?? place.receivedNs),
    endTimeUnixNano: String(timeOf(event.end_timestamp) ?? start ?? place.receivedNs),
  }
  writers[kindOfEvent(event)](span, attributes, event)
  attributes.text('agent.id', agent)
  attributes.text('thread.id', textOf(event.thread_id))
  attributes.texts('agentops.tags', tagsOf(event.tags))
  attributes.text('agentops.entity.input', shownOf(event.params))
  attributes.text('agentops.entity.output', shownOf(event.returns ?? event.output))
  attributes.text('agentops.logs', span.events.length > 0 ? undefined : shownOf(event.logs))
  // Before 0.1 an event says itself how it went.
  if (/^fail/i.test(textOf(event.result) ?? '')) span.status = { code: ERROR, message: 'Fail' }
  attributes.text(ORIGINAL, place.original)
  span.attributes = attributes.list
  return span
}

function writeCall(span: DecodedSpan, attributes: Attributes, event: JsonObject): void {
  const reply = replyOf(event.returns)
  const model = textOf(event.model) ?? reply?.model
  span.name = `llm:${model ?? 'unknown'}`
  span.kind = CLIENT
  attributes.text('agentops.span.kind', 'llm')
  attributes.text('gen_ai.request.model', textOf(event.model))
  attributes.text('gen_ai.response.model', reply?.model)
  attributes.text('gen_ai.response.id', reply?.id)
  attributes.integer('gen_ai.usage.prompt_tokens', numberOf(event.prompt_tokens) ?? reply?.promptTokens)
  attributes.integer(
    'gen_ai.usage.completion_tokens',
    numberOf(event.completion_tokens) ?? reply?.completionTokens,
  )
  attributes.integer('gen_ai.usage.total_tokens', reply?.totalTokens)
  attributes.double('gen_ai.usage.total_cost', numberOf(event.cost))
  if (reply) writeTokenIds(attributes, reply)
  writePrompt(attributes, event.prompt)
  writeCompletion(attributes, event.completion)
}

function writeTool(span: DecodedSpan, attributes: Attributes, event: JsonObject): void {
  const name = textOf(event.tool_name) ?? textOf(event.name)
  span.name = `tool:${name ?? 'unknown'}`
  attributes.text('agentops.span.kind', 'tool')
  attributes.text('tool.name', name)
  attributes.text('tool.parameters', shownOf(event.params))
  attributes.text('tool.result', shownOf(event.returns))
}

function writeAction(span: DecodedSpan, attributes: Attributes, event: JsonObject, kind: string): void {
  const type = textOf(event.event_type)
  const free = type === 'actions' || type === 'apis' ? undefined : type
  const name = textOf(event.name) ?? free ?? textOf(event.action_type)
  span.name = `action:${textOf(event.action_type) ?? free ?? 'unknown'}`
  attributes.text('agentops.span.kind', kind)
  attributes.text('operation.name', name)
  attributes.text('agentops.screenshot', textOf(event.screenshot))
}

function writeError(span: DecodedSpan, attributes: Attributes, event: JsonObject): void {
  const type = textOf(event.error_type)
  const message = shownOf(event.details) ?? lastLine(event.logs)
  span.name = `error:${type ?? 'unknown'}`
  span.status = { code: ERROR, message: [type, message].filter(Boolean).join(': ') || 'error' }
  attributes.text('error.type', type)
  attributes.text('error.message', message)
  attributes.text('error.code', shownOf(event.code))
  const exception = new Attributes()
  exception.text('exception.type', type)
  exception.text('exception.message', message)
  exception.text('exception.stacktrace', shownOf(event.logs))
  const at = span.startTimeUnixNano
  span.events = [{ ...emptyEvent(), name: 'exception', timeUnixNano: at, attributes: exception.list }]
  const trigger = textOf(event.trigger_event_id)
  if (trigger === undefined) return
  attributes.text('error.trigger_event_id', trigger)
  span.links = [{ ...emptyLink(), traceId: span.traceId, spanId: eventSpanId(span.traceId, trigger) }]
}

function lastLine(logs: unknown): string | undefined {
  const text = textOf(logs)
  return text === undefined ? undefined : errorLine(text.slice(text.lastIndexOf('\n') + 1))
}
