// Replies of the Responses API: output items, in a stream told by deltas and once more whole in its last event.
import { countOf, type JsonObject, listOf, objectOf, textOf } from '../json.ts'
import type { ChoiceBuilder, Choices } from './builder.ts'

/** Reads a reply or an event; false when it is of another API. */
export function readResponses(object: JsonObject, _streamed: boolean, choices: Choices): boolean {
  const type = textOf(object.type)
  if (type?.startsWith('response.')) {
    const response = objectOf(object.response)
    if (response) readWhole(response, choices.of(0))
    else readDelta(type, object, choices.of(0))
    return true
  }
  if (object.object !== 'response' && !Array.isArray(object.output)) return false
  readWhole(object, choices.of(0))
  return true
}

function readWhole(response: JsonObject, choice: ChoiceBuilder): void {
  choice.role = 'assistant'
  const status = textOf(response.status)
  if (status === 'in_progress' || status === 'queued') return
  choice.finishReason = textOf(objectOf(response.incomplete_details)?.reason) ?? status
  choice.clear()
  for (const [at, item] of listOf(response.output).entries()) readItem(objectOf(item) ?? {}, at, choice)
}

function readItem(item: JsonObject, at: number, choice: ChoiceBuilder): void {
  if (item.type === 'function_call')
    choice.call(at, { id: item.call_id ?? item.id, name: item.name, arguments: item.arguments })
  const isReasoning = item.type === 'reasoning'
  for (const value of [...listOf(item.content), ...(isReasoning ? listOf(item.summary) : [])]) {
    const part = objectOf(value)
    choice.append('refusal', part?.refusal)
    choice.append(isReasoning ? 'reasoning' : 'content', part?.text)
  }
}

function readDelta(type: string, event: JsonObject, choice: ChoiceBuilder): void {
  const at = countOf(event.output_index) ?? 0
  if (type === 'response.output_text.delta') choice.append('content', event.delta)
  else if (type === 'response.refusal.delta') choice.append('refusal', event.delta)
  else if (/^response\.reasoning(_summary)?(_text)?\.delta$/.test(type))
    choice.append('reasoning', event.delta)
  else if (type === 'response.function_call_arguments.delta') choice.call(at, { arguments: event.delta })
  else if (type === 'response.output_item.added') {
    const item = objectOf(event.item)
    if (item?.type === 'function_call') choice.call(at, { id: item.call_id ?? item.id, name: item.name })
  }
}
