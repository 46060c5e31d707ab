// One pass over a span of OTLP/JSON: syntax checked, offsets noted.
import type { JsonCursor } from './json-cursor.ts'
import { jsonFields, matchJson } from './json-fields.ts'
import { isHexId, isPlainTime, jsonEnum, jsonId, jsonTime, spanKinds, statusCodes } from './json-text.ts'
import { type Excess, excessOf, type ValueLimits } from './json-value-limits.ts'
import { columns } from './span-table.ts'

const TRACE_ID = 16
const SPAN_ID = 8

export const spanFields = jsonFields(
  'traceId',
  'spanId',
  'parentSpanId',
  'traceState',
  'flags',
  'name',
  'kind',
  'startTimeUnixNano',
  'endTimeUnixNano',
  'attributes',
  'droppedAttributesCount',
  'events',
  'droppedEventsCount',
  'links',
  'droppedLinksCount',
  'status',
)
export const statusFields = jsonFields('code', 'message')

/**
 * Notes the fields of the span at the cursor in the row at `base` and steps behind it. Of a key given twice
 * the last counts; null is absent.
 * @param levels bracket levels that a span may have, whatever they hold
 * @param limits what the values of its attributes, events and links are held to
 * @returns why the span cannot be taken, or `undefined`
 */
export function readJsonSpan(
  cursor: JsonCursor,
  rows: Int32Array,
  base: number,
  levels: number,
  limits: ValueLimits,
): Excess | undefined {
  const { body } = cursor
  const excess: Excess[] = []
  const ofHolder = (start: number) => note(excess, excessOf(cursor, start, 'holder', limits))
  let wrong: Map<string, string> | undefined
  let deepest = 0
  if (cursor.openObject()) {
    do {
      cursor.key()
      const field = matchJson(spanFields, cursor)
      let problem: string | undefined
      cursor.levels = 0
      switch (field) {
        case 'traceId':
          problem = readString(cursor, rows, base + columns.trace)
          break
        case 'spanId':
          problem = readString(cursor, rows, base + columns.span)
          break
        case 'parentSpanId':
          problem = readString(cursor, rows, base + columns.parent)
          break
        case 'name':
          problem = readString(cursor, rows, base + columns.name)
          break
        case 'kind':
          problem = readEnum(cursor, rows, base + columns.kind, spanKinds)
          break
        case 'startTimeUnixNano':
          problem = readTime(cursor, rows, base + columns.startTime)
          break
        case 'endTimeUnixNano':
          problem = readTime(cursor, rows, base + columns.endTime)
          break
        case 'attributes':
          problem = readList(
            cursor,
            rows,
            base + columns.attributes,
            base + columns.attributeCount,
            (start) => note(excess, excessOf(cursor, start, 'pair', limits)),
          )
          break
        case 'events':
          problem = readList(cursor, rows, base + columns.events, base + columns.eventCount, ofHolder)
          break
        case 'links':
          problem = readList(cursor, rows, undefined, base + columns.linkCount, ofHolder)
          break
        case 'status':
          problem = readStatus(cursor, rows, base)
          break
        default:
          cursor.skip()
      }
      if (cursor.levels > deepest) deepest = cursor.levels
      if (field === undefined || (problem === undefined && wrong === undefined)) continue
      wrong ??= new Map()
      if (problem === undefined) wrong.delete(field)
      else wrong.set(field, problem)
    } while (cursor.moreKeys())
  }
  if (excess[0]) return excess[0]
  if (deepest + 1 > levels) return plain(`its values are nested deeper than ${levels} brackets`)
  if (wrong) for (const [field, problem] of wrong) return plain(`${field} is ${problem}`)
  const problem = problemOfIds(body, rows, base)
  return problem === undefined ? undefined : plain(problem)
}

function plain(problem: string): Excess {
  return { problem, attribute: '' }
}

function note(list: Excess[], found: Excess | undefined): void {
  if (found) list.push(found)
}

function readString(cursor: JsonCursor, rows: Int32Array, column: number): string | undefined {
  const type = cursor.peek()
  if (type === 'string') {
    cursor.string()
    rows[column] = cursor.start
    rows[column + 1] = cursor.end - cursor.start
    return undefined
  }
  rows[column + 1] = 0
  return readOther(cursor, 'not a string')
}

/** Skips a value that is not what a field wants. Null stands for absent and is no problem. */
function readOther(cursor: JsonCursor, problem: string): string | undefined {
  const isNull = cursor.peek() === 'null'
  cursor.skip()
  return isNull ? undefined : problem
}

