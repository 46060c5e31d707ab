// Lists of metric series, and their points for charts.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { AglError } from '../../errors.ts'
import { type MetricType, metricTypes } from '../../otlp/scan/signal-views.ts'
import type { Page } from '../contract.ts'
import type { MetricPoint, MetricSeries, PointQuery, SeriesPoints, SeriesQuery } from '../signals.ts'
import { blob, optionalNumber, storedTime, traceIdBytes } from './columns.ts'
import { checkLimit } from './cursor.ts'
import { Statements } from './statements.ts'

const MAX_SERIES = 1_000
const MIN_POINTS = 2
const MAX_POINTS = 5_000
/** Points that one answer looks at, the newest of the range. */
const LOOKED_AT = 200_000

const typeByNumber = new Map<number, MetricType>(
  Object.entries(metricTypes).map(([name, number]) => [number, name as MetricType]),
)

type Row = Record<string, unknown>

/** How the points of one stretch of time become one. In each, NULL stays NULL. */
const merged = {
  /** What is measured now and then: the mean, and how far it went. */
  gauge: `max(time) AS time, min(start) AS start, avg(value) AS value, sum(count) AS count, sum(sum) AS sum,
    min(coalesce(min, value)) AS min, max(coalesce(max, value)) AS max`,
  /** What is counted anew each time: the sum. */
  delta: `max(time) AS time, min(start) AS start, sum(value) AS value, sum(count) AS count, sum(sum) AS sum,
    min(min) AS min, max(max) AS max`,
  /** What goes on growing: where it had got to. SQLite takes bare columns from the row of the only max(). */
  cumulative: 'max(time) AS time, start, value, count, sum, min, max',
} as const

/** Reads series and points. */
export class MetricReader {
  readonly #one: StatementSync
  readonly #last: StatementSync
  readonly #range: StatementSync
  readonly #statements: Statements

  constructor(db: DatabaseSync) {
    this.#statements = new Statements(db, 'bigints')
    this.#one = this.#statements.of('SELECT * FROM metric_series WHERE key = ?')
    this.#last = this.#statements.of(
      'SELECT *, 1 AS points FROM metric_point WHERE series = ? ORDER BY time DESC, start DESC LIMIT 1',
    )
    this.#range = this.#statements.of(
      `SELECT count(*) AS points, min(time) AS first, max(time) AS last FROM
         (SELECT time FROM metric_point WHERE series = ? AND time >= ? AND time < ? ORDER BY time DESC LIMIT ?)`,
    )
  }

  /**
   * By name, then service.
   * @throws AglError `AGL_BAD_REQUEST` for a bad limit or cursor
   */
  list({ filter, limit, cursor }: SeriesQuery): Page<MetricSeries> {
    checkLimit(limit, MAX_SERIES)
    const sql = ['1']
    const values: (string | number | Buffer)[] = []
    if (filter.service !== undefined) {
      sql.push('service = ?')
      values.push(filter.service)
    }
    if (filter.name) {
      sql.push('name_contains(name, ?)')
      values.push(filter.name.toLowerCase())
    }
    if (cursor !== undefined) {
      sql.push('(name, service, key) > (?, ?, ?)')
      values.push(...parseSeriesCursor(cursor))
    }
    const rows = this.#statements
      .of(
        `SELECT * FROM metric_series INDEXED BY metric_series_by_name WHERE ${sql.join(' AND ')}
         ORDER BY name, service, key LIMIT ?`,
      )
      .all(...values, limit + 1)
    const items = rows.slice(0, limit)
    const last = items.at(-1)
    return {
      items: items.map((row) => this.#series(row)),
      cursor: rows.length > limit && last ? formatSeriesCursor(last) : undefined,
    }
  }

  /** @throws AglError `AGL_BAD_REQUEST` for a bad limit */
  points({ series: id, sinceNs, untilNs, limit }: PointQuery): SeriesPoints | undefined {
    if (limit < MIN_POINTS) checkLimit(0, MAX_POINTS)
    checkLimit(limit, MAX_POINTS)
    // As long as a trace id, but of its own.
    const key = traceIdBytes(id)
    const row = key && this.#one.get(key)
    if (!row) return undefined
    const series = this.#series(row)
    const since = storedTime(sinceNs ?? 0n)
    const until = storedTime(untilNs ?? 2n ** 63n)
    const range = this.#range.get(row.id as bigint, since, until, LOOKED_AT + 1)
    const count = Number(range?.points ?? 0)
    const complete = count <= LOOKED_AT
    const [first, last] = [range?.first, range?.last] as [bigint, bigint]
    const rows =
      count <= limit ? this.#each(row, since, until) : this.#buckets(row, series, first, last, limit)
    return { series, points: rows.map(pointOf), complete }
  }

  #each(row: Row, since: bigint, until: bigint): Row[] {
    return this.#statements
      .of(
        `SELECT *, 1 AS points FROM metric_point WHERE series = ? AND time >= ? AND time < ? ORDER BY time, start`,
      )
      .all(row.id as bigint, since, until)
  }

  #buckets(row: Row, series: MetricSeries, first: bigint, last: bigint, limit: number): Row[] {
    const { type, temporality } = series
    const how = type === 'gauge' ? 'gauge' : temporality === 1 ? 'delta' : 'cumulative'
    const width = (last - first) / BigInt(limit) + 1n
    return this.#statements
      .of(
        `SELECT ${merged[how]}, count(*) AS points FROM metric_point
         WHERE series = ? AND time >= ? AND time <= ? GROUP BY (time - ?) / ? ORDER BY time`,
      )
      .all(row.id as bigint, first, last, first, width)
  }

  #series(row: Row): MetricSeries {
    const last = this.#last.get(row.id as bigint)
    return {
      id: blob(row.key).toString('hex'),
      name: String(row.name),
      service: String(row.service) || undefined,
      unit: String(row.unit),
      description: String(row.description),
      type: typeByNumber.get(Number(row.type)) ?? 'gauge',
      temporality: Number(row.temporality),
      monotonic: row.monotonic === 1n,
      attributes: JSON.parse(String(row.attributes)) as Record<string, unknown>,
      points: Number(row.points),
      firstNs: row.first as bigint,
      lastNs: row.last as bigint,
      last: last && pointOf(last),
    }
  }
}

function pointOf(row: Row): MetricPoint {
  return {
    timeNs: row.time as bigint,
    startNs: row.start as bigint,
    value: optionalNumber(row.value),
    count: optionalNumber(row.count),
    sum: optionalNumber(row.sum),
    min: optionalNumber(row.min),
    max: optionalNumber(row.max),
    points: Number(row.points),
  }
}

function formatSeriesCursor(row: Row): string {
  const place = [row.name, row.service, blob(row.key).toString('hex')]
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/** @throws AglError `AGL_BAD_REQUEST` for anything that `formatSeriesCursor` did not write */
function parseSeriesCursor(cursor: string): [string, string, Buffer] {
  try {
    const [name, service, key] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    const bytes = typeof key === 'string' ? traceIdBytes(key) : undefined
    if (typeof name === 'string' && typeof service === 'string' && bytes) return [name, service, bytes]
  } catch {
    // Falls through: not one of ours.
  }
  throw new AglError('AGL_BAD_REQUEST', { what: 'The cursor is not one that this list has given.' })
}
