// Lists of log records.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { payloadEncodings } from '../../otlp/scan/span-view.ts'
import type { Address, Page } from '../contract.ts'
import type {
  LogRecordAddress,
  LogRecordFilter,
  LogRecordQuery,
  LogRecordSummary,
  TraceLogQuery,
} from '../signals.ts'
import { blob, spanIdBytes, storedTime, traceIdBytes } from './columns.ts'
import { checkLimit, formatCursor, type Place, parseCursor } from './cursor.ts'
import { Statements } from './statements.ts'
import type { StringReader } from './strings.ts'

const MAX_RECORDS = 1_000
/** Records that one page of a filtered list looks at. */
const LOOKED_AT = 50_000

const columns = `l.key, l.time, l.trace, l.span, l.service, l.severity, l.severity_text, l.event, l.preview,
  s.scope_name`
const joined = 'CROSS JOIN source s ON s.id = l.source'

type Row = Record<string, unknown>
type Value = number | bigint | string | Buffer

/** Reads log records. */
export class LogRecordReader {
  readonly #strings: StringReader
  readonly #address: StatementSync
  readonly #statements: Statements

  constructor(db: DatabaseSync, strings: StringReader) {
    this.#statements = new Statements(db, 'bigints')
    this.#strings = strings
    this.#address = this.#statements.of(
      `SELECT l.segment, l.offset, l.length, s.* FROM log_record l ${joined} WHERE l.key = ?`,
    )
  }

  /**
   * Newest first. Where a filter finds little, the page ends after a bounded search, and its cursor goes on there.
   * @throws AglError `AGL_BAD_REQUEST` for a bad limit or cursor
   */
  list({ filter, limit, cursor }: LogRecordQuery): Page<LogRecordSummary> {
    checkLimit(limit, MAX_RECORDS)
    const range = ['1']
    const values: Value[] = []
    const after = cursor === undefined ? undefined : parseCursor('logs', cursor)
    if (after) {
      range.push('l.time <= ? AND (l.time < ? OR l.key > ?)')
      values.push(after.start, after.start, after.id)
    }
    if (filter.sinceNs !== undefined) {
      range.push('l.time >= ?')
      values.push(storedTime(filter.sinceNs))
    }
    if (filter.untilNs !== undefined) {
      range.push('l.time < ?')
      values.push(storedTime(filter.untilNs))
    }
    const from = `FROM log_record l INDEXED BY log_record_by_time`
    const order = 'ORDER BY l.time DESC, l.key'
    const where = `WHERE ${range.join(' AND ')}`
    const conditions = this.#conditions(filter)
    if (!conditions) return { items: [], cursor: undefined }
    const bound = this.#statements
      .of(`SELECT l.time, l.key ${from} ${where} ${order} LIMIT 1 OFFSET ?`)
      .get(...values, LOOKED_AT)
    if (bound) {
      range.push('l.time >= ? AND (l.time > ? OR l.key <= ?)')
      values.push(bound.time as bigint, bound.time as bigint, blob(bound.key))
    }
    const rows = this.#statements
      .of(
        `SELECT ${columns} ${from} ${joined} WHERE ${[...range, ...conditions.sql].join(' AND ')} ${order} LIMIT ?`,
      )
      .all(...values, ...conditions.values, limit + 1)
    return this.#page(rows, limit, bound && placeOf(bound))
  }

  /**
   * Oldest first.
   * @throws AglError `AGL_BAD_REQUEST` for a bad limit or cursor
   */
  ofTrace(traceId: string, { spanId, severity, limit, cursor }: TraceLogQuery): Page<LogRecordSummary> {
    checkLimit(limit, MAX_RECORDS)
    const id = traceIdBytes(traceId)
    const span = spanId === undefined ? undefined : spanIdBytes(spanId)
    if (!id || (spanId !== undefined && !span)) return { items: [], cursor: undefined }
    const sql = ['l.trace = ?']
    const values: Value[] = [id]
    if (span) {
      sql.push('l.span = ?')
      values.push(span)
    }
    if (severity !== undefined) {
      sql.push('l.severity >= ?')
      values.push(severity)
    }
    if (cursor !== undefined) {
      const after = parseCursor('logs', cursor)
      sql.push('l.time >= ? AND (l.time > ? OR l.key > ?)')
      values.push(after.start, after.start, after.id)
    }
    const rows = this.#statements
      .of(
        `SELECT ${columns} FROM log_record l INDEXED BY log_record_by_trace ${joined}
         WHERE ${sql.join(' AND ')} ORDER BY l.time, l.key LIMIT ?`,
      )
      .all(...values, limit + 1)
    return this.#page(rows, limit, undefined)
  }

  address(id: string): LogRecordAddress | undefined {
    // As long as a trace id, but of its own.
    const key = traceIdBytes(id)
    const row = key && this.#address.get(key)
    if (!row) return undefined
    return {
      encoding: Number(row.encoding) === payloadEncodings.json ? 'json' : 'protobuf',
      record: { segment: Number(row.segment), offset: Number(row.offset), length: Number(row.length) },
      resource: addressOf(row, 'resource'),
      scope: addressOf(row, 'scope'),
      receivedNs: row.received as bigint,
    }
  }

  #conditions(filter: LogRecordFilter): { sql: string[]; values: Value[] } | undefined {
    const sql: string[] = []
    const values: Value[] = []
    if (filter.severity !== undefined) {
      sql.push('l.severity >= ?')
      values.push(filter.severity)
    }
    if (filter.service !== undefined) {
      const service = this.#strings.find(filter.service)
      if (service === undefined) return undefined
      sql.push('l.service = ?')
      values.push(service)
    }
    if (filter.text) {
      sql.push('name_contains(l.preview, ?)')
      values.push(filter.text.toLowerCase())
    }
    return { sql, values }
  }

  #page(rows: Row[], limit: number, bound: Place | undefined): Page<LogRecordSummary> {
    const items = rows.slice(0, limit)
    const last = items.at(-1)
    const next = rows.length > limit && last ? placeOf(last) : bound
    return {
      items: items.map((row) => this.#summary(row)),
      cursor: next && formatCursor('logs', next),
    }
  }

  #summary(row: Row): LogRecordSummary {
    return {
      id: blob(row.key).toString('hex'),
      timeNs: row.time as bigint,
      severityNumber: Number(row.severity),
      severityText: this.#strings.optional(row.severity_text) ?? '',
      preview: String(row.preview),
      eventName: this.#strings.optional(row.event),
      traceId: row.trace === null ? undefined : blob(row.trace).toString('hex'),
      spanId: row.span === null ? undefined : blob(row.span).toString('hex'),
      service: this.#strings.optional(row.service),
      scope: this.#strings.text(Number(row.scope_name)),
    }
  }
}

function placeOf(row: Row): Place {
  return { start: row.time as bigint, id: blob(row.key) }
}

function addressOf(row: Row, what: 'resource' | 'scope'): Address | undefined {
  if (row[`${what}_segment`] === null) return undefined
  const [segment, offset, length] = ['segment', 'offset', 'length'].map((part) =>
    Number(row[`${what}_${part}`]),
  )
  return { segment: segment as number, offset: offset as number, length: length as number }
}
