// AnyValue and KeyValue of OTLP/JSON, from bytes to plain objects.
import { type AnyValueField, anyValueFields, listFields } from '../scan/json-any-value.ts'
import type { JsonCursor } from '../scan/json-cursor.ts'
import { jsonFields, matchJson } from '../scan/json-fields.ts'
import { jsonText } from '../scan/json-text.ts'
import type { KeyTable } from '../scan/span-view.ts'
import { exactInteger } from '../scan/value-text.ts'
import { type AnyValue, DEEPEST_VALUE, doubleValue, type KeyValue } from './types.ts'

const keyValueFields = jsonFields('key', 'value')

/** The text of the string, number or bool at the cursor; `undefined`, and skipped, for anything else. */
export function readText(cursor: JsonCursor): string | undefined {
  const type = cursor.peek()
  if (type === 'string') cursor.string()
  else if (type === 'number' || type === 'boolean') cursor.scalar()
  else {
    cursor.skip()
    return undefined
  }
  return jsonText(cursor.body, cursor.start, cursor.end)
}

/** Calls `read` with the cursor at each object of the list at the cursor; what is no object is a hole. */
export function eachObject(cursor: JsonCursor, read: () => void): void {
  if (cursor.peek() !== 'array') {
    cursor.skip()
    return
  }
  if (!cursor.openArray()) return
  do {
    if (cursor.peek() === 'object') read()
    else cursor.skip()
  } while (cursor.moreElements())
}

/** Calls `read` with the cursor at the value of each known field; others, and what is no object, are skipped. */
export function eachField<Field>(
  cursor: JsonCursor,
  fields: KeyTable<Field>,
  read: (field: Field) => void,
): void {
  if (cursor.peek() !== 'object') {
    cursor.skip()
    return
  }
  if (!cursor.openObject()) return
  do {
    cursor.key()
    const field = matchJson(fields, cursor)
    if (field === undefined) cursor.skip()
    else read(field)
  } while (cursor.moreKeys())
}

/** Decodes the list of KeyValues at the cursor. */
export function readKeyValues(cursor: JsonCursor, depth = 0): KeyValue[] {
  const list: KeyValue[] = []
  eachObject(cursor, () => list.push(readKeyValue(cursor, depth)))
  return list
}

function readKeyValue(cursor: JsonCursor, depth: number): KeyValue {
  const pair: KeyValue = { key: '', value: {} }
  eachField(cursor, keyValueFields, (field) => {
    if (field === 'key') pair.key = readText(cursor) ?? ''
    else pair.value = readValue(cursor, depth)
  })
  return pair
}

/**
 * Decodes the AnyValue at the cursor and steps behind it: the last field that is not null counts, as in
 * `readSetField`. Anything that is no object is a value not set.
 */
export function readValue(cursor: JsonCursor, depth = 0): AnyValue {
  if (depth > DEEPEST_VALUE) {
    throw cursor.fail(`a value is nested deeper than ${DEEPEST_VALUE} levels`, cursor.pos)
  }
  let set: AnyValueField | undefined
  let value: AnyValue = {}
  let nullDouble = false
  eachField(cursor, anyValueFields, (field) => {
    if (cursor.peek() !== 'null') {
      set = field
      value = readSet(cursor, field, depth)
      return
    }
    cursor.skip()
    if (field === 'doubleValue') nullDouble = true
    if (field === set) {
      set = undefined
      value = {}
    }
  })
  return set === undefined && nullDouble ? { doubleValue: 'NaN' } : value
}

function readSet(cursor: JsonCursor, field: AnyValueField, depth: number): AnyValue {
  if (field === 'arrayValue') {
    return { arrayValue: { values: readList(cursor, () => readElements(cursor, depth + 1)) } }
  }
  if (field === 'kvlistValue') {
    return { kvlistValue: { values: readList(cursor, () => readKeyValues(cursor, depth + 1)) } }
  }
  const text = readText(cursor)
  if (text === undefined) return {}
  switch (field) {
    case 'stringValue':
      return { stringValue: text }
    case 'boolValue':
      return text === 'true' || text === 'false' ? { boolValue: text === 'true' } : { stringValue: text }
    case 'intValue':
      return integer(text)
    case 'doubleValue':
      return double(text)
    case 'bytesValue':
      return { bytesValue: Buffer.from(text, 'base64').toString('base64') }
  }
}

/** The `values` of the ArrayValue or KeyValueList at the cursor. */
function readList<Element>(cursor: JsonCursor, read: () => Element[]): Element[] {
  let values: Element[] = []
  eachField(cursor, listFields, () => {
    values = read()
  })
  return values
}

/** The elements of the list at the cursor; what is no object is a value not set, and keeps its place. */
function readElements(cursor: JsonCursor, depth: number): AnyValue[] {
  const values: AnyValue[] = []
  if (cursor.peek() !== 'array') {
    cursor.skip()
  } else if (cursor.openArray()) {
    do values.push(readValue(cursor, depth))
    while (cursor.moreElements())
  }
  return values
}

function double(text: string): AnyValue {
  const number = Number(text)
  if (text === '' || (Number.isNaN(number) && text !== 'NaN')) return { stringValue: text }
  return doubleValue(number)
}

/** An integer in decimal, whatever its size; a number that is none stays a double, other text stays text. */
function integer(text: string): AnyValue {
  const exact = exactInteger(text)
  if (exact !== undefined) return { intValue: exact }
  return double(text)
}
