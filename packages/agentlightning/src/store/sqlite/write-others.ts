// Logs, objects and set-aside records into the index. Each is keyed by what makes it unique, so that the same
// record twice changes nothing.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { LogRow, ObjectRow, SetAsideRow } from '../contract.ts'
import { storedTime, traceIdBytes } from './columns.ts'
import type { Counters } from './counters.ts'
import type { Traces } from './traces.ts'

const SET_ASIDE_KEPT = 1_000
const MAX_ERROR_LENGTH = 2_000

/** Writes what belongs to no span, within a transaction that the caller holds. */
export class OtherWriter {
  readonly #traces: Traces
  readonly #counters: Counters
  readonly #log: StatementSync
  readonly #object: StatementSync
  readonly #setAside: StatementSync
  readonly #trim: StatementSync

  constructor(db: DatabaseSync, traces: Traces, counters: Counters) {
    this.#traces = traces
    this.#counters = counters
    this.#log = db.prepare(
      `INSERT OR IGNORE INTO log (record, received, trace, segment, offset, length, content_type)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#object = db.prepare(
      `INSERT INTO object (key, record, received, segment, offset, length, content_type)
         VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (key) DO UPDATE SET record = excluded.record, received = excluded.received,
           segment = excluded.segment, offset = excluded.offset, length = excluded.length,
           content_type = excluded.content_type
         WHERE excluded.record > record`,
    )
    this.#setAside = db.prepare('INSERT OR IGNORE INTO set_aside (record, kind, error) VALUES (?, ?, ?)')
    this.#trim = db.prepare(
      `DELETE FROM set_aside WHERE id <= (SELECT max(id) FROM set_aside) - ${SET_ASIDE_KEPT}`,
    )
  }

  /** False for a log of a trace deleted less than 24 h before: it is dropped. */
  log(row: LogRow): boolean {
    const traceId = row.traceId === undefined ? undefined : traceIdBytes(row.traceId)
    if (traceId && !this.#traces.find(traceId) && this.#traces.isDeleted(traceId, row.receivedNs))
      return false
    const { segment, offset, length } = row.payload
    const trace = row.traceId?.toLowerCase() ?? null
    const received = storedTime(row.receivedNs)
    this.#log.run(row.record, received, trace, segment, offset, length, row.contentType)
    return true
  }

  /** The object uploaded last under an id is the one that is read. */
  object(row: ObjectRow): void {
    const { segment, offset, length } = row.payload
    const received = storedTime(row.receivedNs)
    this.#object.run(row.id, row.record, received, segment, offset, length, row.contentType)
  }

  /** Keeps the newest rows; all are counted. */
  setAside(row: SetAsideRow): void {
    const error = row.error.slice(0, MAX_ERROR_LENGTH)
    if (this.#setAside.run(row.record, row.kind, error).changes === 0) return
    this.#counters.setAside++
    this.#trim.run()
  }
}
