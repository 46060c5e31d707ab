// AnyValue of OTLP/JSON: which of its fields holds the value.
import type { JsonCursor } from './json-cursor.ts'
import { jsonFields, matchJson } from './json-fields.ts'

/** The fields of AnyValue. */
export const anyValueFields = jsonFields(
  'stringValue',
  'boolValue',
  'intValue',
  'doubleValue',
  'arrayValue',
  'kvlistValue',
  'bytesValue',
)
/** The one field of ArrayValue and KeyValueList. */
export const listFields = jsonFields('values')

/** A field of AnyValue by its name in OTLP/JSON. */
export type AnyValueField =
  | 'stringValue'
  | 'boolValue'
  | 'intValue'
  | 'doubleValue'
  | 'arrayValue'
  | 'kvlistValue'
  | 'bytesValue'

/** The field of an AnyValue that is set, and where its value starts. */
export interface SetField {
  readonly field: AnyValueField
  readonly at: number
}

/**
 * The field of the AnyValue at the cursor that counts: the last that is not null. A `doubleValue` of null
 * counts where nothing else does: OpenTelemetry for JavaScript sends NaN and infinities so. The cursor stands
 * behind the AnyValue afterwards. `undefined` for an empty one, or anything that is no object.
 */
export function readSetField(cursor: JsonCursor): SetField | undefined {
  let found: SetField | undefined
  let nullDouble: SetField | undefined
  if (cursor.peek() !== 'object') {
    cursor.skip()
    return undefined
  }
  if (!cursor.openObject()) return undefined
  do {
    cursor.key()
    const field = matchJson(anyValueFields, cursor)
    const at = cursor.pos
    const isNull = cursor.peek() === 'null'
    cursor.skip()
    if (field === undefined) continue
    if (!isNull) found = { field, at }
    else if (field === 'doubleValue') nullDouble = { field, at }
    else if (found?.field === field) found = undefined
  } while (cursor.moreKeys())
  return found ?? nullDouble
}

/** Where the `values` of an ArrayValue or KeyValueList start, and how many elements they have. */
export interface Values {
  readonly at: number
  readonly count: number
}

/** The `values` of the ArrayValue or KeyValueList at the cursor, or `undefined` when it has none. */
export function readValues(cursor: JsonCursor): Values | undefined {
  let values: Values | undefined
  if (cursor.peek() !== 'object' || !cursor.openObject()) return undefined
  do {
    cursor.key()
    const isValues = matchJson(listFields, cursor) !== undefined
    const isArray = cursor.peek() === 'array'
    const at = cursor.pos
    const end = cursor.skip()
    if (!isValues) continue
    const count = cursor.commas + 1
    values = isArray && !isEmptyArray(cursor.body, at, end) ? { at, count } : undefined
  } while (cursor.moreKeys())
  return values
}

/** True when only white space stands between the brackets at [start, end). */
function isEmptyArray(body: Buffer, start: number, end: number): boolean {
  for (let p = start + 1; p < end - 1; p++) if (body[p]! > 0x20) return false
  return true
}
