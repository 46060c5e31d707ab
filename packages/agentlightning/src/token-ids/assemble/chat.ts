// Messages of chat completions: whole ones and deltas. Choices are told apart by their index alone, since SGLang
// gives the chunks of each choice an id of their own.
import { countOf, type JsonObject, listOf, objectOf, textOf } from '../json.ts'
import { partOf } from '../shapes/shape.ts'
import type { ChoiceBuilder, Choices } from './builder.ts'

/** Reads a reply or a chunk; false when it is of another API. */
export function readChat(object: JsonObject, streamed: boolean, choices: Choices): boolean {
  const part = partOf(object, streamed)
  for (const { index, object: entry } of part.choices) {
    const message = objectOf(entry.message) ?? objectOf(entry.delta)
    const choice = choices.of(index)
    choice.finishReason = textOf(entry.finish_reason) ?? choice.finishReason
    if (message) readMessage(message, choice)
    else choice.append('text', entry.text)
  }
  return Array.isArray(object.choices)
}

function readMessage(message: JsonObject, choice: ChoiceBuilder): void {
  choice.role ??= textOf(message.role) ?? 'assistant'
  choice.append('content', textOfContent(message.content))
  choice.append('reasoning', message.reasoning_content ?? message.reasoning)
  choice.append('refusal', message.refusal)
  for (const item of listOf(message.tool_calls)) {
    const call = objectOf(item)
    if (call) choice.call(keyOf(call, choice), { ...objectOf(call.function), id: call.id })
  }
  const old = objectOf(message.function_call)
  if (old) choice.call('function_call', old)
}

/** Which call a piece belongs to. Servers that do not number them begin a new one with a new id. */
function keyOf(call: JsonObject, choice: ChoiceBuilder): string | number {
  const { last, count } = choice.calls
  return countOf(call.index) ?? textOf(call.id) ?? last ?? count
}

/** The text of a content that is text, or a list of parts. */
export function textOfContent(content: unknown): string | undefined {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return undefined
  return content.map((part) => textOf(objectOf(part)?.text) ?? '').join('')
}
