// Span, Resource and InstrumentationScope of opentelemetry-proto, from protobuf to plain objects.
import { Wire } from '../scan/wire.ts'
import {
  attributed,
  fixed32,
  hex,
  int32,
  type Reader,
  readMessage,
  text,
  time,
  uint32,
} from './protobuf-fields.ts'
import {
  type DecodedEvent,
  type DecodedLink,
  type DecodedResource,
  type DecodedScope,
  type DecodedSpan,
  emptyEvent,
  emptyLink,
  emptyResource,
  emptyScope,
  emptySpan,
} from './types.ts'

const resourceFields = new Map<number, Reader<DecodedResource>>(attributed(0x0a, 0x10))

const scopeFields = new Map<number, Reader<DecodedScope>>([
  [0x0a, text('name')],
  [0x12, text('version')],
  ...attributed(0x1a, 0x20),
])

const eventFields = new Map<number, Reader<DecodedEvent>>([
  [0x09, time('timeUnixNano')],
  [0x12, text('name')],
  ...attributed(0x1a, 0x20),
])

const linkFields = new Map<number, Reader<DecodedLink>>([
  [0x0a, hex('traceId')],
  [0x12, hex('spanId')],
  [0x1a, text('traceState')],
  [0x35, fixed32('flags')],
  ...attributed(0x22, 0x28),
])

const statusFields = new Map<number, Reader<DecodedSpan['status']>>([
  [0x12, text('message')],
  [0x18, int32('code')],
])

const parentSpanId = hex('parentSpanId')

const spanFields = new Map<number, Reader<DecodedSpan>>([
  [0x0a, hex('traceId')],
  [0x12, hex('spanId')],
  [0x1a, text('traceState')],
  [
    0x22,
    (span, wire, field) => {
      parentSpanId(span, wire, field)
      // An all-zero parent is the parent of a root.
      if (/^0*$/.test(span.parentSpanId)) span.parentSpanId = ''
    },
  ],
  [0x2a, text('name')],
  [0x30, int32('kind')],
  [0x39, time('startTimeUnixNano')],
  [0x41, time('endTimeUnixNano')],
  [
    0x5a,
    (span, wire, { start, end }) =>
      span.events.push(readMessage(wire, start, end, eventFields, emptyEvent())),
  ],
  [0x60, uint32('droppedEventsCount')],
  [
    0x6a,
    (span, wire, { start, end }) => span.links.push(readMessage(wire, start, end, linkFields, emptyLink())),
  ],
  [0x70, uint32('droppedLinksCount')],
  [0x7a, (span, wire, { start, end }) => readMessage(wire, start, end, statusFields, span.status)],
  [0x85, fixed32('flags')],
  ...attributed(0x4a, 0x50),
])

/** Decodes a Span message. Throws `AGL_BAD_BODY` when it is malformed. */
export function decodeProtobufSpan(bytes: Buffer): DecodedSpan {
  return readMessage(new Wire(bytes), 0, bytes.length, spanFields, emptySpan())
}

/** Decodes a Resource message. Throws `AGL_BAD_BODY` when it is malformed. */
export function decodeProtobufResource(bytes: Buffer): DecodedResource {
  return readMessage(new Wire(bytes), 0, bytes.length, resourceFields, emptyResource())
}

/** Decodes an InstrumentationScope message. Throws `AGL_BAD_BODY` when it is malformed. */
export function decodeProtobufScope(bytes: Buffer): DecodedScope {
  return readMessage(new Wire(bytes), 0, bytes.length, scopeFields, emptyScope())
}
