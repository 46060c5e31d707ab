// The first pass over an ExportTraceServiceRequest in OTLP/JSON, and its visit.
import { JsonCursor } from './json-cursor.ts'
import { jsonFields, matchJson } from './json-fields.ts'
import { readJsonSpan } from './json-span.ts'
import { jsonText } from './json-text.ts'
import { excessOf, type ValueLimits } from './json-value-limits.ts'
import { type ContextSlot, JsonContext, JsonSpan } from './json-view.ts'
import { allowedDepth, columns, SpanTable, type TableMark } from './span-table.ts'
import type { KeyTable, ScanLimits, ScanResult, SpanView } from './span-view.ts'
import { contextProblem } from './value-limits.ts'

/** Brackets that one level of AnyValue may cost: `{"kvlistValue":{"values":[{`. */
const BRACKETS_PER_LEVEL = 4
const OTHER_BRACKETS = 16
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

const requestFields = jsonFields('resourceSpans')
const resourceSpansFields = jsonFields('resource', 'scopeSpans')
const scopeSpansFields = jsonFields('scope', 'spans')

/**
 * Scans an `ExportTraceServiceRequest` in OTLP/JSON (opentelemetry.io/docs/specs/otlp, JSON Protobuf
 * Encoding) without parsing it into objects. Read more widely than specified: field names in snake_case,
 * ids in base64, enums by name, null for absent, holes in lists, a byte order mark, invalid UTF-8 (replaced
 * where it is shown). Of a key given twice the last counts. `visit` is called after the whole body has been
 * checked. A span with a broken id or field, above `limits.spanBytes`, nested too deep or with too long an array is rejected alone;
 * anything that is no JSON, or an envelope of the wrong shape, throws `AGL_BAD_BODY` with the byte offset.
 */
export function scanJsonTraces(
  body: Buffer,
  limits: ScanLimits,
  visit?: (span: SpanView) => void,
): ScanResult {
  const scan = new JsonScan(body, limits, visit !== undefined)
  scan.request()
  if (visit) {
    const view = new JsonSpan(body, scan.table, limits.spanAttributes)
    scan.table.forEach((base) => {
      view.move(base)
      visit(view)
    })
  }
  return { accepted: scan.table.accepted, rejected: scan.table.rejections() }
}

class JsonScan {
  readonly table: SpanTable<JsonContext>
  readonly #cursor: JsonCursor
  readonly #spanBytes: number
  readonly #levels: number
  readonly #values: ValueLimits

  constructor(body: Buffer, limits: ScanLimits, keep: boolean) {
    const marked = body.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    this.#cursor = new JsonCursor(body, marked ? BYTE_ORDER_MARK.length : 0)
    this.table = new SpanTable(keep)
    this.#spanBytes = limits.spanBytes
    const { arrayIntegers, arrayElements } = limits
    this.#values = { depth: allowedDepth(limits), arrayIntegers, arrayElements }
    this.#levels = this.#values.depth * BRACKETS_PER_LEVEL + OTHER_BRACKETS
  }

