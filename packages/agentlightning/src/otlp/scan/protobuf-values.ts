// Framing of attribute values: AnyValue, KeyValue, ArrayValue of opentelemetry-proto common/v1.
import { skipIntElements } from './int-elements.ts'
import type { Slice } from './span-view.ts'
import { longArray, longList } from './value-limits.ts'
import type { Wire } from './wire.ts'

const KEY_VALUE_FIELDS = 0b110
const ANY_VALUE_FIELDS = 0b1111_1110
const LIST_FIELDS = 0b10

/** A message that carries attributes: the tags of its fields, and its known field numbers as bits. */
export interface AttributeHolder {
  readonly attributes: number
  readonly others: readonly number[]
  readonly known: number
}

export const eventShape: AttributeHolder = { attributes: 0x1a, others: [0x09, 0x12, 0x20], known: 0b1_1110 }
export const linkShape: AttributeHolder = {
  attributes: 0x22,
  others: [0x0a, 0x12, 0x1a, 0x28, 0x35],
  known: 0b111_1110,
}
export const resourceShape: AttributeHolder = { attributes: 0x0a, others: [0x10], known: 0b110 }
export const scopeShape: AttributeHolder = { attributes: 0x1a, others: [0x0a, 0x12, 0x20], known: 0b1_1110 }

/**
 * Holds the message at [start, end) to its framing, and its attributes to `depth` levels of nesting. False
 * when one is nested deeper (the rest of it is then not looked at); throws `AGL_BAD_BODY` when malformed.
 */
export function checkAttributes(
  wire: Wire,
  start: number,
  end: number,
  shape: AttributeHolder,
  depth: number,
): boolean {
  let p = start
  while (p < end) {
    const tag = wire.tag(p, end)
    p = wire.pos
    if (tag === shape.attributes) {
      const stop = wire.enter(p, end)
      if (!checkKeyValue(wire, wire.pos, stop, depth)) return false
      p = stop
    } else {
      p = wire.skip(tag, p, end, shape.others.includes(tag) ? 0 : shape.known)
    }
  }
  return true
}

/**
 * Holds the KeyValue at [start, end) to its framing, and its value to `depth` levels of nesting and to
 * `wire.arrays`. False when it is nested deeper, or with `wire.problem` when an array is too long, and
 * `wire.failedKey` says where; throws `AGL_BAD_BODY` when it is malformed.
 */
export function checkKeyValue(wire: Wire, start: number, end: number, depth: number): boolean {
  if (isPairWithin(wire, start, end, depth)) return true
  wire.failedKey = keyOf(wire, start, end)
  return false
}

/** The key of the KeyValue at [start, end), as far as it is well-formed. */
function keyOf(wire: Wire, start: number, end: number): Slice | undefined {
  let key: Slice | undefined
  let p = start
  while (p < end) {
    const tag = wire.tag(p, end)
    p = wire.pos
    if (tag === 0x0a) {
      const stop = wire.enter(p, end)
      key = { start: wire.pos, end: stop }
      p = stop
    } else {
      p = wire.skip(tag, p, end, 0)
    }
  }
  return key
}

function isPairWithin(wire: Wire, start: number, end: number, depth: number): boolean {
  let p = start
  while (p < end) {
    const tag = wire.tag(p, end)
    p = wire.pos
    if (tag === 0x0a) {
      p = wire.enter(p, end)
    } else if (tag === 0x12) {
      const stop = wire.enter(p, end)
      if (!checkValue(wire, wire.pos, stop, depth)) return false
      p = stop
    } else {
      p = wire.skip(tag, p, end, KEY_VALUE_FIELDS)
    }
  }
  return true
}

/** As `checkKeyValue`, for the AnyValue at [start, end). */
export function checkValue(wire: Wire, start: number, end: number, depth: number): boolean {
  let p = start
  while (p < end) {
    const tag = wire.tag(p, end)
    p = wire.pos
    switch (tag) {
      case 0x0a: // string_value
      case 0x3a: // bytes_value
        p = wire.enter(p, end)
        break
      case 0x10: // bool_value
      case 0x18: // int_value
        p = wire.skipVarint(p, end)
        break
      case 0x21: // double_value
        p = wire.skipFixed(p, 8, end)
        break
      case 0x2a: // array_value
      case 0x32: {
        // kvlist_value
        const stop = wire.enter(p, end)
        if (depth === 0) {
          wire.problem = undefined
          return false
        }
        const check = tag === 0x2a ? checkArray : checkKeyValueList
        if (!check(wire, wire.pos, stop, depth - 1)) return false
        p = stop
        break
      }
      default:
        p = wire.skip(tag, p, end, ANY_VALUE_FIELDS)
    }
  }
  return true
}

function checkArray(wire: Wire, start: number, end: number, depth: number): boolean {
  const { arrayIntegers, arrayElements } = wire.arrays
  let integers = 0
  let others = 0
  let p = start
  while (p < end) {
    integers += skipIntElements(wire, p, end)
    if (integers > arrayIntegers) return refuse(wire, longArray(arrayIntegers, 'integers'))
    p = wire.pos
    if (p === end) break
    if (++others > arrayElements) return refuse(wire, longArray(arrayElements, 'elements'))
    const tag = wire.tag(p, end)
    p = wire.pos
    if (tag === 0x0a) {
      const stop = wire.enter(p, end)
      if (!checkValue(wire, wire.pos, stop, depth)) return false
      p = stop
    } else {
      p = wire.skip(tag, p, end, LIST_FIELDS)
    }
  }
  return true
}

function checkKeyValueList(wire: Wire, start: number, end: number, depth: number): boolean {
  const { arrayElements } = wire.arrays
  let entries = 0
  let p = start
  while (p < end) {
    if (++entries > arrayElements) return refuse(wire, longList(arrayElements))
    const tag = wire.tag(p, end)
    p = wire.pos
    if (tag === 0x0a) {
      const stop = wire.enter(p, end)
      if (!checkKeyValue(wire, wire.pos, stop, depth)) return false
      p = stop
    } else {
      p = wire.skip(tag, p, end, LIST_FIELDS)
    }
  }
  return true
}

function refuse(wire: Wire, problem: string): false {
  wire.problem = problem
  return false
}
