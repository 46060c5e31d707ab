// From the body of a reply, plain or streamed, to the messages in it: for display and for export.
import { choiceOf, Envelope } from '../envelope.ts'
import type { JsonObject } from '../json.ts'
import { Problems } from '../problems.ts'
import { type BodyFacts, type BodySink, readBody, readValue } from '../read-body.ts'
import { partOf } from '../shapes/shape.ts'
import { type AssembledChoice, Choices } from './builder.ts'
import { readChat } from './chat.ts'
import { readMessages } from './messages.ts'
import { readNative } from './native.ts'
import { readResponses } from './responses.ts'

/** The messages of a reply. */
export interface AssembledReply {
  /** By index. A stream that broke off gives what came. */
  readonly choices: readonly AssembledChoice[]
}

/**
 * Puts the messages of a reply together: of every choice, in the form of a plain chat completion, whichever API
 * the reply is of. A reply without messages (an error, say) gives no choices. Never throws.
 */
export function assembleReply(body: Uint8Array, about: BodyFacts = {}): AssembledReply {
  const sink = new Messages()
  readBody(body, about, sink, new Problems())
  return { choices: sink.choices.result() }
}

/** As `assembleReply` for a plain reply that is parsed already. */
export function assembleParsed(value: unknown): AssembledReply {
  const sink = new Messages()
  readValue(value, sink, new Problems())
  return { choices: sink.choices.result() }
}

class Messages implements BodySink {
  readonly choices = new Choices()

  reply(object: JsonObject, at: number): void {
    this.#read(object, false, at)
  }

  frame(object: JsonObject): void {
    this.#read(object, true, 0)
  }

  #read(object: JsonObject, streamed: boolean, at: number): void {
    const { choices } = this
    if (readChat(object, streamed, choices)) return
    if (readMessages(object, streamed, choices) || readResponses(object, streamed, choices)) return
    const part = partOf(object, streamed, choiceOf(object) ?? at)
    const envelope = new Envelope(new Problems())
    envelope.read(part)
    if (!envelope.reasons.has(part.choice) && object.token === undefined && object.message === undefined)
      return
    const choice = choices.of(part.choice)
    choice.finishReason = envelope.reasons.get(part.choice) ?? choice.finishReason
    readNative(object, streamed, choice)
  }
}
