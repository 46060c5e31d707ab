// Views of a scanned protobuf body: each getter reads the bytes when it is asked.
import { visitAttributes } from './protobuf-attributes.ts'
import { ProtobufValue } from './protobuf-value.ts'
import { columns, type SpanTable } from './span-table.ts'
import type { AttributeVisitor, ContextView, KeyTable, Slice, SpanView } from './span-view.ts'
import { TableSpan } from './table-span.ts'
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

/** A span of a scanned protobuf body. */
export class ProtobufSpan extends TableSpan<ProtobufContext> implements SpanView {
  readonly #wire: Wire
  readonly #mostAttributes: number
  readonly #value = new ProtobufValue()
  #wantedName = ''
  #wantedBytes = Buffer.alloc(0)

  /** @param mostAttributes that are shown of a span */
  constructor(wire: Wire, table: SpanTable<ProtobufContext>, mostAttributes: number) {
    super(table)
    this.#wire = wire
    this.#mostAttributes = mostAttributes
  }

  get traceId(): Buffer {
    const at = this.at(columns.trace)
    return this.#wire.body.subarray(at, at + 16)
  }

  get spanId(): Buffer {
    const at = this.at(columns.span)
    return this.#wire.body.subarray(at, at + 8)
  }

  get parentSpanId(): Buffer | undefined {
    const at = this.at(columns.parent)
    return this.at(columns.parentLength) === 0 ? undefined : this.#wire.body.subarray(at, at + 8)
  }

  attributes<Entry>(table: KeyTable<Entry>, visit: AttributeVisitor<Entry>): void {
    const count = Math.min(this.attributeCount, this.#mostAttributes)
    if (count === 0) return
    const end = this.at(columns.end)
    visitAttributes(
      this.#wire,
      this.at(columns.attributes),
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
    const end = this.at(columns.end)
    let left = this.eventCount
    let p = this.at(columns.events)
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

  protected text(column: number): string {
    const start = this.at(column)
    return this.#wire.body.toString('utf8', start, start + this.at(column + 1))
  }

  protected time(column: number): bigint {
    const at = this.at(column)
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
