// Attributes of a checked OTLP/JSON object, handed over without decoding them.
import { readSetField, type SetField } from './json-any-value.ts'
import type { JsonCursor } from './json-cursor.ts'
import { jsonFields, matchJson } from './json-fields.ts'
import type { JsonValue } from './json-value.ts'
import type { AttributeVisitor, KeyTable } from './span-view.ts'

const keyValueFields = jsonFields('key', 'value')

/**
 * Calls `visit` for each KeyValue whose key `table` knows, in order, duplicates included. The cursor stands
 * at the list, and behind it afterwards. Elements that are no objects are holes.
 * @param value reused for every call of `visit`
 * @param most of the KeyValues that are looked at, the first ones
 */
export function visitJsonAttributes<Entry>(
  cursor: JsonCursor,
  table: KeyTable<Entry>,
  visit: AttributeVisitor<Entry>,
  value: JsonValue,
  most = Number.POSITIVE_INFINITY,
): void {
  if (cursor.peek() !== 'array') {
    cursor.skip()
    return
  }
  if (!cursor.openArray()) return
  let left = most
  do {
    if (cursor.peek() === 'object' && left > 0) {
      left--
      visitKeyValue(cursor, table, visit, value)
    } else cursor.skip()
  } while (cursor.moreElements())
}

function visitKeyValue<Entry>(
  cursor: JsonCursor,
  table: KeyTable<Entry>,
  visit: AttributeVisitor<Entry>,
  value: JsonValue,
): void {
  let entry: Entry | undefined
  let set: SetField | undefined
  let skippedAt: number | undefined
  if (!cursor.openObject()) return
  do {
    cursor.key()
    const field = matchJson(keyValueFields, cursor)
    if (field === 'key' && cursor.peek() === 'string') {
      cursor.string()
      entry = matchJson(table, cursor)
    } else if (field === 'value' && entry !== undefined) {
      set = readSetField(cursor)
      skippedAt = undefined
    } else {
      if (field === 'key') entry = undefined
      if (field === 'value') skippedAt = cursor.pos
      cursor.skip()
    }
  } while (cursor.moreKeys())
  if (entry === undefined) return
  if (skippedAt !== undefined) set = readBack(cursor, skippedAt)
  value.show(cursor.body, set)
  visit(entry, value)
}

/** The set field of a value that stood before its key. */
function readBack(cursor: JsonCursor, at: number): SetField | undefined {
  const { pos } = cursor
  cursor.pos = at
  const set = readSetField(cursor)
  cursor.pos = pos
  return set
}
