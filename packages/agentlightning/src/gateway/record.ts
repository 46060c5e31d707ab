// The two records that a gateway call leaves in the log: its announcement and its end. Each payload is the
// length of its JSON head (32 bits, little endian), the head, then a body byte for byte: the request as the
// client sent it, the reply as the upstream sent it (before anything was cut out).
import type { CallDialect } from '../token-ids/types.ts'

const LENGTH_BYTES = 4

/** Headers without credentials and cookies, names in lower case, in the order sent. */
export type RecordedHeaders = readonly (readonly [name: string, value: string])[]

/** Who a call belongs to; the same in both records of a call. */
export interface CallIdentity {
  /** Random UUID of the call. */
  readonly callId: string
  /** 32 hex digits: from `traceparent`, else one per rollout attempt, else one per call. */
  readonly traceId: string
  /** 16 hex digits: the span that the call becomes when no other span answers to it. */
  readonly spanId: string
  /** The span id of `traceparent`, when the client sent one. */
  readonly parentSpanId?: string
  readonly dialect: CallDialect
  readonly method: string
  /** Path below the gateway's prefix, e.g. `/v1/chat/completions`, with its query. */
  readonly path: string
  /** Name of the upstream in the configuration. */
  readonly upstream: string
  /** What serves it, when known: `vllm`, `sglang`, `litellm`, `llama.cpp`, `tgi`, `openai` … */
  readonly backend?: string
  /** The model that the request names. */
  readonly model?: string
  /** True when the request asks for a stream. */
  readonly stream: boolean
  /** Number of choices asked for, when said. */
  readonly n?: number
  /** Flags that the gateway added to the request, e.g. `return_token_ids`. */
  readonly added: readonly string[]
  /** Flags with which the client itself asked for token ids; absent where its request was not read. */
  readonly asked?: readonly string[]
  /** Tags of the registered run that the call belongs to; absent where it has none. */
  readonly tags?: readonly string[]
  /** Receipt of the request, ns since the Unix epoch, in decimal. */
  readonly startNs: string
}

/** Head of a `gatewayStart` record; the body is the request's, decoded. */
export interface CallStart extends CallIdentity {
  readonly requestHeaders: RecordedHeaders
}

/**
 * How a call ended: `complete` (the upstream's reply ended as HTTP says), `client_left`, `upstream_failed` (no
 * reply at all), `upstream_cut` (the reply broke off), `timeout`, `refused` (by the gateway, before an upstream
 * was asked).
 */
export type CallOutcome =
  | 'complete'
  | 'client_left'
  | 'upstream_failed'
  | 'upstream_cut'
  | 'timeout'
  | 'refused'

/** A silence in a stream. */
export interface CallGap {
  /** Milliseconds after the start of the call. */
  readonly atMs: number
  readonly ms: number
}

/** Head of a `gatewayEnd` record; the body is the reply's as the upstream sent it. */
export interface CallEnd extends CallIdentity {
  readonly outcome: CallOutcome
  /** Status that the client got; 0 when it got none. */
  readonly status: number
  readonly responseHeaders: RecordedHeaders
  /** One line; absent when the outcome is `complete`. */
  readonly error?: string
  /** A flag that the upstream refused: the request was repeated without it. */
  readonly refusedFlags: readonly string[]
  /** Upstream requests beyond the first. */
  readonly retries: number
  /** Milliseconds after the start; absent when it never came. */
  readonly firstByteMs?: number
  /** Of a stream: its first chunk with content. */
  readonly firstTokenMs?: number
  /** Gaps above 1 s between parts of a reply. */
  readonly gaps: readonly CallGap[]
  /** End of the call, ns since the Unix epoch, in decimal. */
  readonly endNs: string
  /** Of the upstream, where it or the configuration says one. */
  readonly weightVersion?: string
  /** True when the reply outgrew what is kept: the body is its beginning. */
  readonly truncated: boolean
}

/** The payload of a record, in parts that can be appended as they are. */
export function encodeCallRecord(head: CallStart | CallEnd, body: readonly Uint8Array[]): Uint8Array[] {
  const json = JSON.stringify(head)
  const length = Buffer.byteLength(json)
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + length)
  bytes.writeUInt32LE(length)
  bytes.write(json, LENGTH_BYTES)
  return [bytes, ...body]
}

/**
 * Takes a payload apart; the body shares its bytes.
 *
 * @throws Error when the payload is not one of these
 */
export function decodeCallRecord<Head extends CallStart | CallEnd>(
  payload: Buffer,
): { readonly head: Head; readonly body: Buffer; readonly bodyOffset: number } {
  const bodyOffset = payload.length < LENGTH_BYTES ? -1 : LENGTH_BYTES + payload.readUInt32LE(0)
  if (bodyOffset < 0 || bodyOffset > payload.length)
    throw new Error('The record of a model call is cut short.')
  const head = JSON.parse(payload.toString('utf8', LENGTH_BYTES, bodyOffset)) as Head
  return { head, body: payload.subarray(bodyOffset), bodyOffset }
}