  request(): void {
    const cursor = this.#cursor
    let before: TableMark | undefined
    if (cursor.peek() !== 'object') throw cursor.fail('the message is not an object', cursor.pos)
    this.#object(requestFields, () => {
      before = this.#startOver(before)
      this.#list('resourceSpans', () => this.#resourceSpans())
    })
    cursor.finish()
  }

  #resourceSpans(): void {
    const resource: ContextSlot = { slice: undefined }
    const mark = this.table.mark()
    let before: TableMark | undefined
    let problem: string | undefined
    this.#object(resourceSpansFields, (field) => {
      if (field === 'resource') {
        problem = this.#context('resource', resource)
        return
      }
      before = this.#startOver(before)
      this.#list('scopeSpans', () => this.#scopeSpans(resource))
    })
    if (problem !== undefined) this.table.rejectSince(mark, problem)
  }

  #scopeSpans(resource: ContextSlot): void {
    const scope: ContextSlot = { slice: undefined }
    const mark = this.table.mark()
    let before: TableMark | undefined
    let problem: string | undefined
    this.table.openContext(new JsonContext(this.#cursor.body, resource, scope))
    this.#object(scopeSpansFields, (field) => {
      if (field === 'scope') {
        problem = this.#context('scope', scope)
        return
      }
      before = this.#startOver(before)
      this.#list('spans', () => this.#span(), true)
    })
    this.table.closeContext()
    if (problem !== undefined) this.table.rejectSince(mark, problem)
  }

  #span(): void {
    const { table } = this
    const cursor = this.#cursor
    const { body } = cursor
    const base = table.begin()
    if (cursor.peek() !== 'object') {
      this.#skipOther()
      table.reject('a span is not an object', () => '')
      return
    }
    const start = cursor.pos
    const problem = readJsonSpan(cursor, table.rows, base, this.#levels, this.#values)
    const end = cursor.closed
    const tooLarge =
      end - start > this.#spanBytes ? `a span is larger than ${this.#spanBytes} bytes` : undefined
    if (problem !== undefined || tooLarge !== undefined) {
      const name = table.rows[base + columns.name]!
      const nameEnd = name + table.rows[base + columns.nameLength]!
      table.reject(
        tooLarge ?? problem?.problem ?? '',
        () => jsonText(body, name, nameEnd),
        () => (tooLarge === undefined ? (problem?.attribute ?? '') : ''),
      )
      return
    }
    table.rows[base + columns.start] = start
    table.rows[base + columns.end] = end
    table.accept()
  }

  /** Reads the resource or scope at the cursor into `slot`; why no span of it can be taken, or `undefined`. */
  #context(what: 'resource' | 'scope', slot: ContextSlot): string | undefined {
    const cursor = this.#cursor
    const type = cursor.peek()
    const start = cursor.pos
    if (type !== 'object' && type !== 'null') throw cursor.fail(`${what} is not an object`, start)
    const end = cursor.skip()
    slot.slice = type === 'object' ? { start, end } : undefined
    const excess = type === 'object' ? excessOf(cursor, start, 'holder', this.#values) : undefined
    if (excess) return contextProblem(what, excess.problem)
    return cursor.levels > this.#levels ? contextProblem(what, this.#tooManyBrackets()) : undefined
  }

  /** Calls `read` with the cursor at each known field of the object at the cursor. */
  #object<Field>(fields: KeyTable<Field>, read: (field: Field) => void): void {
    const cursor = this.#cursor
    if (!cursor.openObject()) return
    do {
      cursor.key()
      const field = matchJson(fields, cursor)
      if (field === undefined) this.#skipOther()
      else read(field)
    } while (cursor.moreKeys())
  }

  /** Calls `read` with the cursor at each element of the list at the cursor; null is an empty list or a hole. */
  #list(what: string, read: () => void, others = false): void {
    const cursor = this.#cursor
    const type = cursor.peek()
    if (type === 'null') {
      cursor.skip()
      return
    }
    if (type !== 'array') throw cursor.fail(`${what} is not an array`, cursor.pos)
    if (!cursor.openArray()) return
    do {
      const element = cursor.peek()
      if (element === 'object' || others) read()
      else if (element === 'null') cursor.skip()
      else throw cursor.fail(`an element of ${what} is not an object`, cursor.pos)
    } while (cursor.moreElements())
  }

  /** Skips what nobody reads; outside of a span nothing but the body can be refused for its depth. */
  #skipOther(): void {
    const at = this.#cursor.pos
    this.#cursor.skip()
    if (this.#cursor.levels > this.#levels) {
      throw this.#cursor.fail(this.#tooManyBrackets(), at)
    }
  }

  #tooManyBrackets(): string {
    return `a value is nested deeper than ${this.#levels} brackets`
  }

  /** A list that is given twice: the spans of the first are forgotten. */
  #startOver(before: TableMark | undefined): TableMark {
    if (before === undefined) return this.table.mark()
    this.table.restore(before)
    return before
  }
}
