// Reads a request's body: bounded while it arrives, paused when too much is in flight, decoded.
import type { IncomingMessage } from 'node:http'
import { AglError } from '../../errors.ts'
import type { Limits } from '../../server/config.ts'
import type { ByteBudget } from './budget.ts'
import { type Body, collect, sourceOf } from './collect.ts'
import { type ContentEncoding, decompress, isContentEncoding } from './decompress.ts'

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
  const encoding = knownEncoding(request.headers['content-encoding'])
  const sentLimit = encoding === 'identity' ? maxBytes : Math.min(limits.compressedBytes, maxBytes)
  const sent = await collect(sourceOf(request), sentLimit, budget)
  return encoding === 'identity' ? sent : decoded(sent, encoding, limits, budget, maxBytes)
}

/** The encoding that a header names. Throws `AGL_CONTENT_ENCODING`. */
export function knownEncoding(header: string | undefined): ContentEncoding {
  const encoding = (header ?? 'identity').trim().toLowerCase() || 'identity'
  if (isContentEncoding(encoding)) return encoding
  throw new AglError('AGL_CONTENT_ENCODING', { encoding: encoding.slice(0, 64) })
}

/**
 * Decodes `sent.bytes` within the limits, and releases what was sent. Throws `AGL_BODY_TOO_LARGE`,
 * `AGL_BODY_BOMB`, `AGL_BAD_ENCODING`, `AGL_OVERLOADED`.
 */
export async function decoded(
  sent: Body,
  encoding: Exclude<ContentEncoding, 'identity'>,
  limits: Limits,
  budget: ByteBudget,
  maxBytes: number = limits.bodyBytes,
): Promise<Body> {
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
