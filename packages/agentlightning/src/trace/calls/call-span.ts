// The span that the records of a gateway call stand for, in the attribute names of OTel GenAI
// (opentelemetry.io/docs/specs/semconv/gen-ai), with token ids as our own hooks write them.
import type { CallEnd, CallIdentity, CallStart } from '../../gateway/record.ts'
import { type DecodedSpan, emptyEvent, emptySpan } from '../../otlp/decode/types.ts'
import { assembleReply } from '../../token-ids/assemble/index.ts'
import type { CallTokens } from '../../token-ids/types.ts'
import { Attributes } from '../legacy/values.ts'
import { members, said, type Value } from '../messages/read.ts'
import { parseShallow } from '../nesting.ts'
import { operationOf } from './names.ts'

const CLIENT = 3
const ERROR = 2

/** What is known of a call: either record may be missing, the reply while it runs, the request once pruned. */
export interface RecordedCall {
  readonly identity: CallIdentity
  readonly request: { readonly head: CallStart; readonly body: Buffer } | undefined
  /** `body` without its content encoding. */
  readonly reply: { readonly head: CallEnd; readonly body: Buffer; readonly tokens: CallTokens } | undefined
  /** In one line, as the store keeps it. */
  readonly error: string | undefined
}

/** Parameters of a request and the attribute that holds each. */
const parameters: readonly (readonly [field: string, key: string, kind: 'double' | 'integer'])[] = [
  ['temperature', 'gen_ai.request.temperature', 'double'],
  ['top_p', 'gen_ai.request.top_p', 'double'],
  ['top_k', 'gen_ai.request.top_k', 'double'],
  ['frequency_penalty', 'gen_ai.request.frequency_penalty', 'double'],
  ['presence_penalty', 'gen_ai.request.presence_penalty', 'double'],
  ['max_tokens', 'gen_ai.request.max_tokens', 'integer'],
  ['max_completion_tokens', 'gen_ai.request.max_tokens', 'integer'],
  ['max_output_tokens', 'gen_ai.request.max_tokens', 'integer'],
  ['seed', 'gen_ai.request.seed', 'integer'],
  ['n', 'gen_ai.request.choice.count', 'integer'],
]

/** The span of a call. */
export function callSpan(call: RecordedCall): DecodedSpan {
  const { identity, request, reply, error } = call
  const { operation } = operationOf(identity.dialect)
  const attributes = new Attributes()
  writeTokenIds(attributes, reply?.tokens)
  attributes.text('gen_ai.operation.name', operation === 'http' ? undefined : operation)
  attributes.text('gen_ai.provider.name', identity.backend)
  attributes.text('gen_ai.request.model', identity.model)
  if (request) writeRequest(attributes, request.body)
  if (reply) writeReply(attributes, reply)
  attributes.text('http.request.method', identity.method)
  attributes.text('url.path', identity.path)
  attributes.integer('http.response.status_code', reply?.head.status || undefined)
  writeGateway(attributes, call)
  const endNs = reply?.head.endNs ?? '0'
  return {
    ...emptySpan(),
    traceId: identity.traceId,
    spanId: identity.spanId,
    parentSpanId: identity.parentSpanId ?? '',
    name: identity.model === undefined ? operation : `${operation} ${identity.model}`,
    kind: CLIENT,
    startTimeUnixNano: identity.startNs,
    endTimeUnixNano: endNs,
    attributes: attributes.list,
    events: (reply?.head.gaps ?? []).map(({ atMs, ms }) => {
      const gap = new Attributes()
      gap.double('agentlightning.gap.ms', ms)
      const at = BigInt(identity.startNs) + BigInt(Math.round(atMs * 1e6))
      return { ...emptyEvent(), name: 'gap', timeUnixNano: String(at), attributes: gap.list }
    }),
    status: error === undefined ? { code: 0, message: '' } : { code: ERROR, message: error },
  }
}

function writeTokenIds(attributes: Attributes, tokens: CallTokens | undefined): void {
  if (!tokens) return
  const [first] = tokens.choices
  attributes.integers('prompt_token_ids', listOf(tokens.promptTokenIds ?? first?.promptTokenIds))
  for (const { index, responseTokenIds, promptTokenIds } of tokens.choices) {
    attributes.integers(
      index === 0 ? 'response_token_ids' : `response_token_ids.${index}`,
      listOf(responseTokenIds),
    )
    if (index > 0 && promptTokenIds) attributes.integers(`prompt_token_ids.${index}`, listOf(promptTokenIds))
  }
  const logprobs = first?.logprobs
  if (logprobs) attributes.text('logprobs.content', JSON.stringify([...logprobs]))
}

