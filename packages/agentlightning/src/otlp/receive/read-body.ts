// Reads a request's body: bounded while it arrives, paused when too much is in flight, decoded.
import type { IncomingMessage } from 'node:http'
import { AglError } from '../../errors.ts'
import type { Limits } from '../../server/config.ts'
import type { ByteBudget } from './budget.ts'
import { decompress, isContentEncoding } from './decompress.ts'

/** A body in memory. `release` must be called once its bytes are no longer needed. */
export interface Body {
  readonly bytes: Buffer
  release(): void
}

/** First guess at a body without a length; it doubles from there. */
const GUESS_BYTES = 64 * 1024

/**
 * Reads and decodes a body. Throws `AGL_BODY_TOO_LARGE`, `AGL_BODY_BOMB`, `AGL_CONTENT_ENCODING`,
 * `AGL_BAD_ENCODING`, `AGL_OVERLOADED`, or `AGL_BAD_REQUEST` for a body that broke off.
 */
export async function readBody(
  request: IncomingMessage,
  limits: Limits,
  budget: ByteBudget,
  maxBytes: number = limits.bodyBytes,
): Promise<Body> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase() || 'identity'
  if (!isContentEncoding(encoding))
    throw new AglError('AGL_CONTENT_ENCODING', { encoding: encoding.slice(0, 64) })
  const sentLimit = encoding === 'identity' ? maxBytes : Math.min(limits.compressedBytes, maxBytes)
  const sent = await collect(request, sentLimit, budget)
  if (encoding === 'identity') return sent
  try {
    const allowed = Math.min(maxBytes, Math.max(limits.ratioFreeBytes, sent.bytes.length * limits.ratio))
    const bytes = await decompress(encoding, sent.bytes, allowed, { maxBytes, ratio: limits.ratio })
    // The decoded size is known only now; it was bounded by `allowed`, at two inflations at a time.
    await budget.take(bytes.length)
    return { bytes, release: once(() => budget.give(bytes.length)) }
  } finally {
    sent.release()
  }
}

async function collect(request: IncomingMessage, limit: number, budget: ByteBudget): Promise<Body> {
  const tooLarge = () => new AglError('AGL_BODY_TOO_LARGE', { limit, state: '' })
  const declared = Number(request.headers['content-length'] ?? -1)
  if (declared > limit) throw tooLarge()
  const expected = declared >= 0 ? declared : GUESS_BYTES
  // Room is taken as bytes come: clients that announce much and send nothing must not keep others out. The
  // memory itself is given by the system only where it is written to.
  let reserved = Math.min(expected, GUESS_BYTES)
  if (!budget.tryTake(reserved)) {
    request.pause()
    await budget.take(reserved)
  }
  try {
    let buffer = Buffer.allocUnsafeSlow(expected)
    let length = 0
    // The rest of a refused body is read as well (`error-reply.ts`): the stream must outlive this loop.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const needed = length + chunk.length
      if (needed > limit) throw tooLarge()
      if (needed > reserved) {
        const size = Math.min(declared >= 0 ? declared : limit, Math.max(reserved * 2, needed))
        await budget.take(size - reserved)
        reserved = size
      }
      if (needed > buffer.length) {
        const larger = Buffer.allocUnsafeSlow(reserved)
        buffer.copy(larger, 0, 0, length)
        buffer = larger
      }
      chunk.copy(buffer, length)
      length = needed
    }
    if (!request.complete) throw new AglError('AGL_BAD_REQUEST', { what: 'The body broke off.' })
    const held = reserved
    return { bytes: buffer.subarray(0, length), release: once(() => budget.give(held)) }
  } catch (error) {
    budget.give(reserved)
    if (error instanceof AglError) throw error
    throw new AglError('AGL_BAD_REQUEST', { what: 'The body broke off.' }, error)
  }
}

function once(action: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    action()
  }
}
