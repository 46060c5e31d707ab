// Span, Resource and InstrumentationScope of opentelemetry-proto, from protobuf to plain objects.
import { Wire } from '../scan/wire.ts'
import { decodeKeyValue, type Field, fieldsOf, textAt } from './protobuf-value.ts'
import {
  type Attributed,
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

/** Decodes a Span message. Throws `AGL_BAD_BODY` when it is malformed. */
export function decodeProtobufSpan(bytes: Buffer): DecodedSpan {
  const wire = new Wire(bytes)
  const span = emptySpan()
  for (const field of fieldsOf(wire, 0, bytes.length)) readSpanField(wire, field, span)
  return span
}

/** Decodes a Resource message. Throws `AGL_BAD_BODY` when it is malformed. */
export function decodeProtobufResource(bytes: Buffer): DecodedResource {
  const wire = new Wire(bytes)
  const resource = emptyResource()
  for (const field of fieldsOf(wire, 0, bytes.length)) readAttributed(wire, field, resource, 0x0a, 0x10)
  return resource
}

/** Decodes an InstrumentationScope message. Throws `AGL_BAD_BODY` when it is malformed. */
export function decodeProtobufScope(bytes: Buffer): DecodedScope {
  const wire = new Wire(bytes)
  const scope = emptyScope()
  for (const field of fieldsOf(wire, 0, bytes.length)) {
    if (field.tag === 0x0a) scope.name = textAt(wire, field.start, field.end)
    else if (field.tag === 0x12) scope.version = textAt(wire, field.start, field.end)
    else readAttributed(wire, field, scope, 0x1a, 0x20)
  }
  return scope
}

function readSpanField(wire: Wire, field: Field, span: DecodedSpan): void {
  const { start, end } = field
  switch (field.tag) {
    case 0x0a:
      span.traceId = hexAt(wire, field)
      break
    case 0x12:
      span.spanId = hexAt(wire, field)
      break
    case 0x1a:
      span.traceState = textAt(wire, start, end)
      break
    case 0x22:
      span.parentSpanId = withoutZeros(hexAt(wire, field))
      break
    case 0x2a:
      span.name = textAt(wire, start, end)
      break
    case 0x30:
      span.kind = wire.int32(start, end)
      break
    case 0x39:
      span.startTimeUnixNano = timeAt(wire, start)
      break
    case 0x41:
      span.endTimeUnixNano = timeAt(wire, start)
      break
    case 0x5a:
      span.events.push(decodeEvent(wire, field))
      break
    case 0x60:
      span.droppedEventsCount = wire.int32(start, end) >>> 0
      break
    case 0x6a:
      span.links.push(decodeLink(wire, field))
      break
    case 0x70:
      span.droppedLinksCount = wire.int32(start, end) >>> 0
      break
    case 0x7a:
      readStatus(wire, field, span.status)
      break
    case 0x85:
      span.flags = wire.body.readUInt32LE(start)
      break
    default:
      readAttributed(wire, field, span, 0x4a, 0x50)
  }
}

function readStatus(wire: Wire, { start, end }: Field, status: DecodedSpan['status']): void {
  for (const field of fieldsOf(wire, start, end)) {
    if (field.tag === 0x12) status.message = textAt(wire, field.start, field.end)
    if (field.tag === 0x18) status.code = wire.int32(field.start, field.end)
  }
}

function decodeEvent(wire: Wire, { start, end }: Field): DecodedEvent {
  const event = emptyEvent()
  for (const field of fieldsOf(wire, start, end)) {
    if (field.tag === 0x09) event.timeUnixNano = timeAt(wire, field.start)
    else if (field.tag === 0x12) event.name = textAt(wire, field.start, field.end)
    else readAttributed(wire, field, event, 0x1a, 0x20)
  }
  return event
}

function decodeLink(wire: Wire, { start, end }: Field): DecodedLink {
  const link = emptyLink()
  for (const field of fieldsOf(wire, start, end)) {
    if (field.tag === 0x0a) link.traceId = hexAt(wire, field)
    else if (field.tag === 0x12) link.spanId = hexAt(wire, field)
    else if (field.tag === 0x1a) link.traceState = textAt(wire, field.start, field.end)
    else if (field.tag === 0x35) link.flags = wire.body.readUInt32LE(field.start)
    else readAttributed(wire, field, link, 0x22, 0x28)
  }
  return link
}

/** Reads the field into `target` if it is an attribute or the count of dropped ones. */
export function readAttributed(
  wire: Wire,
  field: Field,
  target: Attributed,
  attributes: number,
  dropped: number,
): void {
  if (field.tag === attributes) target.attributes.push(decodeKeyValue(wire, field.start, field.end))
  if (field.tag === dropped) target.droppedAttributesCount = wire.int32(field.start, field.end) >>> 0
}

/** The bytes of a field in hex. */
export function hexAt(wire: Wire, { start, end }: Field): string {
  return wire.body.toString('hex', start, end)
}

/** An all-zero parent is the parent of a root. */
function withoutZeros(id: string): string {
  return /^0*$/.test(id) ? '' : id
}

/** The 8-byte time at `start`, ns in decimal. */
export function timeAt(wire: Wire, start: number): string {
  return wire.body.readBigUInt64LE(start).toString()
}
