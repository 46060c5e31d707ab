// The span that the hooks make where nothing else makes one for a call: named and described as AgentOps' Python SDK
// does it, ids before any message.
import type { AssembledReply } from '../../token-ids/assemble/index.ts'
import { objectOf } from '../../token-ids/json.ts'
import type { CallTokens } from '../../token-ids/types.ts'
import type { CallApi, ModelRequest } from '../request.ts'
import { type AttributeValue, type OtelSpan, startSpan } from './otel.ts'
import { setOnSpan } from './write.ts'

const names: Readonly<Record<CallApi, string>> = {
  chat: 'openai.chat.completion',
  completions: 'openai.completion',
  responses: 'openai.responses',
}
const operations: Readonly<Record<CallApi, string>> = {
  chat: 'chat',
  completions: 'text_completion',
  responses: 'chat',
}
const parameters = ['max_tokens', 'temperature', 'top_p', 'seed', 'frequency_penalty', 'presence_penalty']
const ERROR = 2
const OK = 1

/** Starts a span for a call, below the active one; undefined where nobody would record it. */
export function startOwnSpan(request: ModelRequest, startTime?: number): OtelSpan | undefined {
  const span = startSpan(names[request.api], startTime)
  if (!span) return undefined
  const { body } = request
  const attributes: Record<string, AttributeValue> = {
    'agentops.span.kind': 'llm',
    'gen_ai.operation.name': operations[request.api],
    'gen_ai.system': 'openai',
    'server.address': request.url.hostname,
  }
  if (typeof body.model === 'string') attributes['gen_ai.request.model'] = body.model
  if (body.stream === true) attributes['gen_ai.request.streaming'] = true
  for (const name of parameters)
    if (typeof body[name] === 'number') attributes[`gen_ai.request.${name}`] = body[name]
  setOnSpan(span, attributes)
  return span
}

/** What a reply says beside its ids: after them, the messages last. */
export function describeReply(
  span: OtelSpan,
  request: ModelRequest,
  tokens: CallTokens,
  messages: AssembledReply | undefined,
): void {
  const { model, usage } = tokens
  const facts: Record<string, AttributeValue> = {}
  if (model !== undefined) facts['gen_ai.response.model'] = model
  if (usage?.promptTokens !== undefined) facts['gen_ai.usage.prompt_tokens'] = usage.promptTokens
  if (usage?.completionTokens !== undefined) facts['gen_ai.usage.completion_tokens'] = usage.completionTokens
  if (usage?.totalTokens !== undefined) facts['gen_ai.usage.total_tokens'] = usage.totalTokens
  for (const { index, finishReason } of tokens.choices)
    if (finishReason) facts[`gen_ai.completion.${index}.finish_reason`] = finishReason
  setOnSpan(span, facts)
  if (messages) setOnSpan(span, { ...promptOf(request), ...completionOf(messages) })
}

/** Ends a span whose call got its reply. */
export function endWell(span: OtelSpan): void {
  span.setStatus({ code: OK })
  span.end()
}

/** Ends a span whose call failed. */
export function endBadly(span: OtelSpan, error: unknown): void {
  span.recordException?.(error)
  span.setStatus({ code: ERROR, message: error instanceof Error ? error.message : String(error) })
  span.end()
}

function promptOf({ body }: ModelRequest): Record<string, AttributeValue> {
  const said = body.messages ?? body.input ?? body.prompt
  const messages = Array.isArray(said) ? said : [said]
  const found: Record<string, AttributeValue> = {}
  for (const [at, item] of messages.entries()) {
    const message = objectOf(item) ?? { role: 'user', content: item }
    addMessage(found, `gen_ai.prompt.${at}`, message)
  }
  return found
}

function completionOf({ choices }: AssembledReply): Record<string, AttributeValue> {
  const found: Record<string, AttributeValue> = {}
  for (const { index, message, text } of choices)
    addMessage(found, `gen_ai.completion.${index}`, { role: 'assistant', content: text, ...message })
  return found
}

function addMessage(
  found: Record<string, AttributeValue>,
  at: string,
  message: Readonly<Record<string, unknown>>,
): void {
  if (typeof message.role === 'string') found[`${at}.role`] = message.role
  const { content } = message
  if (typeof content === 'string') found[`${at}.content`] = content
  else if (content !== null && content !== undefined) found[`${at}.content`] = JSON.stringify(content)
  if (typeof message.tool_call_id === 'string') found[`${at}.tool_call_id`] = message.tool_call_id
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls : []
  for (const [number, item] of calls.entries()) {
    const call = objectOf(item)
    const made = objectOf(call?.function)
    const named = { id: call?.id, name: made?.name, arguments: made?.arguments }
    for (const [key, value] of Object.entries(named))
      if (typeof value === 'string') found[`${at}.tool_calls.${number}.${key}`] = value
  }
}
