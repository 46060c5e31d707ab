// The rows that spans of one record, resource and scope share, written with the first span that needs them.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { payloadEncodings } from '../../otlp/scan/span-view.ts'
import type { Address, Origin, SourceRow } from '../contract.ts'
import { storedTime } from './columns.ts'
import type { Projects } from './projects.ts'
import { formatIds, type StringWriter } from './strings.ts'

/** Numbers of origins on disk: never renumber. */
export const originNumbers = { client: 0, gateway: 1, legacy: 2, synthetic: 3 } as const satisfies Record<
  Origin,
  number
>

/** A source and what its spans take from it, as string ids (0 for none). */
export interface Source {
  readonly id: number
  readonly row: SourceRow
  readonly segment: number
  readonly service: number
  readonly session: number
  readonly user: number
  readonly tags: readonly number[]
  readonly run: number
  readonly rollout: number
  readonly attempt: number
  stored: boolean
}

/** Sources of one batch, told apart by the identity of their `SourceRow`. */
export class Sources {
  readonly #strings: StringWriter
  readonly #projects: Projects
  readonly #insert: StatementSync
  readonly #lastId: StatementSync
  readonly #batch = new Map<SourceRow, Source[]>()
  #recent: Source | undefined
  #nextId: number | undefined

  constructor(db: DatabaseSync, strings: StringWriter, projects: Projects) {
    this.#strings = strings
    this.#projects = projects
    this.#insert = db.prepare('INSERT INTO source VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)')
    this.#lastId = db.prepare('SELECT max(id) AS id FROM source')
  }

  /** The source of a span whose payload lies in `segment`. */
  of(row: SourceRow, segment: number): Source {
    if (this.#recent?.row === row && this.#recent.segment === segment) return this.#recent
    let sources = this.#batch.get(row)
    if (!sources) {
      sources = []
      this.#batch.set(row, sources)
    }
    let source = sources.find((known) => known.segment === segment)
    if (!source) {
      source = this.#make(row, segment)
      sources.push(source)
    }
    this.#recent = source
    return source
  }

  /** Writes the row of a source that a span refers to. */
  store(source: Source): void {
    if (source.stored) return
    source.stored = true
    const { row } = source
    this.#insert.run(
      source.id,
      row.record,
      storedTime(row.receivedNs),
      row.project === undefined ? null : this.#projects.named(row.project).id,
      originNumbers[row.origin],
      payloadEncodings[row.encoding],
      source.segment,
      ...address(row.resource),
      ...address(row.scope),
      this.#strings.id(row.scopeName),
      source.service,
      source.session,
      source.user,
      formatIds(source.tags),
      source.run,
      source.rollout,
      source.attempt,
    )
  }

  /** To be called at the end of each batch, also of one that is rolled back. */
  clear(): void {
    this.#batch.clear()
    this.#recent = undefined
    this.#nextId = undefined
  }

  #make(row: SourceRow, segment: number): Source {
    this.#nextId ??= Number(this.#lastId.get()?.id ?? 0) + 1
    const { service, session, user, tags, run, rollout, attempt } = row.resourceFields
    return {
      id: this.#nextId++,
      row,
      segment,
      service: this.#strings.idOrNone(service),
      session: this.#strings.idOrNone(session),
      user: this.#strings.idOrNone(user),
      tags: (tags ?? []).map((tag) => this.#strings.id(tag)),
      run: this.#strings.idOrNone(run),
      rollout: this.#strings.idOrNone(rollout),
      attempt: this.#strings.idOrNone(attempt),
      stored: false,
    }
  }
}

function address(at: Address | undefined): [number, number, number] | [null, null, null] {
  return at ? [at.segment, at.offset, at.length] : [null, null, null]
}
