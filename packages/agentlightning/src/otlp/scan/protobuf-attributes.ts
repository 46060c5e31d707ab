// Attributes of a checked protobuf message, handed over without decoding them.
import type { ProtobufValue } from './protobuf-value.ts'
import type { AttributeVisitor, KeyTable } from './span-view.ts'
import type { Wire } from './wire.ts'

const KEY = 0x0a
const VALUE = 0x12

/**
 * Calls `visit` for each KeyValue whose key `table` knows, in order, duplicates included.
 * @param tag the tag of the attributes field in the message at [start, end)
 * @param count how many there are at most: the search ends with the last
 * @param value reused for every call of `visit`
 */
export function visitAttributes<Entry>(
  wire: Wire,
  start: number,
  end: number,
  tag: number,
  count: number,
  table: KeyTable<Entry>,
  visit: AttributeVisitor<Entry>,
  value: ProtobufValue,
): void {
  let left = count
  let p = start
  while (p < end && left > 0) {
    const found = wire.tag(p, end)
    p = wire.pos
    if (found !== tag) {
      p = wire.skip(found, p, end, 0)
      continue
    }
    left--
    const stop = wire.enter(p, end)
    const entry = matchKeyValue(wire, wire.pos, stop, table, value)
    if (entry !== undefined) visit(entry, value)
    p = stop
  }
}

/** The entry of the KeyValue at [start, end), with `value` on its value; a value in parts is merged. */
function matchKeyValue<Entry>(
  wire: Wire,
  start: number,
  end: number,
  table: KeyTable<Entry>,
  value: ProtobufValue,
): Entry | undefined {
  let keyStart = 0
  let keyEnd = 0
  let valueStart = 0
  let valueEnd = 0
  let parts: Buffer[] | undefined
  let p = start
  while (p < end) {
    const tag = wire.tag(p, end)
    p = wire.pos
    if (tag === KEY) {
      keyEnd = wire.enter(p, end)
      keyStart = wire.pos
      p = keyEnd
    } else if (tag === VALUE) {
      if (valueStart !== 0) {
        parts ??= [wire.body.subarray(valueStart, valueEnd)]
      }
      valueEnd = wire.enter(p, end)
      valueStart = wire.pos
      parts?.push(wire.body.subarray(valueStart, valueEnd))
      p = valueEnd
    } else {
      p = wire.skip(tag, p, end, 0)
    }
  }
  const entry = table.match(wire.body, keyStart, keyEnd)
  if (entry === undefined) return undefined
  if (parts) {
    const merged = Buffer.concat(parts)
    value.set(merged, 0, merged.length)
  } else {
    value.set(wire.body, valueStart, valueEnd)
  }
  return entry
}
