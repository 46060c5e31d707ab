// Span, Resource and InstrumentationScope of OTLP/JSON, from bytes to plain objects.
import { JsonCursor } from '../scan/json-cursor.ts'
import { jsonFields } from '../scan/json-fields.ts'
import { spanFields, statusFields } from '../scan/json-span.ts'
import { jsonEnum, jsonId, jsonTime, spanKinds, statusCodes } from '../scan/json-text.ts'
import { exactInteger } from '../scan/value-text.ts'
import { eachField, eachObject, readKeyValues, readText } from './json-value.ts'
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

const TRACE_ID = 16
const SPAN_ID = 8
const UINT32 = 2 ** 32

const eventFields = jsonFields('timeUnixNano', 'name', 'attributes', 'droppedAttributesCount')
const linkFields = jsonFields(
  'traceId',
  'spanId',
  'traceState',
  'flags',
  'attributes',
  'droppedAttributesCount',
)
const resourceFields = jsonFields('attributes', 'droppedAttributesCount')
const scopeFields = jsonFields('name', 'version', 'attributes', 'droppedAttributesCount')

/** Decodes a span object. Throws `AGL_BAD_BODY` when it is no JSON. */
export function decodeJsonSpan(bytes: Buffer): DecodedSpan {
  const cursor = new JsonCursor(bytes)
  const span = emptySpan()
  eachField(cursor, spanFields, (field) => {
    switch (field) {
      case 'traceId':
        span.traceId = readId(cursor, TRACE_ID)
        break
      case 'spanId':
        span.spanId = readId(cursor, SPAN_ID)
        break
      case 'parentSpanId':
        span.parentSpanId = withoutZeros(readId(cursor, SPAN_ID))
        break
      case 'traceState':
      case 'name':
        span[field] = readText(cursor) ?? ''
        break
      case 'kind':
        span.kind = readEnum(cursor, spanKinds)
        break
      case 'startTimeUnixNano':
      case 'endTimeUnixNano':
        span[field] = readTime(cursor)
        break
      case 'events':
        span.events = []
        eachObject(cursor, () => span.events.push(readEvent(cursor)))
        break
      case 'links':
        span.links = []
        eachObject(cursor, () => span.links.push(readLink(cursor)))
        break
      case 'status':
        span.status = readStatus(cursor)
        break
      case 'flags':
      case 'droppedEventsCount':
      case 'droppedLinksCount':
        span[field] = readUint32(cursor)
        break
      default:
        readAttributed(cursor, field, span)
    }
  })
  cursor.finish()
  return span
}

/** Decodes a resource object. Throws `AGL_BAD_BODY` when it is no JSON. */
export function decodeJsonResource(bytes: Buffer): DecodedResource {
  const cursor = new JsonCursor(bytes)
  const resource = emptyResource()
  eachField(cursor, resourceFields, (field) => readAttributed(cursor, field, resource))
  cursor.finish()
  return resource
}

/** Decodes a scope object. Throws `AGL_BAD_BODY` when it is no JSON. */
export function decodeJsonScope(bytes: Buffer): DecodedScope {
  const cursor = new JsonCursor(bytes)
  const scope = emptyScope()
  eachField(cursor, scopeFields, (field) => {
    if (field === 'name' || field === 'version') scope[field] = readText(cursor) ?? ''
    else readAttributed(cursor, field, scope)
  })
  cursor.finish()
  return scope
}

function readEvent(cursor: JsonCursor): DecodedEvent {
  const event = emptyEvent()
  eachField(cursor, eventFields, (field) => {
    if (field === 'timeUnixNano') event.timeUnixNano = readTime(cursor)
    else if (field === 'name') event.name = readText(cursor) ?? ''
    else readAttributed(cursor, field, event)
  })
  return event
}

function readLink(cursor: JsonCursor): DecodedLink {
  const link = emptyLink()
  eachField(cursor, linkFields, (field) => {
    if (field === 'traceId') link.traceId = readId(cursor, TRACE_ID)
    else if (field === 'spanId') link.spanId = readId(cursor, SPAN_ID)
    else if (field === 'traceState') link.traceState = readText(cursor) ?? ''
    else if (field === 'flags') link.flags = readUint32(cursor)
    else readAttributed(cursor, field, link)
  })
  return link
}

function readStatus(cursor: JsonCursor): DecodedSpan['status'] {
  const status = { code: 0, message: '' }
  eachField(cursor, statusFields, (field) => {
    if (field === 'code') status.code = readEnum(cursor, statusCodes)
    else status.message = readText(cursor) ?? ''
  })
  return status
}

/** Reads `attributes` or their dropped count into `target`. */
export function readAttributed(
  cursor: JsonCursor,
  field: 'attributes' | 'droppedAttributesCount',
  target: Attributed,
): void {
  if (field === 'attributes') target.attributes = readKeyValues(cursor)
  else target.droppedAttributesCount = readUint32(cursor)
}

/** An id in hex, as it came where it is none of `size` bytes. */
export function readId(cursor: JsonCursor, size: number): string {
  const text = readText(cursor)
  if (text === undefined) return ''
  return jsonId(cursor.body, cursor.start, cursor.end, size)?.toString('hex') ?? text
}

/** An all-zero parent is the parent of a root. */
function withoutZeros(id: string): string {
  return /^0*$/.test(id) ? '' : id
}

/** A time in ns, in decimal; `0` for what is none. */
export function readTime(cursor: JsonCursor): string {
  if (readText(cursor) === undefined) return '0'
  return (jsonTime(cursor.body, cursor.start, cursor.end) ?? 0n).toString()
}

/** The number of an enum value, given by number or name. */
export function readEnum(cursor: JsonCursor, names: Readonly<Record<string, number>>): number {
  if (readText(cursor) === undefined) return 0
  return jsonEnum(cursor.body, cursor.start, cursor.end, names)
}

/** An unsigned 32-bit number; 0 for what is none. */
export function readUint32(cursor: JsonCursor): number {
  const value = Number(exactInteger(readText(cursor) ?? '') ?? 0)
  return value >= 0 && value < UINT32 ? value : 0
}
