// Reads the tokens out of a reply while the program reads it: from the chunks, since the final objects of the SDKs'
// helpers drop ids or keep those of the last chunk only.
import { type AssembledReply, assembleParsed, assembleReply } from '../token-ids/assemble/index.ts'
import { extractParsed, extractReply, StreamTokens } from '../token-ids/extract.ts'
import { SseParser } from '../token-ids/sse-parser.ts'
import type { CallTokens } from '../token-ids/types.ts'
import { LogprobCollector } from './attributes.ts'
import type { TapSink } from './tap.ts'

/** Bytes of a reply that are kept for its messages. */
const KEPT = 20 * 1024 * 1024

/** What a reply says. */
export interface ReadReply {
  readonly tokens: CallTokens
  readonly logprobs: LogprobCollector
  /** Where they were asked for and are not too large. */
  readonly messages: AssembledReply | undefined
  /** The reply was seen to its end. */
  readonly whole: boolean
  /** The server was asked for ids in a way that gives them with its last frame. */
  readonly idsLast: boolean
}

/** How a reply is read. */
export interface ReplyOptions {
  readonly streamed: boolean
  readonly wantsLogprobs: boolean
  /** Whether the server was asked for ids in a way that gives them with its last frame. */
  readonly idsLast: boolean
  /** Whether the messages of the reply are wanted. */
  readonly messages: boolean
  /** The first chunk of a stream has come: it says the response id and, on some servers, the ids of the prompt. */
  readonly onFirst: (tokens: CallTokens) => void
  /** The reply is there, or ended early. Called once. */
  readonly onEnd: (reply: ReadReply) => void
}

/** Gathers one reply. */
export class ReplyReader implements TapSink {
  readonly #options: ReplyOptions
  readonly #stream = new StreamTokens()
  readonly #events = new SseParser()
  readonly #logprobs = new LogprobCollector()
  #kept: Uint8Array[] | undefined
  #size = 0
  #value: unknown
  #first = true
  #ended = false

  constructor(options: ReplyOptions) {
    this.#options = options
    this.#kept = options.messages || !options.streamed ? [] : undefined
  }

  chunk(bytes: Uint8Array): void {
    if (this.#ended) return
    this.#keep(bytes)
    if (!this.#options.streamed) return
    this.#stream.push(bytes)
    if (this.#options.wantsLogprobs) this.#readLogprobs(bytes)
    // Whoever reads may stop at the end marker and end the span before the body ends.
    if (this.#stream.done) this.end(true)
    else if (this.#first) {
      const tokens = this.#stream.soFar()
      this.#first = tokens.responseId === undefined
      if (!this.#first) this.#options.onFirst(tokens)
    }
  }

  text(text: string): void {
    this.#value = this.#options.streamed ? undefined : parsed(text)
    if (this.#value === undefined) this.chunk(new TextEncoder().encode(text))
  }

  value(json: unknown): void {
    this.#value = json
  }

  end(whole: boolean): void {
    if (this.#ended) return
    this.#ended = true
    this.#options.onEnd(this.#read(whole))
  }

  /** What is known before the end, where someone ends the span already. */
  soFar(): ReadReply | undefined {
    if (!this.#options.streamed || this.#ended) return undefined
    const { idsLast } = this.#options
    return {
      tokens: this.#stream.soFar(),
      logprobs: this.#logprobs,
      messages: undefined,
      whole: false,
      idsLast,
    }
  }

  #read(whole: boolean): ReadReply {
    const body = this.#kept && Buffer.concat(this.#kept)
    const value = this.#value ?? (this.#options.streamed ? undefined : parsed(body))
    this.#logprobs.read(value)
    const logprobs = this.#logprobs
    const { idsLast } = this.#options
    const messages = this.#options.messages ? messagesOf(value, body) : undefined
    if (value !== undefined) return { tokens: extractParsed(value), logprobs, messages, whole, idsLast }
    const tokens = this.#options.streamed ? this.#stream.end(whole) : extractReply(body ?? new Uint8Array())
    return { tokens, logprobs, messages, whole, idsLast }
  }

  #keep(bytes: Uint8Array): void {
    if (!this.#kept) return
    this.#size += bytes.length
    // A plain reply has to be read whole for its ids; what only messages are made of may be given up.
    if (this.#size > KEPT && this.#options.streamed) this.#kept = undefined
    else this.#kept.push(bytes.slice())
  }

  #readLogprobs(bytes: Uint8Array): void {
    for (const { data } of this.#events.push(bytes))
      if (data.includes('"logprobs"')) this.#logprobs.read(parsed(data))
  }
}

function messagesOf(value: unknown, body: Uint8Array | undefined): AssembledReply | undefined {
  if (value !== undefined) return assembleParsed(value)
  return body && assembleReply(body)
}

function parsed(json: Uint8Array | string | undefined): unknown {
  try {
    const text = typeof json === 'string' ? json : new TextDecoder().decode(json)
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
