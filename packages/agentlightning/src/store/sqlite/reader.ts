// The reading half of the SQLite store: one read-only connection, in any thread.
import { statSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Position } from '../../log/record.ts'
import type { CallPage, CallQuery, CallSummary, RolloutSummary } from '../calls.ts'
import type {
  Changes,
  Facet,
  FacetField,
  HourRange,
  HourRow,
  LogRow,
  ObjectRow,
  Page,
  Removal,
  SetAsideRow,
  SpanAddress,
  StoreCapabilities,
  StoreReader,
  StoreStats,
  TraceCount,
  TraceFilter,
  TraceQuery,
  TraceSummary,
  TreeSpan,
} from '../contract.ts'
import type {
  LogRecordAddress,
  LogRecordQuery,
  LogRecordSummary,
  MetricSeries,
  PointQuery,
  SeriesPoints,
  SeriesQuery,
  TraceLogQuery,
} from '../signals.ts'
import { CallReader } from './calls/read-calls.ts'
import { guarded, openReaderDatabase } from './database.ts'
import { ChangeReader } from './read-changes.ts'
import { FacetReader } from './read-facets.ts'
import { HourReader } from './read-hours.ts'
import { LogRecordReader } from './read-log-records.ts'
import { MetricReader } from './read-metrics.ts'
import { type SpanPage, SpanReader } from './read-spans.ts'
import { TraceReader } from './read-traces.ts'
import { RemovalReader } from './removals.ts'
import { StringReader } from './strings.ts'

const SET_ASIDE_SHOWN = 20

/**
 * Opens the index for reading only. The writer may be anywhere, and must have created the index.
 * @throws AglError `AGL_DATA_DIR_NEWER` for the index of a later version
 * @throws IndexUnusableError when it must be built again; any method of the reader may, too
 */
export async function openSqliteReader(path: string): Promise<StoreReader> {
  const db = openReaderDatabase(path)
  try {
    return guarded(path, () => new SqliteReader(db, path))
  } catch (error) {
    db.close()
    throw error
  }
}

class SqliteReader implements StoreReader {
  readonly capabilities: StoreCapabilities = { readsOwnWrites: true, exactSums: true, immediateDelete: true }
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #traces: TraceReader
  readonly #spans: SpanReader
  readonly #hours: HourReader
  readonly #calls: CallReader
  readonly #logRecords: LogRecordReader
  readonly #metrics: MetricReader
  readonly #facets: FacetReader
  readonly #removals: RemovalReader
  readonly #changes: ChangeReader
  readonly #meta: StatementSync
  readonly #setAside: StatementSync
  readonly #projects: StatementSync
  readonly #logs: StatementSync
  readonly #object: StatementSync

  constructor(db: DatabaseSync, path: string) {
    this.#db = db
    this.#path = path
    const strings = new StringReader(db)
    this.#traces = new TraceReader(db, strings)
    this.#spans = new SpanReader(db, strings)
    this.#hours = new HourReader(db, strings)
    this.#calls = new CallReader(db, strings)
    this.#logRecords = new LogRecordReader(db, strings)
    this.#metrics = new MetricReader(db)
    this.#facets = new FacetReader(db, strings)
    this.#removals = new RemovalReader(db)
    this.#changes = new ChangeReader(db, this.#traces, this.#removals)
    this.#meta = db.prepare('SELECT * FROM meta')
    this.#setAside = db.prepare('SELECT record, kind, error FROM set_aside ORDER BY id DESC LIMIT ?')
    this.#projects = db.prepare('SELECT key, name, traces FROM project ORDER BY id')
    this.#logs = db.prepare('SELECT * FROM log WHERE trace = ? ORDER BY record')
    this.#logs.setReadBigInts(true)
    this.#object = db.prepare('SELECT * FROM object WHERE key = ?')
    this.#object.setReadBigInts(true)
  }

  async position(): Promise<Position> {
    return this.#read(() => Number(this.#meta.get()?.position))
  }

  async listTraces(query: TraceQuery): Promise<Page<TraceSummary>> {
    return this.#read(() => this.#traces.list(query))
  }

  async countTraces(filter: TraceFilter, most: number): Promise<TraceCount> {
    return this.#read(() => this.#facets.count(filter, most))
  }

  async traceStarts(filter: TraceFilter): ReturnType<StoreReader['traceStarts']> {
    return this.#read(() => this.#facets.starts(filter))
  }

  async facet(field: FacetField, filter: TraceFilter, part: string, limit: number): Promise<Facet> {
    return this.#read(() => this.#facets.facet(field, filter, part, limit))
  }

