// The spans of calls that no client's span stands for: written like any other, and withdrawn.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { storedTime } from '../columns.ts'
import type { Counters } from '../counters.ts'
import type { RemovalWriter } from '../removals.ts'
import { originNumbers } from '../sources.ts'
import type { StringWriter } from '../strings.ts'
import type { Traces } from '../traces.ts'
import type { SpanWriter } from '../write-spans.ts'
import type { StoredCall } from './call-rows.ts'
import { ownSpan } from './own-span.ts'

/** The parts of the writer that these spans go through. */
export interface OwnSpansParts {
  readonly strings: StringWriter
  readonly traces: Traces
  readonly spans: SpanWriter
  readonly counters: Counters
  readonly removals: RemovalWriter
}

/** Writes and withdraws the own spans of calls. */
export class OwnSpans {
  readonly #parts: OwnSpansParts
  readonly #find: StatementSync
  readonly #place: StatementSync
  readonly #removals: readonly StatementSync[]
  readonly #removeSource: StatementSync
  readonly #other: StatementSync

  constructor(db: DatabaseSync, parts: OwnSpansParts) {
    this.#parts = parts
    this.#find = db.prepare(
      `SELECT s.id FROM span s JOIN source o ON o.id = s.source
         WHERE s.trace = ? AND s.span = ? AND o.origin = ${originNumbers.gateway}`,
    )
    this.#place = db.prepare('SELECT source FROM span WHERE id = ?')
    this.#removals = ['detail', 'span'].map((table) => db.prepare(`DELETE FROM ${table} WHERE id = ?`))
    this.#removeSource = db.prepare('DELETE FROM source WHERE id = ?')
    this.#other = db.prepare('SELECT 1 FROM span WHERE trace = ? LIMIT 1')
  }

  /** The row of a call's span, written as the call is now; `undefined` where there can be none. */
  write(call: StoredCall): number | undefined {
    const { traces, spans, strings } = this.#parts
    if (spans.write(ownSpan(call, strings)) === 'dropped') return undefined
    const trace = traces.find(call.traceId)
    const row = trace && this.#find.get(trace.id, call.spanId)
    return row ? Number(row.id) : undefined
  }

  /** Takes the span of a call back, and the trace where it was the only one. */
  remove(traceId: Buffer, row: number): void {
    const { traces, counters, removals } = this.#parts
    const trace = traces.find(traceId)
    const place = this.#place.get(row)
    if (!trace || !place) throw new Error('The span of a call vanished.')
    for (const statement of this.#removals) statement.run(row)
    this.#removeSource.run(Number(place.source))
    counters.spans--
    if (trace.base || this.#other.get(trace.id)) {
      trace.recount = true
      traces.touch(trace)
      return
    }
    if (trace.stored) removals.note('joined', storedTime(trace.totals.end), 'id = ?1', trace.id)
    traces.remove(trace)
  }
}
