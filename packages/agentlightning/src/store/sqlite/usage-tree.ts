// Usage counts on the lowest span that carries it. Each span that has usage somewhere below it is flagged
// (BELOW); a flagged span's known ancestors are all flagged, so that a walk upwards ends at the first one and
// costs each span once. Where a walk meets a parent that has not arrived, it goes on when that one does. In a
// cycle of parents every span is below every other: usage in it does not count.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { BELOW, USAGE } from './span-bits.ts'
import type { StoredSpans } from './stored-spans.ts'
import { takeUsage } from './totals.ts'
import type { Trace, Traces } from './traces.ts'

/** Decides which spans' usage counts, for the writer. */
export class UsageTree {
  readonly #traces: Traces
  readonly #stored: StoredSpans
  readonly #span: StatementSync
  readonly #flag: StatementSync
  readonly #wait: StatementSync
  readonly #arrive: StatementSync
  readonly #unflag: StatementSync
  readonly #forget: StatementSync

  constructor(db: DatabaseSync, traces: Traces, stored: StoredSpans) {
    this.#traces = traces
    this.#stored = stored
    this.#span = db.prepare('SELECT id, parent, bits FROM span WHERE trace = ? AND span = ?')
    this.#flag = db.prepare(`UPDATE span SET bits = bits | ${BELOW} WHERE id = ?`)
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
    const contribution = this.#stored.row(id)?.contribution
    if (!contribution?.usage) throw new Error('The usage of a span vanished while it was taken back.')
    takeUsage(trace.totals, contribution, contribution.usage)
  }
}
