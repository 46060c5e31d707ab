// Usage counts on the lowest span that carries it. Each span that has usage somewhere below it is flagged
// (BELOW); a flagged span's known ancestors are all flagged, so that a walk upwards ends at the first one and
// costs each span once. Where a walk meets a parent that has not arrived, it goes on when that one does. In a
// cycle of parents every span is below every other: usage in it does not count.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { optionalNumber } from './columns.ts'
import { hourOf } from './hours.ts'
import { BELOW, USAGE } from './span-bits.ts'
import { takeUsage } from './totals.ts'
import type { Trace, Traces } from './traces.ts'
import { usageSums } from './usage-sums.ts'

/** Decides which spans' usage counts, for the writer. */
export class UsageTree {
  readonly #traces: Traces
  readonly #span: StatementSync
  readonly #flag: StatementSync
  readonly #usage: StatementSync
  readonly #wait: StatementSync
  readonly #arrive: StatementSync
  readonly #unflag: StatementSync
  readonly #forget: StatementSync

  constructor(db: DatabaseSync, traces: Traces) {
    this.#traces = traces
    this.#span = db.prepare('SELECT id, parent, bits FROM span WHERE trace = ? AND span = ?')
    this.#flag = db.prepare(`UPDATE span SET bits = bits | ${BELOW} WHERE id = ?`)
    this.#usage = db.prepare(
      `SELECT s.start, o.service, coalesce(l.response_model, l.request_model) AS model, d.input, d.output,
         d.total, d.cost
         FROM span s JOIN source o ON o.id = s.source LEFT JOIN label l ON l.id = s.label
         LEFT JOIN detail d ON d.id = s.id WHERE s.id = ?`,
    )
    this.#usage.setReadBigInts(true)
    this.#wait = db.prepare('INSERT OR IGNORE INTO waiting VALUES (?, ?)')
    this.#arrive = db.prepare('DELETE FROM waiting WHERE trace = ? AND span = ?')
    this.#unflag = db.prepare(
      `UPDATE span SET bits = bits & ~${BELOW} WHERE trace = ? AND bits & ${BELOW} != 0`,
    )
    this.#forget = db.prepare('DELETE FROM waiting WHERE trace = ?')
  }

  /** True when usage is known below a span that arrives now for the first time. */
  arrives(trace: Trace, spanId: Buffer): boolean {
    if (trace.waiting === 0 || this.#arrive.run(trace.id, spanId).changes === 0) return false
    trace.waiting--
    this.#traces.touch(trace)
    return true
  }

  /** Usage is known below `parent`: flags it and what is above it, and takes back what no longer counts. */
  markAbove(trace: Trace, parent: Buffer | undefined): void {
    let above: Uint8Array | null | undefined = parent
    while (above) {
      const row = this.#span.get(trace.id, above)
      if (!row) {
        if (this.#wait.run(trace.id, above).changes > 0) trace.waiting++
        return
      }
      const bits = Number(row.bits)
      if (bits & BELOW) return
      this.#flag.run(Number(row.id))
      if (bits & USAGE) this.#uncount(trace, Number(row.id))
      above = row.parent as Uint8Array | null
    }
  }

  /** Forgets all flags of a trace. */
  reset(trace: Trace): void {
    this.#unflag.run(trace.id)
    this.#forget.run(trace.id)
    trace.waiting = 0
  }

  #uncount(trace: Trace, id: number): void {
    const row = this.#usage.get(id)
    if (!row) throw new Error('A span row vanished while its usage was taken back.')
    const column = (value: unknown): number | null => optionalNumber(value) ?? null
    const counts = { input: column(row.input), output: column(row.output), total: column(row.total) }
    const key = {
      hour: hourOf(row.start as bigint),
      service: Number(row.service),
      model: Number(row.model ?? 0),
    }
    takeUsage(trace.totals, key, usageSums(counts, column(row.cost)))
  }
}
