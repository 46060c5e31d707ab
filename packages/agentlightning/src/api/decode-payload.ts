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
import { decodeLegacySpan } from '../trace/legacy/decode.ts'

/** A span with its context, nothing lost. */
export interface WholeSpan {
  readonly span: DecodedSpan
  readonly resource: DecodedResource | null
  readonly scope: DecodedScope | null
  readonly origin: Origin
  readonly receivedNs: bigint
}

/** Reads and decodes the payload at `address`. Throws `AGL_PRUNED` where its segment is gone. */
export function readPayload(log: Pick<LogReader, 'slice'>, address: SpanAddress): WholeSpan {
  const { encoding, origin, receivedNs } = address
  const read = (at: Address) => log.slice(at.segment, at.offset, at.length)
  if (encoding === 'legacy') {
    const { traceId, spanId } = address
    const span = decodeLegacySpan(read(address.span), { traceId, spanId, receivedNs })
    return { span, resource: null, scope: null, origin, receivedNs }
  }
  return {
    span: decodeSpan(encoding, read(address.span)),
    resource: address.resource ? decodeResource(encoding, read(address.resource)) : null,
    scope: address.scope ? decodeScope(encoding, read(address.scope)) : null,
    origin,
    receivedNs,
  }
}
