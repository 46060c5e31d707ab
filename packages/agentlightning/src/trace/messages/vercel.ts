// The attributes in which Vercel's AI SDK keeps what a call said before its version 7 (`packages/ai/src/telemetry`):
// the prompt as one JSON object, the answer in one attribute for each of its kinds, embedded texts as JSON.
import { messageOf, messagesOf } from './parts.ts'
import { firstOf, members, parsed, said, unquoted, type Value } from './read.ts'
import type { Message, Part } from './types.ts'

type Attributes = ReadonlyMap<string, Value>

/** `ai.prompt`: instructions apart from the messages, or from a prompt that is one text. */
export function vercelPrompt(attributes: Attributes): Message[] {
  const { system, instructions, messages, prompt } = members(parsed(attributes.get('ai.prompt')))
  return [
    ...spoken(firstOf({ instructions, system }, 'instructions', 'system'), 'system'),
    ...spoken(firstOf({ messages, prompt }, 'messages', 'prompt'), 'user'),
  ]
}

/** A text is a message as it is, whatever it looks like. */
function spoken(value: Value, role: string): Message[] {
  return typeof value === 'string' ? [messageOf(value, role)] : messagesOf(value, role)
}

/** `ai.response.*`, and `ai.result.*` of version 3: reasoning, text or object, and tool calls of one answer. */
export function vercelAnswer(attributes: Attributes): Message[] {
  const of = (name: string) => attributes.get(`ai.response.${name}`) ?? attributes.get(`ai.result.${name}`)
  const text = said(of('text'))
  const object = said(of('object'))
  const reasoning = said(of('reasoning'))
  const calls = parsed(of('toolCalls'))
  const [called] = Array.isArray(calls) ? messagesOf([{ tool_calls: calls }], 'assistant') : []
  const parts: Part[] = [
    ...(reasoning === undefined ? [] : [{ type: 'reasoning' as const, text: reasoning }]),
    ...(text === undefined ? [] : [{ type: 'text' as const, text }]),
    ...(object === undefined ? [] : [{ type: 'json' as const, text: object }]),
    ...(called?.parts ?? []),
  ]
  if (parts.length === 0) return []
  const finishReason = said(of('finishReason'))
  return [{ role: 'assistant', parts, ...(finishReason === undefined ? {} : { finishReason }) }]
}

/** `ai.value` and `ai.values`: the texts that were embedded. */
export function vercelValues(attributes: Attributes): Message[] {
  const values = attributes.get('ai.values') ?? attributes.get('ai.value')
  const list = Array.isArray(values) ? values : [values]
  return list.flatMap((value) => {
    const text = said(unquoted(value))
    return text === undefined ? [] : [{ role: 'input', parts: [{ type: 'text' as const, text }] }]
  })
}
