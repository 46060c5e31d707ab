// OTLP log records into the index.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { LogRecordRow } from '../signals.ts'
import { storedTime } from './columns.ts'
import type { Sources } from './sources.ts'
import type { StringWriter } from './strings.ts'
import type { Traces } from './traces.ts'

/** Writes log records within a transaction that the caller holds. */
export class LogRecordWriter {
  readonly #strings: StringWriter
  readonly #sources: Sources
  readonly #traces: Traces
  readonly #known: StatementSync
  readonly #insert: StatementSync
  readonly #deleteTrace: StatementSync
  readonly #prune: StatementSync

  constructor(db: DatabaseSync, strings: StringWriter, sources: Sources, traces: Traces) {
    this.#strings = strings
    this.#sources = sources
    this.#traces = traces
    this.#known = db.prepare('SELECT 1 FROM log_record WHERE key = ?')
    this.#insert = db.prepare(
      `INSERT INTO log_record (key, time, trace, span, source, service, severity, severity_text, event, preview,
         segment, offset, length) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#deleteTrace = db.prepare('DELETE FROM log_record WHERE trace = ?')
    this.#prune = db.prepare('DELETE FROM log_record WHERE segment <= ?')
  }

  /** False for a record of a trace deleted less than 24 h before: it is dropped. */
  write(row: LogRecordRow): boolean {
    const { traceId, spanId, payload } = row
    if (traceId && !this.#traces.find(traceId) && this.#traces.isDeleted(traceId, row.source.receivedNs))
      return false
    if (this.#known.get(row.key)) return true
    const source = this.#sources.of(row.source, payload.segment)
    this.#sources.store(source)
    this.#insert.run(
      row.key,
      storedTime(row.timeNs),
      traceId ?? null,
      spanId ?? null,
      source.id,
      source.service,
      row.severityNumber,
      this.#strings.idOrNone(row.severityText),
      this.#strings.idOrNone(row.eventName),
      row.preview,
      payload.segment,
      payload.offset,
      payload.length,
    )
    return true
  }

  /** Forgets the records of a trace. */
  deleteTrace(traceId: Buffer): void {
    this.#deleteTrace.run(traceId)
  }

  /** Forgets what lies in segments up to this one. */
  prune(segment: number): void {
    this.#prune.run(segment)
  }
}
