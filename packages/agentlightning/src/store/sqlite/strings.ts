// Texts that repeat (names, models, services, sessions) as small integers. Rows are only ever added, so an id
// that was seen stands for its text for ever, in every connection.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { LruMap } from './lru-map.ts'

const CACHE_ENTRIES = 8_192
const CACHED_LENGTH = 256

/** Gives texts their ids, for the writer. Id 0 stands for an absent text. */
export class StringWriter {
  readonly #find: StatementSync
  readonly #add: StatementSync
  readonly #text: StatementSync
  readonly #ids = new LruMap<string, number>(CACHE_ENTRIES)
  readonly #texts = new LruMap<number, string>(CACHE_ENTRIES)

  constructor(db: DatabaseSync) {
    this.#find = db.prepare('SELECT id FROM string WHERE text = ?')
    this.#add = db.prepare('INSERT INTO string (text) VALUES (?)')
    this.#text = db.prepare('SELECT text FROM string WHERE id = ?')
  }

  /** Id of a text. */
  id(text: string): number {
    const cached = this.#ids.get(text)
    if (cached !== undefined) return cached
    const found = this.#find.get(text)
    const id = Number(found ? found.id : this.#add.run(text).lastInsertRowid)
    if (text.length <= CACHED_LENGTH) this.#ids.set(text, id)
    return id
  }

  /** Id of a text that may be absent or empty: then 0. */
  idOrNone(text: string | undefined): number {
    return text === undefined || text === '' ? 0 : this.id(text)
  }

  text(id: number): string {
    const cached = this.#texts.get(id)
    if (cached !== undefined) return cached
    const text = String(this.#text.get(id)?.text ?? '')
    if (text.length <= CACHED_LENGTH) this.#texts.set(id, text)
    return text
  }

  /** Forgets what is cached: after a rollback ids may be given again. */
  clear(): void {
    this.#ids.clear()
    this.#texts.clear()
  }
}

/** Gives ids their texts, for readers. */
export class StringReader {
  readonly #find: StatementSync
  readonly #text: StatementSync
  readonly #texts = new LruMap<number, string>(CACHE_ENTRIES)

  constructor(db: DatabaseSync) {
    this.#find = db.prepare('SELECT id FROM string WHERE text = ?')
    this.#text = db.prepare('SELECT text FROM string WHERE id = ?')
  }

  text(id: number): string {
    const cached = this.#texts.get(id)
    if (cached !== undefined) return cached
    const text = String(this.#text.get(id)?.text ?? '')
    if (text.length <= CACHED_LENGTH) this.#texts.set(id, text)
    return text
  }

  /** Text of a column that is NULL or 0 where nothing is known. */
  optional(id: unknown): string | undefined {
    return id === null || id === undefined || Number(id) === 0 ? undefined : this.text(Number(id))
  }

  /** Texts of a list of ids as `formatIds` writes it. */
  list(ids: unknown): string[] {
    return parseIds(ids).map((id) => this.text(id))
  }

  /** Id of a text, `undefined` when no row has it. */
  find(text: string): number | undefined {
    const id = this.#find.get(text)?.id
    return id === undefined ? undefined : Number(id)
  }
}

/** Ids between commas, so that one is found with `instr(ids, ',ID,')`; `null` for none. */
export function formatIds(ids: readonly number[]): string | null {
  return ids.length === 0 ? null : `,${ids.join(',')},`
}

/** Reads what `formatIds` wrote. */
export function parseIds(ids: unknown): number[] {
  return typeof ids === 'string' ? ids.slice(1, -1).split(',').map(Number) : []
}
