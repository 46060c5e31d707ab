// What spans say in words that repeat together (model, agent, tool, session …) as one small integer: a span
// needs a second row only for what is its own.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { LruMap } from './lru-map.ts'

const CACHE_ENTRIES = 4_096

/** String ids of a set of labels, `null` for none, in the order of `labelColumns`; tags as `formatIds` writes them. */
export type Labels = readonly [
  provider: number | null,
  requestModel: number | null,
  responseModel: number | null,
  agent: number | null,
  tool: number | null,
  session: number | null,
  user: number | null,
  endState: number | null,
  tags: string | null,
]

/** Columns of `label` after id and key. */
export const labelColumns =
  'provider, request_model, response_model, agent, tool, session, user, end_state, tags'

/** Gives sets of labels their ids, for the writer. */
export class LabelWriter {
  readonly #find: StatementSync
  readonly #add: StatementSync
  readonly #ids = new LruMap<string, number>(CACHE_ENTRIES)

  constructor(db: DatabaseSync) {
    this.#find = db.prepare('SELECT id FROM label WHERE key = ?')
    this.#add = db.prepare(`INSERT INTO label (key, ${labelColumns}) VALUES (?,?,?,?,?,?,?,?,?,?)`)
  }

  /** Id of a set; the same set has the same id. */
  id(labels: Labels): number {
    const key = labels.join(' ')
    const cached = this.#ids.get(key)
    if (cached !== undefined) return cached
    const found = this.#find.get(key)
    const id = Number(found ? found.id : this.#add.run(key, ...labels).lastInsertRowid)
    this.#ids.set(key, id)
    return id
  }

  /** Forgets what is cached: after a rollback ids may be given again. */
  clear(): void {
    this.#ids.clear()
  }
}
