// The counts of the whole store, in memory during a batch and stored with it.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Position } from '../../log/record.ts'

/** What the single row of `meta` holds. */
export class Counters {
  position: Position = 0
  /** Number of the latest change of a trace. */
  change = 0
  traces = 0
  spans = 0
  duplicates = 0
  dropped = 0
  setAside = 0
  readonly #select: StatementSync
  readonly #update: StatementSync

  constructor(db: DatabaseSync) {
    this.#select = db.prepare('SELECT * FROM meta')
    this.#update = db.prepare(
      `UPDATE meta SET position = ?, change = ?, traces = ?, spans = ?, duplicates = ?, dropped = ?, set_aside = ?`,
    )
    this.load()
  }

  load(): void {
    const row = this.#select.get() ?? {}
    this.position = Number(row.position)
    this.change = Number(row.change)
    this.traces = Number(row.traces)
    this.spans = Number(row.spans)
    this.duplicates = Number(row.duplicates)
    this.dropped = Number(row.dropped)
    this.setAside = Number(row.set_aside)
  }

  store(): void {
    const { position, change, traces, spans, duplicates, dropped, setAside } = this
    this.#update.run(position, change, traces, spans, duplicates, dropped, setAside)
  }
}
