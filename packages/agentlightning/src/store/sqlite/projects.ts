// Projects by their key, with the number of their traces.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { DEFAULT_PROJECT_ID } from '../default-project.ts'
import { LruMap } from './lru-map.ts'

const CACHE_ENTRIES = 1_024

/** A project; `id` is the row's. */
export interface Project {
  readonly id: number
  readonly key: string
}

/** Finds and creates projects, for the writer. */
export class Projects {
  readonly #find: StatementSync
  readonly #insert: StatementSync
  readonly #rename: StatementSync
  readonly #count: StatementSync
  readonly #byKey = new LruMap<string, Project>(CACHE_ENTRIES)
  readonly #traceChanges = new Map<number, number>()

  constructor(db: DatabaseSync) {
    this.#find = db.prepare('SELECT id FROM project WHERE key = ?')
    this.#insert = db.prepare('INSERT INTO project (key, name, traces) VALUES (?, ?, 0)')
    this.#rename = db.prepare('UPDATE project SET name = ? WHERE id = ?')
    this.#count = db.prepare('UPDATE project SET traces = traces + ? WHERE id = ?')
  }

  /** The project of this key, made when it is new; its name is its key until it is given one. */
  named(key: string): Project {
    const cached = this.#byKey.get(key)
    if (cached) return cached
    const found = this.#find.get(key)
    const id = Number(found ? found.id : this.#insert.run(key, key).lastInsertRowid)
    const project = { id, key }
    this.#byKey.set(key, project)
    return project
  }

  /** Where traces wait that no batch gave a project. */
  get default(): Project {
    return this.named(DEFAULT_PROJECT_ID)
  }

  rename(key: string, name: string): void {
    this.#rename.run(name, this.named(key).id)
  }

  /** Adds to the number of a project's traces, once stored. */
  countTraces(id: number, change: number): void {
    this.#traceChanges.set(id, (this.#traceChanges.get(id) ?? 0) + change)
  }

  /** Writes the numbers of traces. */
  store(): void {
    for (const [id, change] of this.#traceChanges) this.#count.run(change, id)
    this.#traceChanges.clear()
  }

  /** Forgets everything: after a rollback. */
  clear(): void {
    this.#byKey.clear()
    this.#traceChanges.clear()
  }
}
