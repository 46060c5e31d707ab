// Traces that are no longer there: told once by the feed of changes, and remembered for whoever asks for one.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Removal } from '../contract.ts'
import { blob, traceIdBytes } from './columns.ts'
import type { Counters } from './counters.ts'
import { Statements } from './statements.ts'

/** The newest removals are remembered one by one. */
const REMOVALS_KEPT = 10_000

/** Numbers on disk: never renumber. */
const hows = { deleted: 0, pruned: 1, joined: 2 } as const satisfies Record<Removal['how'], number>

/** Notes removals, within a transaction that the caller holds. */
export class RemovalWriter {
  readonly #counters: Counters
  readonly #trim: StatementSync
  readonly #statements: Statements

  constructor(db: DatabaseSync, counters: Counters) {
    this.#statements = new Statements(db, 'numbers')
    this.#counters = counters
    this.#trim = db.prepare(
      'DELETE FROM removal WHERE change < (SELECT change FROM removal ORDER BY change DESC LIMIT 1 OFFSET ?)',
    )
  }

  /** Notes the traces that meet a condition on `trace`, before they are removed. */
  note(how: Removal['how'], at: bigint, condition: string, value: number): void {
    const sql = `INSERT INTO removal (change, trace, how, at)
      SELECT ? + row_number() OVER (ORDER BY id), trace, ?, ? FROM trace WHERE ${condition.replaceAll('?1', '?4')}`
    const { changes } = this.#statements.of(sql).run(this.#counters.change, hows[how], at, value)
    this.#counters.change += Number(changes)
    this.#trim.run(REMOVALS_KEPT - 1)
  }
}

/** Reads removals. */
export class RemovalReader {
  readonly #after: StatementSync
  readonly #oldest: StatementSync
  readonly #count: StatementSync
  readonly #one: StatementSync

  constructor(db: DatabaseSync) {
    this.#after = db.prepare(
      `SELECT r.change, r.trace, EXISTS (SELECT 1 FROM trace t WHERE t.trace = r.trace) AS back
         FROM removal r WHERE r.change > ? ORDER BY r.change LIMIT ?`,
    )
    this.#oldest = db.prepare('SELECT min(change) AS change FROM removal')
    this.#count = db.prepare('SELECT count(*) AS count FROM removal')
    this.#one = db.prepare('SELECT how, at FROM removal WHERE trace = ? ORDER BY change DESC LIMIT 1')
    this.#one.setReadBigInts(true)
  }

  /** Removals after a change number, oldest first; `back` where the trace came again. */
  after(change: number, limit: number): { change: number; traceId: string; back: boolean }[] {
    return this.#after.all(change, limit).map((row) => ({
      change: Number(row.change),
      traceId: blob(row.trace).toString('hex'),
      back: row.back === 1,
    }))
  }

  /** True when all removals after a change number are remembered. */
  isComplete(change: number): boolean {
    const oldest = this.#oldest.get()?.change
    if (typeof oldest !== 'number' || oldest <= change + 1) return true
    return Number(this.#count.get()?.count) < REMOVALS_KEPT
  }

  /** The newest removal of a trace. */
  of(traceId: string): Removal | undefined {
    const id = traceIdBytes(traceId)
    const row = id && this.#one.get(id)
    const how = (Object.keys(hows) as Removal['how'][]).find((name) => hows[name] === Number(row?.how))
    return row && how && { how, atNs: row.at as bigint }
  }
}
