// Messages of Anthropic's API: content blocks, in a stream each begun, continued by deltas and ended.
import { countOf, type JsonObject, listOf, objectOf, textOf } from '../json.ts'
import type { ChoiceBuilder, Choices } from './builder.ts'

/** Reads a reply or an event; false when it is of another API. */
export function readMessages(object: JsonObject, _streamed: boolean, choices: Choices): boolean {
  switch (object.type) {
    case 'message':
      readWhole(object, choices.of(0))
      return true
    case 'message_start':
      readWhole(objectOf(object.message) ?? {}, choices.of(0))
      return true
    case 'content_block_start':
      readBlock(objectOf(object.content_block) ?? {}, countOf(object.index) ?? 0, choices.of(0), true)
      return true
    case 'content_block_delta':
      readDelta(objectOf(object.delta) ?? {}, countOf(object.index) ?? 0, choices.of(0))
      return true
    case 'message_delta':
      choices.of(0).finishReason = textOf(objectOf(object.delta)?.stop_reason) ?? choices.of(0).finishReason
      return true
    default:
      return object.type === 'message_stop' || object.type === 'content_block_stop' || object.type === 'ping'
  }
}

function readWhole(message: JsonObject, choice: ChoiceBuilder): void {
  choice.role = textOf(message.role) ?? 'assistant'
  choice.finishReason = textOf(message.stop_reason) ?? choice.finishReason
  for (const [at, item] of listOf(message.content).entries())
    readBlock(objectOf(item) ?? {}, at, choice, false)
}

function readBlock(block: JsonObject, at: number, choice: ChoiceBuilder, streamed: boolean): void {
  if (block.type === 'text') choice.append('content', block.text)
  else if (block.type === 'thinking') choice.append('reasoning', block.thinking)
  else if (block.type === 'tool_use')
    choice.call(at, { id: block.id, name: block.name, arguments: streamed ? undefined : (block.input ?? {}) })
}

function readDelta(delta: JsonObject, at: number, choice: ChoiceBuilder): void {
  if (delta.type === 'text_delta') choice.append('content', delta.text)
  else if (delta.type === 'thinking_delta') choice.append('reasoning', delta.thinking)
  else if (delta.type === 'input_json_delta') choice.call(at, { arguments: delta.partial_json })
}
