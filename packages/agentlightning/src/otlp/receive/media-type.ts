// Content types of OTLP/HTTP.
import { AglError } from '../../errors.ts'
import type { PayloadEncoding } from '../scan/span-view.ts'

const encodings: Readonly<Record<string, PayloadEncoding>> = {
  'application/x-protobuf': 'protobuf',
  'application/protobuf': 'protobuf',
  'application/vnd.google.protobuf': 'protobuf',
  'application/json': 'json',
}

/** The media type of a Content-Type header: lower case, without parameters; empty when absent. */
export function mediaType(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/**
 * The encoding that a Content-Type names; `undefined` when there is none, then the body decides.
 * Throws `AGL_MEDIA_TYPE` for a type that is not OTLP's.
 */
export function encodingOfType(header: string | undefined): PayloadEncoding | undefined {
  const type = mediaType(header)
  if (type === '') return undefined
  const encoding = encodings[type]
  if (!encoding) throw new AglError('AGL_MEDIA_TYPE', { type: type.slice(0, 100) })
  return encoding
}

/** Tells JSON from protobuf by the first byte: `{` is no valid tag of an OTLP request (group start of field 15). */
export function sniffEncoding(body: Buffer): PayloadEncoding {
  for (const byte of body) {
    if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d || byte >= 0xbb) continue
    return byte === 0x7b ? 'json' : 'protobuf'
  }
  return 'protobuf'
}
