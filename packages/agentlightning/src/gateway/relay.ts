// One reply on its way from the upstream to the client: passed as it comes, less what only the gateway asked for;
// its last bytes wait until the call is recorded.
import type { ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { BodyMemory } from '../otlp/receive/body-memory.ts'
import { type CutRules, cutPlain, StreamCutter } from './bytes/index.ts'
import { CALL_ID_HEADER, headerOf, replyHeaders } from './headers.ts'
import type { CallGap, CallOutcome } from './record.ts'
import { ReplyStore } from './reply-store.ts'
import { StreamEnd } from './stream-end.ts'
import type { ReplySink, UpstreamReply } from './upstream-client.ts'

/** Plain replies up to this size leave in one piece, with their length. */
const WHOLE_BYTES = 1024 * 1024
/** A stream that said that it is over and does not end is recorded after this time. */
const LATE_END_MS = 250
const GAP_MS = 1000
/** Replies up to this size are put together before they are written; of longer ones each part is. */
const JOINED_BYTES = 64 * 1024
const COMMENT = Buffer.from(': \n\n')
const END_OF_EVENT = Buffer.from('\n\n')

/** A value of a member that holds text, as deltas have it: not the empty text of a first chunk. */
const content =
  /"(?:content|text|reasoning|reasoning_content|arguments|partial_json|thinking|delta)"\s*:\s*"[^"]/

/** What a relay saw, for the record of the call. */
export interface RelayEnd {
  readonly outcome: CallOutcome
  readonly error?: string
  readonly body: readonly Buffer[]
  readonly truncated: boolean
  readonly firstByteMs?: number
  readonly firstTokenMs?: number
  readonly gaps: readonly CallGap[]
}

export interface RelayOptions {
  readonly reply: UpstreamReply
  readonly response: ServerResponse
  readonly method: string
  readonly callId: string | undefined
  /** What to cut out; `undefined` for nothing. */
  readonly rules: CutRules | undefined
  /** `performance.now()` at the start of the call. */
  readonly startedMs: number
  readonly replyBytes: number
  readonly commentSeconds: number
  /** Resolves when the announcement of the call is durable (true) or cannot be (false: nothing may be sent). */
  readonly announced: Promise<boolean>
  /** Puts the end of the call into the log; resolves when it is there, or cannot be. */
  readonly record: (end: RelayEnd) => Promise<unknown> | undefined
  /** Why the upstream was cut off by the gateway, if it was. */
  readonly cutBecause: () => 'timeout' | undefined
}

/** Passes one reply on. */
export class Relay implements ReplySink {
  /** Resolves when the reply is sent, or nobody is there to take it. */
  readonly done: Promise<void>
  readonly #options: RelayOptions
  readonly #finish: () => void
  readonly #store: ReplyStore
  readonly #cutter: StreamCutter | undefined
  readonly #streamEnd: StreamEnd | undefined
  /** A plain reply that leaves in one piece. */
  #whole: BodyMemory | undefined
  #wholeBytes = 0
  #isAnnounced = false
  /** Ends the use of its memory. */
  #give: () => void = () => undefined
  #state: 'open' | 'recording' | 'recorded' | 'over' = 'open'
  #ended = false
  #firstByteMs: number | undefined
  #firstTokenMs: number | undefined
  #lastMs = 0
  #lastWrite = 0
  #betweenEvents = true
  /** True while the client is slower than the upstream, which waits then. */
  #blocked = false
  readonly #gaps: CallGap[] = []
  readonly #late: Buffer[] = []
  #lateEnd: NodeJS.Timeout | undefined
  #comments: NodeJS.Timeout | undefined

  constructor(options: RelayOptions) {
    this.#options = options
    const { promise, resolve } = Promise.withResolvers<void>()
    this.done = promise
    this.#finish = resolve
    this.#store = new ReplyStore(options.replyBytes)
    const { headers, status } = options.reply
    const isStream = /^text\/event-stream\b/i.test(headerOf(headers, 'content-type') ?? '')
    const encoded = (headerOf(headers, 'content-encoding') ?? 'identity').toLowerCase() !== 'identity'
    const { rules } = options
    if (isStream && !encoded) {
      this.#cutter = rules && status < 400 ? new StreamCutter(rules) : undefined
      this.#streamEnd = new StreamEnd()
    } else if (!isStream) {
      const length = Number(headerOf(headers, 'content-length') ?? Number.NaN)
      if ((rules && !encoded && status < 400) || length <= WHOLE_BYTES)
        this.#whole = new BodyMemory(length >= 0 ? length : -1)
    }
  }

