// Views of a scanned OTLP/JSON body: each getter reads the bytes when it is asked.
import { visitJsonAttributes } from './json-attributes.ts'
import { JsonCursor } from './json-cursor.ts'
import { jsonFields, matchJson } from './json-fields.ts'
import { jsonId, jsonText, jsonTime } from './json-text.ts'
import { JsonValue } from './json-value.ts'
import { columns, type SpanTable } from './span-table.ts'
import type { AttributeVisitor, ContextView, KeyTable, Slice, SpanView } from './span-view.ts'
import { TableSpan } from './table-span.ts'

const contextFields = jsonFields('attributes', 'name', 'version')

/** Where a resource or scope lies: known when its whole parent has been read. */
export interface ContextSlot {
  slice: Slice | undefined
}

/** The resource and scope of one ScopeSpans; not reused, so that the same object means the same context. */
export class JsonContext implements ContextView {
  readonly body: Buffer
  readonly encoding = 'json'
  readonly #resource: ContextSlot
  readonly #scope: ContextSlot

  constructor(body: Buffer, resource: ContextSlot, scope: ContextSlot) {
    this.body = body
    this.#resource = resource
    this.#scope = scope
  }

  get resource(): Slice | undefined {
    return this.#resource.slice
  }

  get scope(): Slice | undefined {
    return this.#scope.slice
  }

  get scopeName(): string {
    return this.#scopeText('name')
  }

  get scopeVersion(): string {
    return this.#scopeText('version')
  }

  resourceAttributes<Entry>(table: KeyTable<Entry>, visit: AttributeVisitor<Entry>): void {
    const { slice } = this.#resource
    if (!slice) return
    const cursor = new JsonCursor(this.body, slice.start)
    const at = lastField(cursor, 'attributes')
    if (at === undefined) return
    cursor.pos = at
    visitJsonAttributes(cursor, table, visit, new JsonValue())
  }

  #scopeText(field: 'name' | 'version'): string {
    const { slice } = this.#scope
    if (!slice) return ''
    const cursor = new JsonCursor(this.body, slice.start)
    const at = lastField(cursor, field)
    if (at === undefined) return ''
    cursor.pos = at
    if (cursor.peek() !== 'string') return ''
    cursor.string()
    return jsonText(this.body, cursor.start, cursor.end)
  }
}

/** A span of a scanned body of OTLP/JSON. */
export class JsonSpan extends TableSpan<JsonContext> implements SpanView {
  readonly #body: Buffer
  readonly #mostAttributes: number
  readonly #cursor: JsonCursor
  readonly #eventCursor: JsonCursor
  readonly #value = new JsonValue()

  /** @param mostAttributes that are shown of a span */
  constructor(body: Buffer, table: SpanTable<JsonContext>, mostAttributes: number) {
    super(table)
    this.#body = body
    this.#mostAttributes = mostAttributes
    this.#cursor = new JsonCursor(body)
    this.#eventCursor = new JsonCursor(body)
  }

  get traceId(): Buffer {
    return this.#id(columns.trace, 16)!
  }

  get spanId(): Buffer {
    return this.#id(columns.span, 8)!
  }

  get parentSpanId(): Buffer | undefined {
    return this.#id(columns.parent, 8)
  }

  attributes<Entry>(table: KeyTable<Entry>, visit: AttributeVisitor<Entry>): void {
    if (this.attributeCount === 0) return
    this.#cursor.pos = this.at(columns.attributes)
    visitJsonAttributes(this.#cursor, table, visit, this.#value, this.#mostAttributes)
  }

  events<Entry>(
    name: string,
    table: KeyTable<Entry>,
    begin: () => void,
    visit: AttributeVisitor<Entry>,
  ): void {
    if (this.eventCount === 0) return
    const cursor = this.#cursor
    cursor.pos = this.at(columns.events)
    cursor.openArray()
    do {
      const start = cursor.pos
      const isObject = cursor.peek() === 'object'
      cursor.skip()
      if (isObject) this.#event(start, name, table, begin, visit)
    } while (cursor.moreElements())
  }

  #event<Entry>(
    start: number,
    name: string,
    table: KeyTable<Entry>,
    begin: () => void,
    visit: AttributeVisitor<Entry>,
  ): void {
    const cursor = this.#eventCursor
    cursor.pos = start
    const nameAt = lastField(cursor, 'name')
    let found = ''
    if (nameAt !== undefined) {
      cursor.pos = nameAt
      if (cursor.peek() === 'string') {
        cursor.string()
        found = jsonText(this.#body, cursor.start, cursor.end)
      }
    }
    if (found !== name) return
    begin()
    cursor.pos = start
    const attributesAt = lastField(cursor, 'attributes')
    if (attributesAt === undefined) return
    cursor.pos = attributesAt
    visitJsonAttributes(cursor, table, visit, this.#value)
  }

  #id(column: number, size: number): Buffer | undefined {
    const start = this.at(column)
    const length = this.at(column + 1)
    return length === 0 ? undefined : jsonId(this.#body, start, start + length, size)
  }

  protected text(column: number): string {
    const start = this.at(column)
    return jsonText(this.#body, start, start + this.at(column + 1))
  }

  protected time(column: number): bigint {
    const start = this.at(column)
    if (start === 0) return 0n
    return jsonTime(this.#body, start, start + this.at(column + 1)) ?? 0n
  }
}

/** Where the value of the last `field` of the object at the cursor starts. */
function lastField(cursor: JsonCursor, field: 'attributes' | 'name' | 'version'): number | undefined {
  let found: number | undefined
  if (!cursor.openObject()) return undefined
  do {
    cursor.key()
    if (matchJson(contextFields, cursor) === field) found = cursor.pos
    cursor.skip()
  } while (cursor.moreKeys())
  return found
}
