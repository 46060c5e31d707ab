// Stored payloads as spans, whatever they were written in.
import type { LogReader } from '../log/reader.ts'
import {
  type DecodedResource,
  type DecodedScope,
  type DecodedSpan,
  decodeResource,
  decodeScope,
  decodeSpan,
} from '../otlp/decode/index.ts'
import type { Address, Origin, SpanAddress } from '../store/contract.ts'
import { callSpan } from '../trace/calls/call-span.ts'
import { decodeLegacySpan } from '../trace/legacy/decode.ts'
import { readCall } from './calls/read-call.ts'

/** Where payloads are read, and how much of a span is shown. */
export interface PayloadSources {
  readonly log: Pick<LogReader, 'slice'>
  /** Attributes of a span that are shown, the first ones. */
  readonly spanAttributes: number
}

/** A span with its context, nothing lost but the attributes above the limit: they are counted as dropped. */
export interface WholeSpan {
  readonly span: DecodedSpan
  readonly resource: DecodedResource | null
  readonly scope: DecodedScope | null
  readonly origin: Origin
  readonly receivedNs: bigint
}

/** Bytes that reading a span takes from the log. */
export function payloadBytes({ span, resource, scope }: SpanAddress): number {
  return span.length + (resource?.length ?? 0) + (scope?.length ?? 0)
}

/** Reads and decodes the payload at `address`. Throws `AGL_PRUNED` where its segment is gone. */
export function readPayload({ log, spanAttributes }: PayloadSources, address: SpanAddress): WholeSpan {
  const { encoding, origin, receivedNs } = address
  const read = (at: Address) => log.slice(at.segment, at.offset, at.length)
  if (encoding === 'legacy') {
    const { traceId, spanId } = address
    const span = decodeLegacySpan(read(address.span), { traceId, spanId, receivedNs })
    return { span: clipped(span, spanAttributes), resource: null, scope: null, origin, receivedNs }
  }
  if (encoding === 'call') {
    const span = callSpan(readCall(log, address))
    return { span: clipped(span, spanAttributes), resource: null, scope: null, origin, receivedNs }
  }
  return {
    span: clipped(decodeSpan(encoding, read(address.span)), spanAttributes),
    resource: address.resource ? decodeResource(encoding, read(address.resource)) : null,
    scope: address.scope ? decodeScope(encoding, read(address.scope)) : null,
    origin,
    receivedNs,
  }
}

function clipped(span: DecodedSpan, most: number): DecodedSpan {
  const more = span.attributes.length - most
  if (more <= 0) return span
  const droppedAttributesCount = span.droppedAttributesCount + more
  return { ...span, attributes: span.attributes.slice(0, most), droppedAttributesCount }
}
