// The summary rows of traces while they change: loaded once, kept while hot, written once a batch.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { blob } from './columns.ts'
import type { Counters } from './counters.ts'
import type { HourTable } from './hour-table.ts'
import type { HourSums } from './hours.ts'
import { LruMap } from './lru-map.ts'
import type { Projects } from './projects.ts'
import type { StringWriter } from './strings.ts'
import { emptyTotals, type Totals } from './totals.ts'
import { parseTotals } from './totals-json.ts'
import { insertTraceSql, placeTraceSql, summaryValues, updateTraceSql } from './trace-columns.ts'

const HOT_TRACES = 1_000
/** For how long spans of a deleted trace are dropped. */
export const TOMBSTONE_NS = 24n * 3_600n * 1_000_000_000n

/** A trace in the writer's memory. */
export interface Trace {
  readonly id: number
  readonly traceId: Buffer
  /** The trace id's bytes as a string, to find it in maps. */
  readonly key: string
  project: number
  /** True once a batch named the project. */
  projectNamed: boolean
  totals: Totals
  /** What pruned spans added, which no recount can find again. */
  base: Totals | undefined
  readonly pinned: boolean
  pruned: boolean
  change: number
  minSegment: number
  maxSegment: number
  /** Number of its rows in `waiting`. */
  waiting: number
  /** The sums cannot be kept by adding; count them again before the batch ends. */
  recount: boolean
  touched: boolean
  stored: boolean
  /** Values of the indexed columns as they are stored. */
  storedProject: number
  storedStart: bigint
  storedMinSegment: number
  /** What it has in the table of hours. */
  storedHours: readonly HourSums[]
}

/** Finds, creates and stores traces. */
export class Traces {
  readonly #projects: Projects
  readonly #strings: StringWriter
  readonly #counters: Counters
  readonly #hours: HourTable
  readonly #select: StatementSync
  readonly #tombstone: StatementSync
  readonly #insert: StatementSync
  readonly #update: StatementSync
  readonly #place: StatementSync
  readonly #lastId: StatementSync
  readonly #idOf: StatementSync
  readonly #removals: readonly StatementSync[]
  readonly #hot = new LruMap<string, Trace>(HOT_TRACES)
  /** Apart from the hot ones, which may be forgotten at any time. */
  #touched = new Map<string, Trace>()
  /** Those that have no row yet, by the row that they will have. */
  readonly #created = new Map<number, Trace>()
  #recent: Trace | undefined
  #nextId: number | undefined

