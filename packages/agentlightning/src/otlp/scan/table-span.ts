// What the spans of both encodings read alike: the columns of their row.
import { columns, type SpanTable } from './span-table.ts'
import type { ContextView, Slice } from './span-view.ts'

/** The span that a visitor sees: `move` makes it the one of another row. */
export abstract class TableSpan<Context extends ContextView> {
  readonly #contexts: readonly Context[]
  readonly #rows: Int32Array
  #base = 0

  constructor(table: SpanTable<Context>) {
    this.#contexts = table.contexts
    this.#rows = table.rows
  }

  move(base: number): void {
    this.#base = base
  }

  get context(): ContextView {
    return this.#contexts[this.at(columns.context)]!
  }

  get slice(): Slice {
    return { start: this.at(columns.start), end: this.at(columns.end) }
  }

  get name(): string {
    return this.text(columns.name)
  }

  get kind(): number {
    return this.at(columns.kind)
  }

  get startNs(): bigint {
    return this.time(columns.startTime)
  }

  get endNs(): bigint {
    return this.time(columns.endTime)
  }

  get statusCode(): number {
    return this.at(columns.statusCode)
  }

  get statusMessage(): string {
    return this.text(columns.message)
  }

  get attributeCount(): number {
    return this.at(columns.attributeCount)
  }

  get eventCount(): number {
    return this.at(columns.eventCount)
  }

  get linkCount(): number {
    return this.at(columns.linkCount)
  }

  protected at(column: number): number {
    return this.#rows[this.#base + column]!
  }

  /** The text whose offset and length are in `column` and the next one. */
  protected abstract text(column: number): string

  /** ns since the epoch, 0 where the column is. */
  protected abstract time(column: number): bigint
}
