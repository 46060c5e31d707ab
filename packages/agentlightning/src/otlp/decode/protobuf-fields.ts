// Tables from the tags of a protobuf message to the places of a plain object that their fields fill.
import type { Wire } from '../scan/wire.ts'
import { decodeKeyValue, type Field, fieldsOf, textAt } from './protobuf-value.ts'
import type { Attributed } from './types.ts'

/** Reads the content of a field into its place. */
export type Reader<T> = (target: T, wire: Wire, field: Field) => void

/** The fields of a message by their tags. */
export type Readers<T> = ReadonlyMap<number, Reader<T>>

/** Reads the message at [start, end) into `target`, and gives it back. Throws `AGL_BAD_BODY` where it is malformed. */
export function readMessage<T>(wire: Wire, start: number, end: number, readers: Readers<T>, target: T): T {
  for (const field of fieldsOf(wire, start, end)) readers.get(field.tag)?.(target, wire, field)
  return target
}

/** A text, invalid UTF-8 replaced. */
export const text =
  <K extends string>(key: K): Reader<Record<K, string>> =>
  (target, wire, { start, end }) => {
    target[key] = textAt(wire, start, end)
  }

/** Bytes, in hex. */
export const hex =
  <K extends string>(key: K): Reader<Record<K, string>> =>
  (target, wire, { start, end }) => {
    target[key] = wire.body.toString('hex', start, end)
  }

/** A fixed64 of ns, in decimal. */
export const time =
  <K extends string>(key: K): Reader<Record<K, string>> =>
  (target, wire, { start }) => {
    target[key] = wire.body.readBigUInt64LE(start).toString()
  }

/** An int32 or the number of an enum. */
export const int32 =
  <K extends string>(key: K): Reader<Record<K, number>> =>
  (target, wire, { start, end }) => {
    target[key] = wire.int32(start, end)
  }

/** A uint32. */
export const uint32 =
  <K extends string>(key: K): Reader<Record<K, number>> =>
  (target, wire, { start, end }) => {
    target[key] = wire.int32(start, end) >>> 0
  }

/** A fixed32. */
export const fixed32 =
  <K extends string>(key: K): Reader<Record<K, number>> =>
  (target, wire, { start }) => {
    target[key] = wire.body.readUInt32LE(start)
  }

/** The fields of a thing with attributes, under the tags of its message. */
export const attributed = (attributes: number, dropped: number): readonly [number, Reader<Attributed>][] => [
  [attributes, (target, wire, { start, end }) => target.attributes.push(decodeKeyValue(wire, start, end))],
  [dropped, uint32('droppedAttributesCount')],
]