  /** True when nothing is sent before all has come and the call is recorded. */
  get leavesWhole(): boolean {
    return this.#whole !== undefined
  }

  /** Begins. What does not leave whole may begin once the call is announced. */
  start(): void {
    const { reply, response, commentSeconds, announced } = this.#options
    if (!this.#whole) this.#writeHead()
    void announced.then((isAnnounced) => {
      this.#isAnnounced = isAnnounced
    })
    reply.read(this)
    // What came along with the head leaves along with it.
    if (!this.#whole && this.#lastWrite === 0 && !response.writableEnded) response.flushHeaders()
    if (this.#streamEnd && commentSeconds > 0) {
      this.#comments = setInterval(() => this.#comment(), Math.max(100, commentSeconds * 250))
      this.#comments.unref()
    }
  }

  data(chunk: Buffer): void {
    if (this.#state === 'over') return
    this.#time(chunk)
    if (this.#state !== 'open') {
      // A stream that goes on after its end by its own account.
      if (this.#state === 'recording') this.#late.push(chunk)
      else this.#write(chunk)
      return
    }
    if (this.#whole) {
      this.#collect(chunk, this.#whole)
      return
    }
    this.#store.add(chunk)
    if (this.#cutter) this.#pass(joined(this.#cutter.push(chunk)))
    else this.#pass(chunk)
  }

  end(): void {
    this.#ended = true
    if (this.#state === 'open') void this.#conclude('complete', undefined)
    else if (this.#state === 'recorded') this.#close()
  }

  failed(error: Error): void {
    if (this.#state !== 'open') {
      this.#ended = true
      if (this.#state === 'recorded') this.#options.response.destroy()
      return
    }
    const outcome = this.#options.cutBecause() ?? 'upstream_cut'
    void this.#conclude(outcome, error.message || error.name)
  }

  /** The connection to the client is gone, for the reason given. */
  clientLeft(reason: string): void {
    if (this.#state === 'open') void this.#conclude('client_left', reason)
    else if (this.#state === 'recorded') this.#over()
  }

  #collect(chunk: Buffer, whole: BodyMemory): void {
    const { announced, replyBytes } = this.#options
    // White space in front keeps connections alive while the model thinks: it must not wait.
    if (this.#wholeBytes === 0 && isWhiteSpace(chunk)) {
      this.#store.add(chunk)
      void announced.then((isAnnounced) => {
        if (!isAnnounced) return
        this.#writeHead()
        this.#write(chunk)
      })
      return
    }
    whole.append(chunk)
    this.#wholeBytes += chunk.length
    if (this.#wholeBytes <= replyBytes || !this.#isAnnounced) return
    this.#whole = undefined
    this.#writeHead()
    const { bytes } = whole.whole()
    this.#store.add(bytes)
    this.#write(bytes)
  }

  #pass(part: Buffer): void {
    if (!this.#streamEnd) {
      this.#write(part)
      return
    }
    const free = this.#streamEnd.push(part)
    if (free) this.#write(free)
    if (this.#streamEnd.reached) {
      this.#lateEnd ??= setTimeout(() => {
        if (this.#state === 'open') void this.#conclude('complete', undefined)
      }, LATE_END_MS)
    }
  }

  async #conclude(outcome: CallOutcome, error: string | undefined): Promise<void> {
    this.#state = 'recording'
    clearTimeout(this.#lateEnd)
    clearInterval(this.#comments)
    const whole = this.#takeWhole()
    const recorded = this.#options.record({
      outcome,
      ...(error === undefined ? {} : { error }),
      body: this.#store.parts(),
      truncated: this.#store.truncated,
      ...(this.#firstByteMs === undefined ? {} : { firstByteMs: this.#firstByteMs }),
      ...(this.#firstTokenMs === undefined ? {} : { firstTokenMs: this.#firstTokenMs }),
      gaps: this.#gaps,
    })
    const { response, announced, rules } = this.#options
    // A long reply is cut while the disk takes it.
    if (rules && whole && whole.length > JOINED_BYTES) await setImmediate()
    const last = outcome === 'client_left' ? [] : this.#lastParts(whole)
    await recorded
    const isAnnounced = await announced
    this.#state = 'recorded'
    if (!isAnnounced || outcome === 'client_left' || response.destroyed) {
      this.#give()
      return this.#over()
    }
    if (outcome !== 'complete') return this.#breakOff(last)
    response.once('finish', this.#give)
    if (whole && !response.headersSent) {
      this.#writeWhole(last)
      return this.#over()
    }
    for (const part of last) this.#write(part)
    for (const part of this.#late) this.#write(part)
    if (this.#ended) this.#close()
  }

  /** What has come of a reply that leaves whole. */
  #takeWhole(): Buffer | undefined {
    if (!this.#whole) return undefined
    const { bytes, give } = this.#whole.whole()
    this.#give = give
    this.#store.add(bytes)
    return bytes
  }

  /** What is still to be sent once the call is recorded. */
  #lastParts(whole: Buffer | undefined): Uint8Array[] {
    const { rules } = this.#options
    if (whole) return rules ? cutPlain(whole, rules) : [whole]
    if (this.#cutter) this.#pass(joined(this.#cutter.end()))
    clearTimeout(this.#lateEnd)
    const rest = this.#streamEnd?.rest()
    return rest ? [rest] : []
  }

  #writeHead(length?: number): void {
    const { reply, response, callId } = this.#options
    if (response.headersSent || response.destroyed) return
    const headers = replyHeaders(reply.headers)
    if (length !== undefined) headers.push('Content-Length', String(length))
    if (callId !== undefined) headers.push(CALL_ID_HEADER, callId)
    response.writeHead(reply.status, reply.statusText, headers)
  }

  #writeWhole(parts: readonly Uint8Array[]): void {
    const { reply, response, method } = this.#options
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const bodiless = reply.status === 204 || reply.status === 304 || method === 'HEAD'
    const declared = Number(headerOf(reply.headers, 'content-length') ?? Number.NaN)
    if (!bodiless) this.#writeHead(length)
    else this.#writeHead(method === 'HEAD' && declared >= 0 ? declared : undefined)
    if (length <= JOINED_BYTES) response.end(joined(parts))
    else {
      // Copies of long replies are garbage that the collector runs for.
      response.cork()
      for (const part of parts) response.write(part)
      response.end()
    }
  }

  #write(part: Uint8Array): void {
    const { reply, response } = this.#options
    if (part.length === 0 || response.destroyed || response.writableEnded) return
    this.#lastWrite = performance.now()
    if (this.#comments) {
      const tail = part.subarray(-2)
      this.#betweenEvents = END_OF_EVENT.equals(tail)
    }
    if (response.write(part) || this.#ended || this.#blocked) return
    this.#blocked = true
    reply.pause()
    response.once('drain', () => {
      this.#blocked = false
      reply.resume()
    })
  }

  /** Ends a reply as the upstream's ended: without its end. */
  #breakOff(last: readonly Uint8Array[]): void {
    const { response } = this.#options
    this.#writeHead()
    const rest = Buffer.concat(last)
    this.#give()
    if (rest.length === 0) response.write('', () => response.destroy())
    else response.write(rest, () => response.destroy())
    // Nobody may be there to take it.
    response.once('close', () => this.#over())
  }

  #close(): void {
    const { response } = this.#options
    if (!response.writableEnded) response.end()
    this.#over()
  }

  #over(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    clearTimeout(this.#lateEnd)
    clearInterval(this.#comments)
    this.#finish()
  }

  #comment(): void {
    const silentMs = performance.now() - Math.max(this.#lastWrite, this.#lastMs)
    const due = this.#options.commentSeconds * 1000
    if (this.#state !== 'open' || !this.#betweenEvents || this.#streamEnd?.reached || silentMs < due) return
    this.#write(COMMENT)
  }

  #time(chunk: Buffer): void {
    const { startedMs } = this.#options
    const now = performance.now()
    if (this.#firstByteMs === undefined) this.#firstByteMs = rounded(now - startedMs)
    else if (now - this.#lastMs > GAP_MS) {
      this.#gaps.push({ atMs: rounded(this.#lastMs - startedMs), ms: rounded(now - this.#lastMs) })
    }
    this.#lastMs = now
    if (this.#firstTokenMs === undefined && this.#streamEnd && content.test(chunk.toString('latin1')))
      this.#firstTokenMs = rounded(now - startedMs)
  }
}

function isWhiteSpace(chunk: Buffer): boolean {
  return chunk.every((byte) => byte === 32 || byte === 10 || byte === 13 || byte === 9)
}

/** One buffer of the parts that a cutter left over; most replies have one part only. */
function joined(parts: readonly Uint8Array[]): Buffer {
  const [first] = parts
  if (parts.length === 1 && first)
    return Buffer.isBuffer(first) ? first : Buffer.from(first.buffer, first.byteOffset, first.byteLength)
  return Buffer.concat(parts)
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
