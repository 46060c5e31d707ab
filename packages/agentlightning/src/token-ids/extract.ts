// From the body of a reply to its tokens.
import { Collector } from './collector.ts'
import { choiceOf, Envelope } from './envelope.ts'
import { type JsonObject, known, objectOf } from './json.ts'
import { Problems } from './problems.ts'
import { type BodyEnd, type BodyFacts, type BodySink, EventReader, readBody, readValue } from './read-body.ts'
import { shapes } from './shapes/index.ts'
import { partOf } from './shapes/shape.ts'
import type { CallTokens } from './types.ts'
import { addUsage } from './usage.ts'

/**
 * Reads the tokens out of a reply's body: of every choice, whichever server it came from, plain or streamed, whole
 * or broken off. Never throws: what cannot be used is named in `problems`.
 */
export function extractReply(body: Uint8Array, about: BodyFacts = {}): CallTokens {
  const gathered = new Gathered()
  const end = readBody(body, about, gathered, gathered.problems)
  return gathered.result(end, about.ended === true)
}

/** As `extractReply` for a body that is parsed already: an object, the text of one, or the list of a stream's frames. */
export function extractParsed(value: unknown): CallTokens {
  const gathered = new Gathered()
  return gathered.result(readValue(value, gathered, gathered.problems), true)
}

/** Reads the tokens out of a stream of events as it comes; the chunks may be cut anywhere. */
export class StreamTokens {
  readonly #gathered = new Gathered()
  readonly #events = new EventReader(this.#gathered, this.#gathered.problems)

  push(chunk: Uint8Array): void {
    this.#events.push(chunk)
  }

  /** Whether the end marker `[DONE]` has come. */
  get done(): boolean {
    return this.#events.done
  }

  /** What the stream said up to now. As dear as the lists are long: not for every chunk. */
  soFar(): CallTokens {
    return this.#gathered.result({ streamed: true, whole: this.#events.done }, false)
  }

  /** What the stream said. `ended`: the transport said that it is whole. Call once, after the last `push`. */
  end(ended = false): CallTokens {
    this.#events.end()
    return this.#gathered.result({ streamed: true, whole: this.#events.done }, ended)
  }
}

/** Everything that is gathered of one reply. */
class Gathered implements BodySink {
  readonly problems = new Problems()
  readonly #envelope = new Envelope(this.problems)
  readonly #collector = new Collector(shapes, this.problems)

  reply(object: JsonObject, at: number): void {
    const before = this.#envelope.usage
    const part = partOf(object, false, at === 0 ? (choiceOf(object) ?? 0) : at)
    this.#envelope.read(part)
    if (at > 0) this.#envelope.usage = addUsage(before, object)
    this.#collector.read(part)
  }

  frame(frame: JsonObject): void {
    const inner = objectOf(frame.response) ?? objectOf(frame.message)
    const object = typeof frame.type === 'string' && inner ? inner : frame
    const part = partOf(object, true, choiceOf(object) ?? 0)
    this.#envelope.readEvent(frame)
    this.#envelope.read(part)
    this.#collector.read(part)
  }

  result(end: BodyEnd, ended: boolean): CallTokens {
    const { responseId, model, usage, weightVersion, reasons, failed, allEnded } = this.#envelope
    const { promptTokenIds, choices } = this.#collector.result(reasons)
    const marked = this.#envelope.ended && (allEnded || reasons.size < 2)
    const finished = end.streamed ? !failed && (marked || (allEnded && (end.whole || ended))) : end.whole
    const problems = this.problems.list
    return {
      ...known<Partial<CallTokens>>({ responseId, model, promptTokenIds, usage, weightVersion }),
      choices,
      shapes: this.#collector.met,
      finished,
      problems,
    }
  }
}
