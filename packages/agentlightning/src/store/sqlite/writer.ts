// The writing half of the SQLite store: one batch, one transaction.
import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Position } from '../../log/record.ts'
import type { Change, StoreWriter, WriteBatch, WriteResult } from '../contract.ts'
import { StoreChangeError } from '../store-errors.ts'
import { CallJoiner } from './calls/joiner.ts'
import { OwnSpans } from './calls/own-spans.ts'
import { Commands } from './commands.ts'
import { Counters } from './counters.ts'
import { guarded, isDataError, openWriterDatabase } from './database.ts'
import { HourTable } from './hour-table.ts'
import { LabelWriter } from './labels.ts'
import { LogRecordWriter } from './log-records.ts'
import { MetricWriter } from './metrics.ts'
import { Projects } from './projects.ts'
import { recountTrace } from './recount.ts'
import { RemovalWriter } from './removals.ts'
import { Sources } from './sources.ts'
import { StoredSpans } from './stored-spans.ts'
import { StringWriter } from './strings.ts'
import { Traces } from './traces.ts'
import { UsageTree } from './usage-tree.ts'
import { OtherWriter } from './write-others.ts'
import { SpanWriter } from './write-spans.ts'

type Counts = { -readonly [Name in keyof WriteResult]: number }

/**
 * Opens the index file for writing and creates it where there is none. One writer at a time: the caller holds
 * the lock of the data directory.
 * @throws AglError `AGL_DATA_DIR_NEWER` for the index of a later version
 * @throws IndexUnusableError when it must be deleted and built again; any method of the writer may, too
 */
export async function openSqliteWriter(path: string): Promise<StoreWriter> {
  const db = openWriterDatabase(path)
  try {
    return guarded(path, () => new SqliteWriter(db, path))
  } catch (error) {
    db.close()
    throw error
  }
}

class SqliteWriter implements StoreWriter {
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #counters: Counters
  readonly #strings: StringWriter
  readonly #labels: LabelWriter
  readonly #projects: Projects
  readonly #sources: Sources
  readonly #traces: Traces
  readonly #hours: HourTable
  readonly #stored: StoredSpans
  readonly #usage: UsageTree
  readonly #spans: SpanWriter
  readonly #others: OtherWriter
  readonly #logRecords: LogRecordWriter
  readonly #metrics: MetricWriter
  readonly #calls: CallJoiner
  readonly #commands: Commands

  constructor(db: DatabaseSync, path: string) {
    this.#db = db
    this.#path = path
    const counters = new Counters(db)
    const strings = new StringWriter(db)
    const labels = new LabelWriter(db)
    const projects = new Projects(db)
    const sources = new Sources(db, strings, projects)
    const hours = new HourTable(db)
    const traces = new Traces(db, strings, projects, counters, hours)
    const stored = new StoredSpans(db)
    const usage = new UsageTree(db, traces, stored)
    this.#counters = counters
    this.#strings = strings
    this.#labels = labels
    this.#projects = projects
    this.#sources = sources
    this.#traces = traces
    this.#hours = hours
    this.#stored = stored
    this.#usage = usage
    this.#spans = new SpanWriter(db, { strings, labels, projects, sources, traces, stored, usage, counters })
    this.#others = new OtherWriter(db, traces, counters)
    const logRecords = new LogRecordWriter(db, strings, sources, traces)
    const metrics = new MetricWriter(db)
    this.#logRecords = logRecords
    this.#metrics = metrics
    const removals = new RemovalWriter(db, counters)
    const ownSpans = new OwnSpans(db, { strings, traces, spans: this.#spans, counters, removals })
    this.#calls = new CallJoiner(db, { strings, traces, ownSpans, stored, usage })
    this.#spans.listen(this.#calls)
    this.#commands = new Commands(db, {
      projects,
      traces,
      stored,
      counters,
      hours,
      removals,
      logRecords,
      metrics,
    })
  }

  async write(batch: WriteBatch): Promise<WriteResult> {
    return guarded(this.#path, () => this.#transaction(() => this.#apply(batch)))
  }

  async position(): Promise<Position> {
    return this.#counters.position
  }

  async checkpoint(): Promise<Position> {
    return guarded(this.#path, () => {
      const { position } = this.#counters
      this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)')
      // Commits are not flushed one by one (synchronous=NORMAL). What a reader keeps from being copied into
      // the database is durable once the write-ahead log is. Only that file: closing a descriptor of the
      // database itself would release SQLite's locks on it.
      flushFile(`${this.#path}-wal`)
      return position
    })
  }

  async trim(): Promise<void> {
    try {
      this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch {
      // On a disk without any room there is nothing to give back.
    }
  }

  async check(): Promise<readonly string[]> {
    try {
      const rows = this.#db.prepare('PRAGMA integrity_check(100)').all()
      return rows.map((row) => String(row.integrity_check)).filter((problem) => problem !== 'ok')
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)]
    }
  }

  async close(): Promise<void> {
    this.#db.close()
  }

  #transaction(apply: () => WriteResult): WriteResult {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const result = apply()
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      this.#rollBack()
      throw error
    } finally {
      this.#sources.clear()
      this.#spans.clear()
    }
  }

  #apply(batch: WriteBatch): WriteResult {
    if (batch.position < this.#counters.position)
      throw new Error(`The position went back from ${this.#counters.position} to ${batch.position}.`)
    const counts: Counts = { spans: 0, duplicates: 0, dropped: 0 }
    for (const [index, change] of batch.changes.entries()) {
      try {
        this.#applyChange(change, counts)
      } catch (error) {
        throw isDataError(error) ? new StoreChangeError(index, error) : error
      }
    }
    this.#storeTraces()
    this.#hours.store()
    this.#metrics.store()
    this.#counters.position = batch.position
    this.#counters.duplicates += counts.duplicates
    this.#counters.dropped += counts.dropped
    this.#counters.store()
    return counts
  }

  #applyChange(change: Change, counts: Counts): void {
    switch (change.type) {
      case 'span': {
        const outcome = this.#spans.write(change.row)
        this.#calls.settle()
        if (outcome === 'new') counts.spans++
        else if (outcome === 'duplicate') counts.duplicates++
        else counts.dropped++
        return
      }
      case 'call':
        if (!this.#calls.write(change.row)) counts.dropped++
        return
      case 'log':
        if (!this.#others.log(change.row)) counts.dropped++
        return
      case 'logRecord':
        if (!this.#logRecords.write(change.row)) counts.dropped++
        return
      case 'metricPoint':
        this.#metrics.write(change.row)
        return
      case 'object':
        this.#others.object(change.row)
        return
      case 'setAside':
        this.#others.setAside(change.row)
        return
      case 'command':
        this.#calls.before(change.command)
        this.#storeTraces()
        this.#commands.apply(change.command)
        this.#sources.clear()
        this.#spans.clear()
        this.#calls.after(change.command)
    }
  }

  #storeTraces(): void {
    this.#traces.store((trace) => recountTrace(trace, this.#stored, this.#usage))
  }

  #rollBack(): void {
    if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
    this.#strings.clear()
    this.#labels.clear()
    this.#projects.clear()
    this.#traces.clear()
    this.#hours.clear()
    this.#metrics.clear()
    this.#counters.load()
    this.#calls.clear()
  }
}

function flushFile(path: string): void {
  if (!existsSync(path)) return
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
