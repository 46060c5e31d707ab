// Collects the bytes of a request as they come, within a limit and the budget of all requests.
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { AglError } from '../../errors.ts'
import type { ByteBudget } from './budget.ts'
import { BufferPool } from './buffer-pool.ts'

/** A body in memory. `release` must be called once its bytes are no longer needed. */
export interface Body {
  readonly bytes: Buffer
  release(): void
}

/** Where a body comes from: a request of HTTP/1.1, or a stream of HTTP/2. */
export interface BodySource {
  readonly stream: Readable
  /** Its length as its sender announced it; -1 when it did not. */
  readonly declared: number
  /** False when the stream ended because its sender broke off. */
  readonly isWhole: () => boolean
}

/** The body of a request of HTTP/1.1. */
export function sourceOf(request: IncomingMessage): BodySource {
  const declared = Number(request.headers['content-length'] ?? -1)
  return { stream: request, declared, isWhole: () => request.complete }
}

/** First guess at a body without a length; it doubles from there. */
const GUESS_BYTES = 64 * 1024

const pool = new BufferPool()

/**
 * Resolves with the bytes as sent. Rejects with `AGL_BODY_TOO_LARGE`, `AGL_OVERLOADED`, or `AGL_BAD_REQUEST` for a
 * body that broke off; the stream stays readable, so that the rest of a refused body can be discarded.
 */
export function collect(source: BodySource, limit: number, budget: ByteBudget): Promise<Body> {
  const { stream, declared } = source
  if (declared > limit) return Promise.reject(tooLarge(limit))
  if (stream.destroyed) return Promise.reject(brokeOff())
  return new Promise((resolve, reject) => {
    let reserved = 0
    let length = 0
    // A body of one chunk, which most are, is used as it lies.
    let only: Buffer | undefined
    let buffer: Buffer<ArrayBuffer> | undefined
    let ended = false

    /** True when there is room at once; else the stream pauses until there is. */
    const reserve = (bytes: number): boolean => {
      if (bytes <= reserved) return true
      // Room is taken as bytes come: clients that announce much and send nothing must not keep others out.
      const most = declared >= 0 ? declared : limit
      const size = Math.min(most, Math.max(reserved * 2, bytes, Math.min(most, GUESS_BYTES)))
      const more = size - reserved
      if (budget.tryTake(more)) {
        reserved = size
        return true
      }
      stream.pause()
      budget.take(more).then(
        () => {
          // The client may have gone while its request waited.
          if (ended) return budget.give(more)
          reserved = size
          stream.resume()
        },
        (error) => fail(error),
      )
      return false
    }
    const onData = (chunk: Buffer): void => {
      const needed = length + chunk.length
      if (needed > limit) {
        fail(tooLarge(limit))
        return
      }
      reserve(needed)
      if (length === 0) only = chunk
      else append(chunk, needed)
      length = needed
    }
    const append = (chunk: Buffer, needed: number): void => {
      if (!buffer || needed > buffer.length) {
        const larger = pool.take(Math.max(needed, declared, buffer ? buffer.length * 2 : 0))
        const before = buffer ?? (only as Buffer)
        before.copy(larger, 0, 0, length)
        if (buffer) pool.giveOwn(buffer)
        buffer = larger
        only = undefined
      }
      chunk.copy(buffer, length)
    }
    const onEnd = (): void => {
      if (!source.isWhole()) {
        fail(brokeOff())
        return
      }
      stop()
      const [held, pooled] = [reserved, buffer]
      let released = false
      resolve({
        bytes: only ?? pooled?.subarray(0, length) ?? Buffer.alloc(0),
        release: () => {
          if (released) return
          released = true
          budget.give(held)
          if (pooled) pool.give(pooled)
        },
      })
    }
    const onBreak = (cause?: unknown): void => fail(brokeOff(cause))
    const fail = (error: unknown): void => {
      if (ended) return
      stop()
      budget.give(reserved)
      reserved = 0
      if (buffer) pool.giveOwn(buffer)
      buffer = undefined
      reject(error)
    }
    const stop = (): void => {
      ended = true
      stream.off('data', onData).off('end', onEnd).off('error', onBreak).off('close', onBreak)
    }
    stream.on('data', onData).on('end', onEnd).on('error', onBreak).on('close', onBreak)
  })
}

function tooLarge(limit: number): AglError {
  return new AglError('AGL_BODY_TOO_LARGE', { limit, state: '' })
}

function brokeOff(cause?: unknown): AglError {
  return new AglError('AGL_BAD_REQUEST', { what: 'The body broke off.' }, cause)
}
