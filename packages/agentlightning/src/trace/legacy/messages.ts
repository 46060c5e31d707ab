// Prompts and completions as the indexed attributes that AgentOps 0.4 and OpenLLMetry write.
import { type Attributes, objectOf, shownOf, textOf, unwrapped } from './values.ts'

/** Writes a prompt: a text, or a list of messages. */
export function writePrompt(attributes: Attributes, prompt: unknown): void {
  writeMessages(attributes, 'gen_ai.prompt', prompt, 'user')
}

/** Writes a completion: a text, a message, or a list of messages. */
export function writeCompletion(attributes: Attributes, completion: unknown): void {
  writeMessages(attributes, 'gen_ai.completion', completion, 'assistant')
}

function writeMessages(attributes: Attributes, prefix: string, value: unknown, role: string): void {
  const given = unwrapped(value)
  if (given === undefined || given === null || given === '') return
  // The hosted service wraps both: `{"type": "chatml", "messages": …}`, `{"type": "string", "string": …}`.
  const wrapper = objectOf(given)
  const inner = wrapper?.messages ?? (wrapper?.type === 'string' ? wrapper.string : given)
  for (const [at, message] of (Array.isArray(inner) ? inner : [inner]).entries())
    writeMessage(attributes, `${prefix}.${at}`, message, role)
}

function writeMessage(attributes: Attributes, prefix: string, value: unknown, role: string): void {
  const message = objectOf(unwrapped(value))
  attributes.text(`${prefix}.role`, textOf(message?.role) ?? role)
  if (!message) {
    attributes.text(`${prefix}.content`, shownOf(value))
    return
  }
  attributes.text(`${prefix}.content`, shownOf(message.content))
  attributes.text(`${prefix}.tool_call_id`, textOf(message.tool_call_id))
  attributes.text(`${prefix}.finish_reason`, textOf(message.finish_reason))
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls : []
  for (const [at, item] of calls.entries()) {
    const call = objectOf(item)
    const called = objectOf(call?.function)
    attributes.text(`${prefix}.tool_calls.${at}.id`, textOf(call?.id))
    attributes.text(`${prefix}.tool_calls.${at}.name`, textOf(called?.name))
    attributes.text(`${prefix}.tool_calls.${at}.arguments`, shownOf(called?.arguments))
  }
}
