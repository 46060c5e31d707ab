// Reads a request's body: bounded while it arrives, paused when too much is in flight, decoded.
import type { IncomingMessage } from 'node:http'
import { AglError } from '../../errors.ts'
import type { Limits } from '../../server/config.ts'
import type { ByteBudget } from './budget.ts'
import { type Body, collect } from './collect.ts'
import { decompress, isContentEncoding } from './decompress.ts'

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

function once(action: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    action()
  }
}