  constructor(
    db: DatabaseSync,
    strings: StringWriter,
    projects: Projects,
    counters: Counters,
    hours: HourTable,
  ) {
    this.#hours = hours
    this.#strings = strings
    this.#projects = projects
    this.#counters = counters
    this.#select = db.prepare('SELECT * FROM trace WHERE trace = ?')
    this.#select.setReadBigInts(true)
    this.#tombstone = db.prepare('SELECT at FROM tombstone WHERE trace = ?')
    this.#tombstone.setReadBigInts(true)
    this.#insert = db.prepare(insertTraceSql)
    this.#update = db.prepare(updateTraceSql)
    this.#place = db.prepare(placeTraceSql)
    this.#lastId = db.prepare('SELECT max(id) AS id FROM trace')
    this.#idOf = db.prepare('SELECT trace FROM trace WHERE id = ?')
    this.#removals = ['DELETE FROM waiting WHERE trace = ?', 'DELETE FROM trace WHERE id = ?'].map((sql) =>
      db.prepare(sql),
    )
  }

  /** The trace of this id, if it is known. */
  find(traceId: Buffer): Trace | undefined {
    if (this.#recent?.traceId.equals(traceId)) return this.#recent
    const key = traceId.toString('latin1')
    let trace = this.#touched.get(key) ?? this.#hot.get(key)
    if (!trace) {
      trace = this.#load(traceId, key)
      if (trace) this.#hot.set(key, trace)
    }
    if (trace) this.#recent = trace
    return trace
  }

  /** The trace of a row. */
  byRow(id: number): Trace | undefined {
    if (this.#recent?.id === id) return this.#recent
    const created = this.#created.get(id)
    if (created) return created
    const row = this.#idOf.get(id)
    return row && this.find(blob(row.trace))
  }

  /** Removes a trace that has no spans left. */
  remove(trace: Trace): void {
    this.#hours.exchange(trace.storedHours, [])
    if (trace.stored) this.#projects.countTraces(trace.storedProject, -1)
    for (const statement of this.#removals) statement.run(trace.id)
    this.#counters.traces--
    this.#touched.delete(trace.key)
    this.#hot.delete(trace.key)
    this.#created.delete(trace.id)
    this.#recent = undefined
  }

  /** A new trace without spans, in the default project. */
  create(traceId: Buffer, segment: number): Trace {
    this.#nextId ??= Number(this.#lastId.get()?.id ?? 0) + 1
    const key = traceId.toString('latin1')
    const project = this.#projects.default.id
    const trace: Trace = {
      id: this.#nextId++,
      traceId: Buffer.from(key, 'latin1'),
      key,
      project,
      projectNamed: false,
      totals: emptyTotals(),
      base: undefined,
      pinned: false,
      pruned: false,
      change: 0,
      minSegment: segment,
      maxSegment: segment,
      waiting: 0,
      recount: false,
      touched: false,
      stored: false,
      storedProject: project,
      storedStart: 0n,
      storedMinSegment: segment,
      storedHours: [],
    }
    this.#created.set(trace.id, trace)
    this.#counters.traces++
    this.#recent = trace
    this.touch(trace)
    return trace
  }

  /** True for a trace that was deleted less than 24 h before `receivedNs`. */
  isDeleted(traceId: Buffer, receivedNs: bigint): boolean {
    const at = this.#tombstone.get(traceId)?.at
    return typeof at === 'bigint' && receivedNs < at + TOMBSTONE_NS
  }

  /** Has the trace written at the next `store`. */
  touch(trace: Trace): void {
    if (trace.touched) return
    trace.touched = true
    this.#touched.set(trace.key, trace)
  }

  /** Writes the traces that changed; `recount` brings sums up to date that could not be kept by adding. */
  store(recount: (trace: Trace) => void): void {
    for (const trace of this.#touched.values()) {
      if (trace.recount) recount(trace)
      trace.recount = false
      trace.touched = false
      trace.change = ++this.#counters.change
      this.#write(trace)
      this.#hot.set(trace.key, trace)
    }
    this.#projects.store()
    this.#created.clear()
    this.#touched = new Map()
    this.#recent = undefined
  }

  /** Forgets all traces in memory: they are read again when needed. */
  clear(): void {
    this.#hot.clear()
    this.#created.clear()
    this.#touched = new Map()
    this.#recent = undefined
    this.#nextId = undefined
  }

  #write(trace: Trace): void {
    const values = summaryValues(trace, this.#strings)
    const { start } = trace.totals
    if (!trace.stored) {
      this.#insert.run(trace.id, trace.traceId, trace.project, start, trace.minSegment, ...values)
      this.#projects.countTraces(trace.project, 1)
    } else {
      this.#update.run(...values, trace.id)
      const moved = trace.project !== trace.storedProject
      if (moved) {
        this.#projects.countTraces(trace.storedProject, -1)
        this.#projects.countTraces(trace.project, 1)
      }
      if (moved || start !== trace.storedStart || trace.minSegment !== trace.storedMinSegment)
        this.#place.run(trace.project, start, trace.minSegment, trace.id)
    }
    trace.stored = true
    trace.storedProject = trace.project
    trace.storedStart = start
    trace.storedMinSegment = trace.minSegment
    const hours = trace.totals.hours.copies()
    this.#hours.exchange(trace.storedHours, hours)
    trace.storedHours = hours
  }

  #load(traceId: Buffer, key: string): Trace | undefined {
    const row = this.#select.get(traceId)
    if (!row) return undefined
    const { totals, base } = parseTotals(String(row.state))
    return {
      id: Number(row.id),
      traceId: Buffer.from(key, 'latin1'),
      key,
      project: Number(row.project),
      projectNamed: row.project_named === 1n,
      totals,
      base,
      pinned: row.pinned === 1n,
      pruned: row.pruned === 1n,
      change: Number(row.change),
      minSegment: Number(row.min_segment),
      maxSegment: Number(row.max_segment),
      waiting: Number(row.waiting),
      recount: false,
      touched: false,
      stored: true,
      storedProject: Number(row.project),
      storedStart: totals.start,
      storedMinSegment: Number(row.min_segment),
      storedHours: totals.hours.copies(),
    }
  }
}
