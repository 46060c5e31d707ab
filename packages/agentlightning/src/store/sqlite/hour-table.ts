// The hourly sums over all traces: what a batch changed is gathered and written once per row.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { addSums, formatLatency, type HourSums, Hours, parseLatency } from './hours.ts'

/** Keeps the table `hour`, for the writer. */
export class HourTable {
  readonly #select: StatementSync
  readonly #put: StatementSync
  readonly #delete: StatementSync
  #pending = new Hours()

  constructor(db: DatabaseSync) {
    this.#select = db.prepare('SELECT * FROM hour WHERE hour = ? AND service = ? AND model = ?')
    this.#put = db.prepare('INSERT OR REPLACE INTO hour VALUES (?,?,?,?,?,?,?,?,?,?,?)')
    this.#delete = db.prepare('DELETE FROM hour WHERE hour = ? AND service = ? AND model = ?')
  }

  /** Exchanges what a trace has in the table for what it adds up to now. */
  exchange(earlier: Iterable<HourSums>, later: Iterable<HourSums>): void {
    this.#pending.merge(earlier, -1)
    this.#pending.merge(later, 1)
  }

  /** Writes the rows that changed; a row without spans goes. */
  store(): void {
    for (const sums of this.#pending.nonZero()) {
      const { hour, service, model } = sums
      const row = this.#select.get(hour, service, model)
      if (row) addSums(sums, hourSums(row), 1)
      if (sums.spans === 0) this.#delete.run(hour, service, model)
      else
        this.#put.run(
          hour,
          service,
          model,
          sums.spans,
          sums.errors,
          sums.calls,
          sums.input,
          sums.output,
          sums.total,
          String(sums.cost),
          formatLatency(sums.latency),
        )
    }
    this.clear()
  }

  /** Forgets what is not written: after a rollback. */
  clear(): void {
    this.#pending = new Hours()
  }
}

/** A row of `hour`. */
export function hourSums(row: Record<string, unknown>): HourSums {
  return {
    hour: Number(row.hour),
    service: Number(row.service),
    model: Number(row.model),
    spans: Number(row.spans),
    errors: Number(row.errors),
    calls: Number(row.calls),
    input: Number(row.input),
    output: Number(row.output),
    total: Number(row.total),
    cost: BigInt(String(row.cost)),
    latency: parseLatency(row.latency),
  }
}
