// Attribute values as ordinary JavaScript values.
import type { AnyValue } from './types.ts'

/** What an attribute value is without its type. */
export type PlainValue = string | number | boolean | null | PlainValue[] | { [key: string]: PlainValue }

/**
 * The value without its type: integers as numbers where exact and as decimal text beyond 2^53, bytes as
 * base64, a kvlist as an object (of a key given twice the last counts), NaN and infinities as text, a value
 * that is not set as null.
 */
export function plainValue(value: AnyValue): PlainValue {
  if (value.intValue !== undefined) {
    const number = Number(value.intValue)
    return Number.isSafeInteger(number) ? number : value.intValue
  }
  if (value.arrayValue) return value.arrayValue.values.map(plainValue)
  if (value.kvlistValue) {
    return Object.fromEntries(value.kvlistValue.values.map((pair) => [pair.key, plainValue(pair.value)]))
  }
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue ?? null
}
