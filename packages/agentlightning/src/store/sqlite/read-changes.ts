// The feed of changes: traces that changed and traces that went, in one order.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Changes } from '../contract.ts'
import { checkLimit } from './cursor.ts'
import { MAX_TRACES, type TraceReader } from './read-traces.ts'
import type { RemovalReader } from './removals.ts'

/** Reads what happened after a change number. */
export class ChangeReader {
  readonly #db: DatabaseSync
  readonly #traces: TraceReader
  readonly #removals: RemovalReader
  readonly #latest: StatementSync

  constructor(db: DatabaseSync, traces: TraceReader, removals: RemovalReader) {
    this.#db = db
    this.#traces = traces
    this.#removals = removals
    this.#latest = db.prepare('SELECT change FROM meta')
  }

  /**
   * Changes after `after`, in one snapshot. `change` is where to go on: also where `after` is beyond the
   * latest change, as after a rebuilt index.
   * @throws AglError `AGL_BAD_REQUEST` for a bad limit
   */
  after(after: number, limit: number): Changes {
    checkLimit(limit, MAX_TRACES)
    this.#db.exec('BEGIN')
    try {
      const latest = Number(this.#latest.get()?.change)
      const changed = this.#traces.changedAfter(after, limit)
      const gone = this.#removals.after(after, limit)
      const numbers = [...changed, ...gone].map(({ change }) => change).sort((one, other) => one - other)
      // What comes after a full page is left to the next one.
      const change = numbers.length < limit ? latest : (numbers[limit - 1] as number)
      return {
        traces: changed.filter((trace) => trace.change <= change),
        removed: gone.filter((trace) => trace.change <= change && !trace.back).map(({ traceId }) => traceId),
        change,
        complete: this.#removals.isComplete(after),
      }
    } finally {
      this.#db.exec('COMMIT')
    }
  }
}