function writeRequest(attributes: Attributes, body: Buffer): void {
  const request = members(jsonOf(body))
  for (const [field, key, kind] of parameters) {
    const value = request[field]
    if (typeof value === 'number') attributes[kind](key, value)
  }
  const stop = request.stop ?? request.stop_sequences
  attributes.texts(
    'gen_ai.request.stop_sequences',
    (Array.isArray(stop) ? stop : [stop]).flatMap((text) => said(text) ?? []),
  )
  attributes.text('gen_ai.system_instructions', jsonText(request.system ?? request.instructions))
  attributes.text('gen_ai.input.messages', inputOf(request))
  attributes.text('gen_ai.tool.definitions', jsonText(request.tools))
}

function inputOf(request: Readonly<Record<string, Value>>): string | undefined {
  const { messages, prompt, input, inputs, text } = request
  if (messages !== undefined) return jsonText(messages)
  const whole = prompt ?? input ?? inputs ?? text
  if (whole === undefined) return undefined
  if (Array.isArray(whole) && whole.some((item) => members(item).role !== undefined)) return jsonText(whole)
  const content = typeof whole === 'string' ? whole : JSON.stringify(whole)
  return JSON.stringify([{ role: 'user', content }])
}

function writeReply(
  attributes: Attributes,
  { head, body, tokens }: NonNullable<RecordedCall['reply']>,
): void {
  const { usage, choices } = tokens
  attributes.text('gen_ai.response.id', tokens.responseId)
  attributes.text('gen_ai.response.model', tokens.model)
  attributes.texts(
    'gen_ai.response.finish_reasons',
    choices.flatMap(({ finishReason }) => finishReason ?? []),
  )
  attributes.integer('gen_ai.usage.input_tokens', usage?.promptTokens)
  attributes.integer('gen_ai.usage.output_tokens', usage?.completionTokens)
  attributes.integer('gen_ai.usage.total_tokens', usage?.totalTokens)
  attributes.integer('gen_ai.usage.cache_read.input_tokens', usage?.cachedTokens)
  attributes.integer('gen_ai.usage.reasoning.output_tokens', usage?.reasoningTokens)
  if (head.status >= 400 || head.dialect === 'embeddings') return
  const messages = replyMessages(body, head)
  if (messages.length > 0) attributes.text('gen_ai.output.messages', JSON.stringify(messages))
}

/** The messages of a reply as the chat API writes them, with their finish reasons. */
function replyMessages(body: Buffer, { dialect, stream }: CallEnd): object[] {
  return assembleReply(body, { dialect, streamed: stream }).choices.map(({ message, text, finishReason }) => {
    const { reasoning, ...said } = message ?? { role: 'assistant', content: text ?? '' }
    return {
      ...said,
      ...(reasoning === undefined ? {} : { reasoning_content: reasoning }),
      ...(finishReason === undefined ? {} : { finish_reason: finishReason }),
    }
  })
}

function writeGateway(attributes: Attributes, { identity, reply }: RecordedCall): void {
  const name = (key: string): string => `agentlightning.${key}`
  attributes.text(name('call.id'), identity.callId)
  attributes.text(name('upstream'), identity.upstream)
  attributes.text(name('dialect'), identity.dialect)
  attributes.text(name('stream'), identity.stream ? 'true' : undefined)
  attributes.texts(name('tags'), identity.tags ?? [])
  attributes.texts(name('flags.added'), identity.added)
  if (!reply) return
  const { head } = reply
  attributes.text(name('outcome'), head.outcome)
  attributes.text(name('error'), head.error)
  attributes.texts(name('flags.refused'), head.refusedFlags)
  attributes.integer(name('retries'), head.retries || undefined)
  attributes.double(name('first_byte_ms'), head.firstByteMs)
  attributes.double(name('first_token_ms'), head.firstTokenMs)
  attributes.text(name('weight_version'), head.weightVersion ?? reply.tokens.weightVersion)
  attributes.text(name('truncated'), head.truncated ? 'true' : undefined)
}

function listOf(ids: Uint32Array | undefined): readonly number[] | undefined {
  return ids && Array.from(ids)
}

function jsonText(value: Value): string | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function jsonOf(body: Buffer): Value {
  try {
    return parseShallow(body.toString('utf8')) as Value
  } catch {
    return undefined
  }
}
