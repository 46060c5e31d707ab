// Text of the servers' own routes: llama.cpp `/completion`, SGLang `/generate`, TGI `/generate`; Ollama's messages.
import { type JsonObject, objectOf, textOf } from '../json.ts'
import type { ChoiceBuilder } from './builder.ts'

/** Reads a reply or a frame. */
export function readNative(object: JsonObject, streamed: boolean, choice: ChoiceBuilder): void {
  const token = objectOf(object.token)
  const message = objectOf(object.message)
  if (message && textOf(message.role)) {
    choice.role = textOf(message.role)
    choice.append('content', message.content)
    choice.append('reasoning', message.thinking)
  } else if (typeof object.generated_text === 'string') choice.set('text', object.generated_text)
  else if (token) choice.append('text', token.special === true ? undefined : token.text)
  else if (objectOf(object.meta_info) && typeof object.text === 'string')
    readSglang(object.text, streamed, choice)
  else if (object.role === undefined) choice.append('text', object.content)
}

/** A stream repeats the text from its start. */
function readSglang(text: string, streamed: boolean, choice: ChoiceBuilder): void {
  if (streamed || text !== '') choice.set('text', text)
}
