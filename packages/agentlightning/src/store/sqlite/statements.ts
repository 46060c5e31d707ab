// Prepared statements by their text: preparing costs more than most of them take to run.
import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Texts that depend on a filter are many: this many are kept, then all are made anew. */
const MOST = 64

/** Statements that are prepared when they are first asked for. */
export class Statements {
  readonly #db: DatabaseSync
  readonly #bigInts: boolean
  readonly #kept = new Map<string, StatementSync>()

  /** @param integers how rows give them: ns do not fit into a number */
  constructor(db: DatabaseSync, integers: 'bigints' | 'numbers') {
    this.#db = db
    this.#bigInts = integers === 'bigints'
  }

  /** @param sql its values as parameters, never in the text */
  of(sql: string): StatementSync {
    const kept = this.#kept.get(sql)
    if (kept) return kept
    if (this.#kept.size >= MOST) this.#kept.clear()
    const made = this.#db.prepare(sql)
    if (this.#bigInts) made.setReadBigInts(true)
    this.#kept.set(sql, made)
    return made
  }
}