  async trace(traceId: string): Promise<TraceSummary | undefined> {
    return this.#read(() => this.#traces.one(traceId))
  }

  async changes(after: number, limit: number): Promise<Changes> {
    return this.#read(() => this.#changes.after(after, limit))
  }

  async removal(traceId: string): Promise<Removal | undefined> {
    return this.#read(() => this.#removals.of(traceId))
  }

  async spans(traceId: string, page: SpanPage): Promise<Page<TreeSpan>> {
    return this.#read(() => this.#spans.tree(traceId, page))
  }

  async spanAddress(traceId: string, spanId: string): Promise<SpanAddress | undefined> {
    return this.#read(() => this.#spans.address(traceId, spanId))
  }

  async traceOfSpan(spanId: string): Promise<string | undefined> {
    return this.#read(() => this.#spans.traceOf(spanId))
  }

  async spanAddresses(traceId: string, page: SpanPage): Promise<Page<SpanAddress>> {
    return this.#read(() => this.#spans.addresses(traceId, page))
  }

  async logs(traceId: string): Promise<readonly LogRow[]> {
    return this.#read(() =>
      this.#logs.all(traceId.toLowerCase()).map((row) => ({ ...uploaded(row), traceId: String(row.trace) })),
    )
  }

  async logRecords(query: LogRecordQuery): Promise<Page<LogRecordSummary>> {
    return this.#read(() => this.#logRecords.list(query))
  }

  async traceLogRecords(traceId: string, query: TraceLogQuery): Promise<Page<LogRecordSummary>> {
    return this.#read(() => this.#logRecords.ofTrace(traceId, query))
  }

  async logRecordAddress(id: string): Promise<LogRecordAddress | undefined> {
    return this.#read(() => this.#logRecords.address(id))
  }

  async metricSeries(query: SeriesQuery): Promise<Page<MetricSeries>> {
    return this.#read(() => this.#metrics.list(query))
  }

  async metricPoints(query: PointQuery): Promise<SeriesPoints | undefined> {
    return this.#read(() => this.#metrics.points(query))
  }

  async object(id: string): Promise<ObjectRow | undefined> {
    return this.#read(() => {
      const row = this.#object.get(id)
      return row && { ...uploaded(row), id: String(row.key) }
    })
  }

  async calls(query: CallQuery): Promise<CallPage> {
    return this.#read(() => this.#calls.list(query))
  }

  async call(id: string): Promise<CallSummary | undefined> {
    return this.#read(() => this.#calls.one(id))
  }

  async callIds(prefix: string, limit: number): Promise<readonly string[]> {
    return this.#read(() => this.#calls.ids(prefix, limit))
  }

  async callOfSpan(traceId: string, spanId: string): Promise<CallSummary | undefined> {
    return this.#read(() => this.#calls.ofSpan(traceId, spanId))
  }

  async rollouts(limit: number): Promise<readonly RolloutSummary[]> {
    return this.#read(() => this.#calls.rollouts(limit))
  }

  async hours(range: HourRange): Promise<readonly HourRow[]> {
    return this.#read(() => this.#hours.list(range))
  }

  async stats(): Promise<StoreStats> {
    return this.#read(() => {
      this.#db.exec('BEGIN')
      try {
        return this.#stats()
      } finally {
        this.#db.exec('COMMIT')
      }
    })
  }

  async close(): Promise<void> {
    this.#db.close()
  }

  #read<Result>(read: () => Result): Result {
    return guarded(this.#path, read)
  }

  #stats(): StoreStats {
    const meta = this.#meta.get() ?? {}
    const setAside = this.#setAside.all(SET_ASIDE_SHOWN)
    return {
      position: Number(meta.position),
      traces: Number(meta.traces),
      spans: Number(meta.spans),
      duplicates: Number(meta.duplicates),
      dropped: Number(meta.dropped),
      setAside: setAside.map(
        (row): SetAsideRow => ({
          record: Number(row.record),
          kind: String(row.kind),
          error: String(row.error),
        }),
      ),
      setAsideCount: Number(meta.set_aside),
      projects: this.#projects
        .all()
        .map((row) => ({ id: String(row.key), name: String(row.name), traces: Number(row.traces) })),
      bytes: sizeOf(this.#path) + sizeOf(`${this.#path}-wal`) + sizeOf(`${this.#path}-shm`),
    }
  }
}

function uploaded(row: Record<string, unknown>): Omit<LogRow, 'traceId'> {
  return {
    record: Number(row.record),
    receivedNs: row.received as bigint,
    payload: { segment: Number(row.segment), offset: Number(row.offset), length: Number(row.length) },
    contentType: String(row.content_type),
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
