// Collects the bytes of a request as they come, within a limit and the budget of all requests.
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { AglError } from '../../errors.ts'
import { BodyMemory, GUESS_BYTES } from './body-memory.ts'
import type { ByteBudget } from './budget.ts'
import { BLOCK_BYTES } from './buffer-pool.ts'

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

/** Room for a body doubles up to this, and is taken in such steps from there. */
const MOST_AHEAD = BLOCK_BYTES

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
    const memory = new BodyMemory(declared)
    let ended = false

    /** Calls `then` once there is room for so many bytes, at once where there is; the stream pauses until then. */
    const reserve = (bytes: number, then: () => void): void => {
      if (bytes <= reserved) {
        then()
        return
      }
      // Room is taken as bytes come: clients that announce much and send nothing must not keep others out.
      const most = declared >= 0 ? declared : limit
      const ahead = Math.min(reserved, MOST_AHEAD)
      const size = Math.min(most, Math.max(reserved + ahead, bytes, GUESS_BYTES))
      const more = size - reserved
      if (budget.tryTake(more)) {
        reserved = size
        then()
        return
      }
      stream.pause()
      budget.take(more).then(
        () => {
          // The client may have gone while its request waited.
          if (ended) return budget.give(more)
          reserved = size
          then()
          stream.resume()
        },
        (error) => fail(error),
      )
    }
    const onData = (chunk: Buffer): void => {
      const needed = length + chunk.length
      if (needed > limit) {
        fail(tooLarge(limit))
        return
      }
      // Memory is taken only once it is granted: a chunk that waits lies where it came.
      reserve(needed, () => {
        memory.append(chunk)
        length = needed
      })
    }
    const onEnd = (): void => {
      if (!source.isWhole()) {
        fail(brokeOff())
        return
      }
      stop()
      const held = reserved
      const { bytes, give } = memory.whole()
      let released = false
      resolve({
        bytes,
        release: () => {
          if (released) return
          released = true
          budget.give(held)
          give()
        },
      })
    }
    const onBreak = (cause?: unknown): void => fail(brokeOff(cause))
    const fail = (error: unknown): void => {
      if (ended) return
      stop()
      memory.drop()
      budget.give(reserved)
      reserved = 0
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
