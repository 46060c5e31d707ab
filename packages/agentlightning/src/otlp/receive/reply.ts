// Answers of the OTLP/HTTP protocol, in the encoding of the request (opentelemetry-proto, "OTLP/HTTP response").
import type { AglError } from '../../errors.ts'
import type { PayloadEncoding, ScanResult } from '../scan/span-view.ts'

/** A reply's media type and body. */
export interface OtlpReply {
  readonly contentType: string
  readonly body: Buffer
}

const contentTypes = { protobuf: 'application/x-protobuf', json: 'application/json' } as const

/** The whole batch was taken: an empty `ExportTraceServiceResponse`. */
const taken: Record<PayloadEncoding, OtlpReply> = {
  protobuf: { contentType: contentTypes.protobuf, body: Buffer.alloc(0) },
  json: { contentType: contentTypes.json, body: Buffer.from('{}') },
}

/** The answer to a batch: empty, or `partial_success` where spans were rejected. */
export function successReply(encoding: PayloadEncoding, result: ScanResult): OtlpReply {
  if (result.rejected.length === 0) return taken[encoding]
  const rejectedSpans = result.rejected.reduce((sum, { count }) => sum + count, 0)
  const errorMessage = result.rejected
    .map(({ reason, count }) => (count > 1 ? `${reason} (${count}×)` : reason))
    .join('; ')
  if (encoding === 'json') {
    // int64 is a decimal string in the JSON mapping of protobuf.
    const partialSuccess = { rejectedSpans: String(rejectedSpans), errorMessage }
    return { contentType: contentTypes.json, body: Buffer.from(JSON.stringify({ partialSuccess })) }
  }
  const partial = Buffer.concat([varintField(1, rejectedSpans), textField(2, errorMessage)])
  return { contentType: contentTypes.protobuf, body: bytesField(1, partial) }
}

/** An error as `google.rpc.Status`: code 1, message 2. */
export function errorReply(encoding: PayloadEncoding, error: AglError): OtlpReply {
  const message = `${error.message} ${error.action}`.trim()
  if (encoding === 'json') {
    return {
      contentType: contentTypes.json,
      body: Buffer.from(JSON.stringify({ code: error.kind.grpc, message })),
    }
  }
  return {
    contentType: contentTypes.protobuf,
    body: Buffer.concat([varintField(1, error.kind.grpc), textField(2, message)]),
  }
}

function varintField(field: number, value: number): Buffer {
  return Buffer.from([field << 3, ...varint(value)])
}

function textField(field: number, text: string): Buffer {
  return bytesField(field, Buffer.from(text))
}

function bytesField(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(bytes.length)]), bytes])
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return bytes
}
