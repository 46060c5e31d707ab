// Content-Encoding of request bodies, bounded against bombs.
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { AglError } from '../../errors.ts'

const decoders = {
  gzip: promisify(zlib.gunzip),
  'x-gzip': promisify(zlib.gunzip),
  deflate: promisify(zlib.inflate),
  zstd: promisify(zlib.zstdDecompress),
} as const

/** A content encoding that is decoded; `identity` is left as it is. */
export type ContentEncoding = keyof typeof decoders | 'identity'

/** True for an encoding that this server takes. */
export function isContentEncoding(name: string): name is ContentEncoding {
  return name === 'identity' || Object.hasOwn(decoders, name)
}

/** Inflations at once: more would keep flushes waiting for the shared thread pool. */
const SLOTS = 2
let busy = 0
const queue: (() => void)[] = []

/**
 * Decodes `bytes`, giving up as soon as more than `allowed` bytes come out: `AGL_BODY_TOO_LARGE` when that is
 * the size limit, `AGL_BODY_BOMB` when it is the ratio. Damaged input is `AGL_BAD_ENCODING`.
 */
export async function decompress(
  encoding: Exclude<ContentEncoding, 'identity'>,
  bytes: Buffer,
  allowed: number,
  limit: { readonly maxBytes: number; readonly ratio: number },
): Promise<Buffer> {
  if (busy >= SLOTS) await new Promise<void>((go) => queue.push(go))
  busy++
  try {
    return await decode(encoding, bytes, allowed)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw allowed >= limit.maxBytes
        ? new AglError('AGL_BODY_TOO_LARGE', { limit: limit.maxBytes, state: ' once decoded' })
        : new AglError('AGL_BODY_BOMB', { ratio: limit.ratio })
    }
    throw new AglError('AGL_BAD_ENCODING', { encoding, what: message })
  } finally {
    busy--
    queue.shift()?.()
  }
}

async function decode(
  encoding: Exclude<ContentEncoding, 'identity'>,
  bytes: Buffer,
  allowed: number,
): Promise<Buffer> {
  try {
    return await decoders[encoding](bytes, { maxOutputLength: allowed })
  } catch (error) {
    // `deflate` means the zlib format (RFC 9110 §8.4.1.2), but some clients send the raw one.
    const raw = encoding === 'deflate' && (error as { code?: string }).code === 'Z_DATA_ERROR'
    if (!raw) throw error
    return promisify(zlib.inflateRaw)(bytes, { maxOutputLength: allowed })
  }
}
