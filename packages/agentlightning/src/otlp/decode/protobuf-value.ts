// AnyValue and KeyValue of opentelemetry-proto common/v1, from protobuf to plain objects.
import { malformedWire, type Wire } from '../scan/wire.ts'
import { type AnyValue, DEEPEST_VALUE, doubleValue, type KeyValue } from './types.ts'

const LENGTH = 2

/** Where the fields of one message are read: the tag and the content of the current one. */
export interface Field {
  readonly tag: number
  /** Start of the content: of a length-delimited field behind its length. */
  readonly start: number
  readonly end: number
}

/** The fields of the message at [start, end), in order. Throws `AGL_BAD_BODY` where it is malformed. */
export function* fieldsOf(wire: Wire, start: number, end: number): Generator<Field> {
  let p = start
  while (p < end) {
    const tag = wire.tag(p, end)
    const content = wire.pos
    p = wire.skip(tag, content, end, 0)
    if ((tag & 7) === LENGTH) {
      wire.enter(content, end)
      yield { tag, start: wire.pos, end: p }
    } else {
      yield { tag, start: content, end: p }
    }
  }
}

/** The text at [start, end), invalid UTF-8 replaced. */
export function textAt(wire: Wire, start: number, end: number): string {
  return wire.body.toString('utf8', start, end)
}

/** Decodes the KeyValue at [start, end). A value that occurs in parts is merged, as protobuf has it. */
export function decodeKeyValue(wire: Wire, start: number, end: number, depth = 0): KeyValue {
  let key = ''
  let value: AnyValue = {}
  for (const field of fieldsOf(wire, start, end)) {
    if (field.tag === 0x0a) key = textAt(wire, field.start, field.end)
    if (field.tag === 0x12) value = decodeValue(wire, field.start, field.end, depth, value)
  }
  return { key, value }
}

/** Decodes the AnyValue at [start, end) on top of what an earlier part of it held. */
export function decodeValue(
  wire: Wire,
  start: number,
  end: number,
  depth = 0,
  before: AnyValue = {},
): AnyValue {
  if (depth > DEEPEST_VALUE)
    throw malformedWire(`a value is nested deeper than ${DEEPEST_VALUE} levels`, start)
  let value = before
  for (const field of fieldsOf(wire, start, end)) {
    switch (field.tag) {
      case 0x0a:
        value = { stringValue: textAt(wire, field.start, field.end) }
        break
      case 0x10:
        value = { boolValue: wire.bool(field.start, field.end) }
        break
      case 0x18:
        value = { intValue: wire.int64(field.start, field.end) }
        break
      case 0x21:
        value = doubleValue(wire.body.readDoubleLE(field.start))
        break
      case 0x2a: {
        const values = value.arrayValue?.values ?? []
        decodeArray(wire, field.start, field.end, depth + 1, values)
        value = { arrayValue: { values } }
        break
      }
      case 0x32: {
        const values = value.kvlistValue?.values ?? []
        for (const element of fieldsOf(wire, field.start, field.end)) {
          if (element.tag === 0x0a) values.push(decodeKeyValue(wire, element.start, element.end, depth + 1))
        }
        value = { kvlistValue: { values } }
        break
      }
      case 0x3a:
        value = { bytesValue: wire.body.toString('base64', field.start, field.end) }
        break
    }
  }
  return value
}

/** Token ids come by the ten thousand: an element that is an int_value alone takes the short way. */
function decodeArray(wire: Wire, start: number, end: number, depth: number, values: AnyValue[]): void {
  let p = start
  while (p < end) {
    const tag = wire.tag(p, end)
    const content = wire.pos
    p = wire.skip(tag, content, end, 0)
    if (tag !== 0x0a) continue
    wire.enter(content, end)
    const from = wire.pos
    if (p - from > 1 && wire.body[from] === 0x18 && wire.skipVarint(from + 1, p) === p) {
      values.push({ intValue: wire.int64(from + 1, p) })
    } else {
      values.push(decodeValue(wire, from, p, depth))
    }
  }
}
