// Views of a scanned protobuf body: each getter reads the bytes when it is asked.
import { visitAttributes } from './protobuf-attributes.ts'
import { ProtobufValue } from './protobuf-value.ts'
import { columns, type SpanTable } from './span-table.ts'
import type { AttributeVisitor, ContextView, KeyTable, Slice, SpanView } from './span-view.ts'
import type { Wire } from './wire.ts'

const SPAN_ATTRIBUTES = 0x4a
const SPAN_EVENTS = 0x5a
const EVENT_NAME = 0x12
const EVENT_ATTRIBUTES = 0x1a
const RESOURCE_ATTRIBUTES = 0x0a
const SCOPE_NAME = 0x0a
const SCOPE_VERSION = 0x12

/**
 * The resource and scope of one ScopeSpans; not reused, so that the same object means the same context.
 * A resource that occurs in parts is merged for its attributes; its slice is then its last part.
 */
export class ProtobufContext implements ContextView {
  readonly body: Buffer
  readonly encoding = 'protobuf'
  readonly resource: Slice | undefined
  readonly scope: Slice | undefined
  readonly #wire: Wire
  readonly #resourceParts: readonly Slice[]
  readonly #scopeParts: readonly Slice[]

  constructor(wire: Wire, resourceParts: readonly Slice[], scopeParts: readonly Slice[]) {
    this.body = wire.body
    this.#wire = wire
    this.#resourceParts = resourceParts
    this.#scopeParts = scopeParts
    this.resource = resourceParts.at(-1)
    this.scope = scopeParts.at(-1)
  }

  get scopeName(): string {
    return this.#scopeText(SCOPE_NAME)
  }

  get scopeVersion(): string {
    return this.#scopeText(SCOPE_VERSION)
  }

  resourceAttributes<Entry>(table: KeyTable<Entry>, visit: AttributeVisitor<Entry>): void {
    const value = new ProtobufValue()
    for (const { start, end } of this.#resourceParts) {
      visitAttributes(
        this.#wire,
        start,
        end,
        RESOURCE_ATTRIBUTES,
        Number.POSITIVE_INFINITY,
        table,
        visit,
        value,
      )
    }
  }

  #scopeText(tag: number): string {
    for (let part = this.#scopeParts.length - 1; part >= 0; part--) {
      const { start, end } = this.#scopeParts[part]!
      const found = lastField(this.#wire, start, end, tag)
      if (found) return this.body.toString('utf8', found.start, found.end)
    }
    return ''
  }
}

/** The span that a visitor sees: `move` makes it the one of another row. */
export class ProtobufSpan implements SpanView {
  readonly #wire: Wire
  readonly #table: SpanTable<ProtobufContext>
  readonly #rows: Int32Array
  readonly #mostAttributes: number
  readonly #value = new ProtobufValue()
  #base = 0
  #wantedName = ''
  #wantedBytes = Buffer.alloc(0)

  /** @param mostAttributes that are shown of a span */
  constructor(wire: Wire, table: SpanTable<ProtobufContext>, mostAttributes: number) {
    this.#wire = wire
    this.#table = table
    this.#rows = table.rows
    this.#mostAttributes = mostAttributes
  }

  move(base: number): void {
    this.#base = base
  }

  get context(): ContextView {
    return this.#table.contexts[this.#at(columns.context)]!
  }

  get slice(): Slice {
    return { start: this.#at(columns.start), end: this.#at(columns.end) }
  }

  get traceId(): Buffer {
    const at = this.#at(columns.trace)
    return this.#wire.body.subarray(at, at + 16)
  }

  get spanId(): Buffer {
    const at = this.#at(columns.span)
    return this.#wire.body.subarray(at, at + 8)
  }

  get parentSpanId(): Buffer | undefined {
    const at = this.#at(columns.parent)
    return this.#at(columns.parentLength) === 0 ? undefined : this.#wire.body.subarray(at, at + 8)
  }

  get name(): string {
    return this.#text(columns.name)
  }

  get kind(): number {
    return this.#at(columns.kind)
  }

  get startNs(): bigint {
    return this.#time(columns.startTime)
  }

  get endNs(): bigint {
    return this.#time(columns.endTime)
  }

  get statusCode(): number {
    return this.#at(columns.statusCode)
  }

  get statusMessage(): string {
    return this.#text(columns.message)
  }

  get attributeCount(): number {
    return this.#at(columns.attributeCount)
  }

  get eventCount(): number {
    return this.#at(columns.eventCount)
  }

  get linkCount(): number {
    return this.#at(columns.linkCount)
  }

  attributes<Entry>(table: KeyTable<Entry>, visit: AttributeVisitor<Entry>): void {
    const count = Math.min(this.attributeCount, this.#mostAttributes)
    if (count === 0) return
    const end = this.#at(columns.end)
    visitAttributes(
      this.#wire,
      this.#at(columns.attributes),
      end,
      SPAN_ATTRIBUTES,
      count,
      table,
      visit,
      this.#value,
    )
  }

  events<Entry>(
    name: string,
    table: KeyTable<Entry>,
    begin: () => void,
    visit: AttributeVisitor<Entry>,
  ): void {
    const wire = this.#wire
    const end = this.#at(columns.end)
    let left = this.eventCount
    let p = this.#at(columns.events)
    while (left > 0) {
      const tag = wire.tag(p, end)
      const content = wire.pos
      p = wire.skip(tag, content, end, 0)
      if (tag !== SPAN_EVENTS) continue
      left--
      wire.enter(content, end)
      const start = wire.pos
      if (!this.#isNamed(start, p, name)) continue
      begin()
      visitAttributes(wire, start, p, EVENT_ATTRIBUTES, Number.POSITIVE_INFINITY, table, visit, this.#value)
    }
  }

  #isNamed(start: number, end: number, name: string): boolean {
    if (name !== this.#wantedName) {
      this.#wantedName = name
      this.#wantedBytes = Buffer.from(name)
    }
    const found = lastField(this.#wire, start, end, EVENT_NAME)
    if (!found) return name === ''
    return this.#wantedBytes.compare(this.#wire.body, found.start, found.end) === 0
  }

  #at(column: number): number {
    return this.#rows[this.#base + column]!
  }

  #text(column: number): string {
    const start = this.#at(column)
    return this.#wire.body.toString('utf8', start, start + this.#at(column + 1))
  }

  #time(column: number): bigint {
    const at = this.#at(column)
    return at === 0 ? 0n : this.#wire.body.readBigUInt64LE(at)
  }
}

/** The content of the last field `tag`, length-delimited, of a checked message at [start, end). */
function lastField(wire: Wire, start: number, end: number, tag: number): Slice | undefined {
  let found: Slice | undefined
  let p = start
  while (p < end) {
    const next = wire.tag(p, end)
    const content = wire.pos
    p = wire.skip(next, content, end, 0)
    if (next === tag) {
      wire.enter(content, end)
      found = { start: wire.pos, end: p }
    }
  }
  return found
}
