// Answers of the OTLP/HTTP protocol, in the encoding of the request (opentelemetry-proto, "OTLP/HTTP response").
import type { AglError } from '../../errors.ts'
import type { Signal } from '../scan/signal-views.ts'
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

/** What each signal calls its count of rejected items; in protobuf it is field 1 of all three. */
const rejectedNames = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
} as const

/** The answer to a batch: empty, or `partial_success` where spans, log records or data points were rejected. */
export function successReply(
  encoding: PayloadEncoding,
  result: ScanResult,
  signal: Signal = 'traces',
): OtlpReply {
  if (result.rejected.length === 0) return taken[encoding]
  const rejected = result.rejected.reduce((sum, { count }) => sum + count, 0)
  const errorMessage = result.rejected
    .map(({ reason, count }) => (count > 1 ? `${reason} (${count}×)` : reason))
    .join('; ')
  if (encoding === 'json') {
    // int64 is a decimal string in the JSON mapping of protobuf.
    const partialSuccess = { [rejectedNames[signal]]: String(rejected), errorMessage }
    return { contentType: contentTypes.json, body: Buffer.from(JSON.stringify({ partialSuccess })) }
  }
  const partial = Buffer.concat([varintField(1, rejected), textField(2, errorMessage)])
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

/**
 * An error as the bytes of a gRPC status' details: `google.rpc.Status`, with a `google.rpc.RetryInfo` where the
 * sender may come again. Without one, OTLP's exporters drop a batch that met RESOURCE_EXHAUSTED.
 */
export function grpcStatusDetails(error: AglError, retryAfterSeconds: number | undefined): Buffer {
  const status = errorReply('protobuf', error).body
  if (retryAfterSeconds === undefined) return status
  const delay = varintField(1, retryAfterSeconds)
  const retryInfo = bytesField(1, delay)
  const any = [textField(1, 'type.googleapis.com/google.rpc.RetryInfo'), bytesField(2, retryInfo)]
  return Buffer.concat([status, bytesField(3, Buffer.concat(any))])
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