/** Reads a string or number into the cursor's `start`, `end`; false when the value is anything else. */
function readsText(cursor: JsonCursor): boolean {
  const type = cursor.peek()
  if (type === 'string') cursor.string()
  else if (type === 'number') cursor.scalar()
  else return false
  return true
}

function readEnum(
  cursor: JsonCursor,
  rows: Int32Array,
  column: number,
  names: Readonly<Record<string, number>>,
): string | undefined {
  rows[column] = 0
  if (!readsText(cursor)) return readOther(cursor, 'not a number or a name')
  rows[column] = jsonEnum(cursor.body, cursor.start, cursor.end, names)
  return undefined
}

/** Notes where the text of a time lies; its length in the column after it. */
function readTime(cursor: JsonCursor, rows: Int32Array, column: number): string | undefined {
  rows[column] = 0
  if (!readsText(cursor)) return readOther(cursor, 'not an integer')
  const { body, start, end } = cursor
  rows[column] = start
  rows[column + 1] = end - start
  if (isPlainTime(body, start, end) || jsonTime(body, start, end) !== undefined) return undefined
  return 'not an unsigned 64-bit integer'
}

/**
 * Notes where a list starts and how many objects it holds; anything else in it is a hole.
 * @param check called behind each object, with its start
 */
function readList(
  cursor: JsonCursor,
  rows: Int32Array,
  column: number | undefined,
  countColumn: number,
  check: (start: number) => void,
): string | undefined {
  rows[countColumn] = 0
  if (cursor.peek() !== 'array') return readOther(cursor, 'not an array')
  if (column !== undefined) rows[column] = cursor.pos
  let deepest = 0
  let count = 0
  if (cursor.openArray()) {
    do {
      const isObject = cursor.peek() === 'object'
      const start = cursor.pos
      cursor.skip()
      if (isObject) {
        count++
        check(start)
      }
      if (cursor.levels > deepest) deepest = cursor.levels
    } while (cursor.moreElements())
  }
  rows[countColumn] = count
  cursor.levels = deepest + 1
  return undefined
}

function readStatus(cursor: JsonCursor, rows: Int32Array, base: number): string | undefined {
  rows[base + columns.statusCode] = 0
  rows[base + columns.messageLength] = 0
  if (cursor.peek() !== 'object') return readOther(cursor, 'not an object')
  let codeProblem: string | undefined
  let messageProblem: string | undefined
  let deepest = 0
  if (cursor.openObject()) {
    do {
      cursor.key()
      const field = matchJson(statusFields, cursor)
      cursor.levels = 0
      if (field === 'code') {
        codeProblem = readEnum(cursor, rows, base + columns.statusCode, statusCodes)
      } else if (field === 'message') {
        messageProblem = readString(cursor, rows, base + columns.message)
      } else {
        cursor.skip()
      }
      if (cursor.levels > deepest) deepest = cursor.levels
    } while (cursor.moreKeys())
  }
  cursor.levels = deepest + 1
  if (codeProblem) return `an object whose code is ${codeProblem}`
  return messageProblem && `an object whose message is ${messageProblem}`
}

/** Why the ids of a row cannot be taken, or `undefined`. An empty or all-zero parent is the parent of a root. */
function problemOfIds(body: Buffer, rows: Int32Array, base: number): string | undefined {
  return (
    problemOfId(body, rows, base + columns.trace, 'trace id', TRACE_ID) ??
    problemOfId(body, rows, base + columns.span, 'span id', SPAN_ID) ??
    problemOfParent(body, rows, base)
  )
}

function problemOfId(
  body: Buffer,
  rows: Int32Array,
  column: number,
  what: string,
  size: number,
): string | undefined {
  const start = rows[column]!
  const end = start + rows[column + 1]!
  if (isHexId(body, start, end, size)) return undefined
  if (start === end) return `the ${what} is missing`
  const bytes = jsonId(body, start, end, size)
  if (!bytes) return `the ${what} is not ${size} bytes in hex`
  return isZero(bytes) ? `the ${what} is all zero` : undefined
}

function problemOfParent(body: Buffer, rows: Int32Array, base: number): string | undefined {
  const start = rows[base + columns.parent]!
  const end = start + rows[base + columns.parentLength]!
  if (start === end || isHexId(body, start, end, SPAN_ID)) return undefined
  const bytes = jsonId(body, start, end, SPAN_ID)
  if (!bytes) return `the parent span id is not ${SPAN_ID} bytes in hex`
  if (isZero(bytes)) rows[base + columns.parentLength] = 0
  return undefined
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0)
}
