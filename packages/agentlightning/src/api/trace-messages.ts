// The messages of many spans of a trace in one answer. Each model call repeats its history, so that the messages of all
// spans may be a hundred times what was said: a message is written once, and named by its place.
import { setImmediate } from 'node:timers/promises'
import { AglError, isAglError } from '../errors.ts'
import type { Conversation, Message } from '../trace/messages/types.ts'
import { payloadBytes } from './decode-payload.ts'
import { findSpan, findTrace } from './find-trace.ts'
import type { QuerySources } from './queries.ts'
import { messagesOfSpan } from './span-messages.ts'

/** MB of JSON in one answer. */
const ANSWER_MB = 4
const ANSWER_BYTES = ANSWER_MB * 1024 * 1024
/** Payload bytes that are read for one answer: whoever asked may be gone. */
const READ_BYTES = 16 * 1024 * 1024
/** Milliseconds after which other questions of the thread are let in. */
const TURN_MS = 20

/** Whose messages. */
export interface TraceMessagesQuery {
  /** Of the trace; may be a unique beginning. */
  readonly id: string
  /** Span ids, each once. */
  readonly spans: readonly string[]
  /** One of `spans`: those before it were answered. */
  readonly cursor?: string
}

/**
 * JSON: `{ traceId, messages: Message[], spans: ({ spanId, input: place[], output: place[] } | { spanId, error })[],
 * cursor }`, where a place is that of the message in `messages`. Spans are in the order asked for; the first of them is
 * always answered. A span that is not there or cannot be read has its error, and the others are as they are.
 * Throws `AGL_NOT_FOUND` for a trace that is not there.
 */
export async function getTraceMessages(
  sources: QuerySources,
  { id, spans, cursor }: TraceMessagesQuery,
): Promise<string> {
  const { traceId } = await findTrace(sources.store, id)
  const left = spans.slice(cursor === undefined ? 0 : spans.indexOf(cursor))
  const answer = new SharedMessages()
  let readBytes = 0
  let turnMs = performance.now()
  while (left[0] !== undefined) {
    if (performance.now() - turnMs >= TURN_MS) {
      await setImmediate()
      turnMs = performance.now()
    }
    const spanId = left[0]
    try {
      const address = await findSpan(sources.store, traceId, spanId)
      const bytes = payloadBytes(address)
      if (readBytes > 0 && readBytes + bytes > READ_BYTES) break
      readBytes += bytes
      if (!answer.add(spanId, await messagesOfSpan(sources, address)))
        // The next answer begins with it.
        break
    } catch (error) {
      if (!isAglError(error)) throw error
      answer.refuse(spanId, error)
    }
    left.shift()
  }
  return answer.toJson(traceId, left[0])
}

/** An answer being written. */
class SharedMessages {
  /** JSON of each message → its place. */
  readonly #messages = new Map<string, number>()
  readonly #spans: string[] = []
  #bytes = 0

  /** False where there is no room left. Throws `AGL_MESSAGES_TOO_LARGE` for what no answer has room for. */
  add(spanId: string, { input, output }: Conversation): boolean {
    const fresh = new Map<string, number>()
    const placeOf = (message: Message): number => {
      const text = JSON.stringify(message)
      const known = this.#messages.get(text) ?? fresh.get(text)
      if (known !== undefined) return known
      const place = this.#messages.size + fresh.size
      fresh.set(text, place)
      return place
    }
    const span = JSON.stringify({ spanId, input: input.map(placeOf), output: output.map(placeOf) })
    let bytes = span.length + 1
    for (const text of fresh.keys()) bytes += Buffer.byteLength(text) + 1
    if (bytes > ANSWER_BYTES) throw new AglError('AGL_MESSAGES_TOO_LARGE', { spanId, most: ANSWER_MB })
    if (this.#bytes + bytes > ANSWER_BYTES) return false
    for (const [text, place] of fresh) this.#messages.set(text, place)
    this.#spans.push(span)
    this.#bytes += bytes
    return true
  }

  refuse(spanId: string, { code, message, action }: AglError): void {
    const span = JSON.stringify({ spanId, error: { code, message, action } })
    this.#spans.push(span)
    this.#bytes += span.length + 1
  }

  toJson(traceId: string, cursor: string | undefined): string {
    const messages = [...this.#messages.keys()].join(',')
    const end = `"cursor":${JSON.stringify(cursor ?? null)}`
    return `{"traceId":"${traceId}","messages":[${messages}],"spans":[${this.#spans.join(',')}],${end}}`
  }
}
