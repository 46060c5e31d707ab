// Messages on span events: OpenTelemetry GenAI conventions up to 1.36 (`gen_ai.user.message`, `gen_ai.choice`),
// and the `operation.details` event that replaced them.
import { plainValue } from '../../otlp/decode/plain-value.ts'
import type { DecodedEvent } from '../../otlp/decode/types.ts'
import { messageOf, messagesOf } from './parts.ts'
import { members, parsed, said, type Value } from './read.ts'
import type { Message } from './types.ts'

/** Both sides of the conversation that events tell; empty for events of other kinds. */
export function eventMessages(events: readonly DecodedEvent[]): { input: Message[]; output: Message[] } {
  const input: Message[] = []
  const output: Message[] = []
  for (const { name, attributes } of events) {
    if (!name.startsWith('gen_ai.')) continue
    const own = Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]))
    const role = /^gen_ai\.(system|user|assistant|tool)\.message$/.exec(name)?.[1]
    if (role !== undefined) input.push(messageOf(spread(own), role))
    else if (name === 'gen_ai.choice') output.push(choice(own))
    else if (name === 'gen_ai.content.prompt') input.push(...messagesOf(own['gen_ai.prompt'], 'user'))
    else if (name === 'gen_ai.content.completion')
      output.push(...messagesOf(own['gen_ai.completion'], 'assistant'))
    else if (name === 'gen_ai.client.inference.operation.details') {
      input.push(...messagesOf(own['gen_ai.input.messages'], 'user'))
      output.push(...messagesOf(own['gen_ai.output.messages'], 'assistant'))
    }
  }
  return { input, output }
}

function choice(own: { readonly [key: string]: Value }): Message {
  const { message, finish_reason, ...rest } = spread(own)
  const spoken = members(parsed(message))
  const body =
    Object.keys(spoken).length > 0 ? spoken : typeof message === 'string' ? { content: message } : rest
  const reason = said(finish_reason)
  // OpenLLMetry has the calls beside the message.
  const { tool_calls } = rest
  return messageOf(
    {
      ...defined({ tool_calls, ...defined(body) }),
      ...(reason === undefined ? {} : { finish_reason: reason }),
    },
    'assistant',
  )
}

/** Values are JSON text on span events, whose attributes hold no objects. */
function spread(own: { readonly [key: string]: Value }): { [key: string]: Value & {} } {
  return defined(Object.fromEntries(Object.entries(own).map(([key, value]) => [key, parsed(value)])))
}

function defined(own: { readonly [key: string]: Value }): { [key: string]: Value & {} } {
  return Object.fromEntries(
    Object.entries(own).filter(([, value]) => value !== undefined && value !== null),
  ) as { [key: string]: Value & {} }
}
