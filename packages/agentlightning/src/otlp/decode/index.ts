// The lossless decode of one span, resource or scope from the slice that a scan noted.
import type { PayloadEncoding } from '../scan/span-view.ts'
import { decodeJsonResource, decodeJsonScope, decodeJsonSpan } from './json.ts'
import { decodeProtobufResource, decodeProtobufScope, decodeProtobufSpan } from './protobuf.ts'
import type { DecodedResource, DecodedScope, DecodedSpan } from './types.ts'

export type { DecodedLogRecord } from './log-record.ts'
export { decodeAnyValue, decodeLogRecord, decodePointAttributes } from './log-record.ts'
export { plainValue } from './plain-value.ts'
export type { DecodedResource, DecodedScope, DecodedSpan } from './types.ts'

/**
 * Decodes a span from its slice (`SpanView.slice`). Never throws for a span that a scan accepted; bytes that
 * are malformed throw `AGL_BAD_BODY`, with the offset in the slice.
 */
export function decodeSpan(encoding: PayloadEncoding, bytes: Buffer): DecodedSpan {
  return encoding === 'json' ? decodeJsonSpan(bytes) : decodeProtobufSpan(bytes)
}

/** Decodes a resource from its slice (`ContextView.resource`). Throws as `decodeSpan`. */
export function decodeResource(encoding: PayloadEncoding, bytes: Buffer): DecodedResource {
  return encoding === 'json' ? decodeJsonResource(bytes) : decodeProtobufResource(bytes)
}

/** Decodes a scope from its slice (`ContextView.scope`). Throws as `decodeSpan`. */
export function decodeScope(encoding: PayloadEncoding, bytes: Buffer): DecodedScope {
  return encoding === 'json' ? decodeJsonScope(bytes) : decodeProtobufScope(bytes)
}
