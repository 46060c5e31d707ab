// Metric series and their points into the index.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { metricTypes } from '../../otlp/scan/signal-views.ts'
import type { MetricPointRow, SeriesRow } from '../signals.ts'
import { storedTime } from './columns.ts'
import { LruMap } from './lru-map.ts'

const HOT_SERIES = 4_096

/** What the points of a batch add to their series. */
interface Added {
  points: number
  first: bigint
  last: bigint
}

/** Writes points within a transaction that the caller holds. */
export class MetricWriter {
  readonly #find: StatementSync
  readonly #insertSeries: StatementSync
  readonly #insertPoint: StatementSync
  readonly #add: StatementSync
  readonly #touched: StatementSync
  readonly #prune: StatementSync
  readonly #recount: StatementSync
  readonly #removeEmpty: StatementSync
  readonly #ids = new LruMap<string, number>(HOT_SERIES)
  #added = new Map<number, Added>()

  constructor(db: DatabaseSync) {
    this.#find = db.prepare('SELECT id FROM metric_series WHERE key = ?')
    this.#insertSeries = db.prepare(
      `INSERT INTO metric_series (key, name, service, unit, description, type, temporality, monotonic, attributes,
         points, first, last) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)`,
    )
    this.#insertPoint = db.prepare('INSERT OR IGNORE INTO metric_point VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
    this.#add = db.prepare(
      'UPDATE metric_series SET points = points + ?, first = min(first, ?), last = max(last, ?) WHERE id = ?',
    )
    this.#touched = db.prepare('SELECT DISTINCT series FROM metric_point WHERE segment <= ?')
    this.#prune = db.prepare('DELETE FROM metric_point WHERE segment <= ?')
    const left = '(SELECT %s FROM metric_point WHERE series = ?1)'
    this.#recount = db.prepare(
      `UPDATE metric_series SET points = ${left.replace('%s', 'count(*)')},
         first = coalesce(${left.replace('%s', 'min(time)')}, first),
         last = coalesce(${left.replace('%s', 'max(time)')}, last) WHERE id = ?1`,
    )
    this.#removeEmpty = db.prepare('DELETE FROM metric_series WHERE points = 0')
  }

  write(row: MetricPointRow): void {
    const time = storedTime(row.timeNs)
    const series = this.#series(row.series, time)
    const { changes } = this.#insertPoint.run(
      series,
      time,
      storedTime(row.startNs),
      row.segment,
      row.value ?? null,
      row.count ?? null,
      row.sum ?? null,
      row.min ?? null,
      row.max ?? null,
    )
    if (changes === 0) return
    const added = this.#added.get(series)
    if (!added) {
      this.#added.set(series, { points: 1, first: time, last: time })
      return
    }
    added.points++
    if (time < added.first) added.first = time
    if (time > added.last) added.last = time
  }

  /** Writes what the points of the batch added to their series. */
  store(): void {
    for (const [id, { points, first, last }] of this.#added) this.#add.run(points, first, last, id)
    this.#added = new Map()
  }

  /** Forgets points that lie in segments up to this one, and series that have none left. */
  prune(segment: number): void {
    this.store()
    const touched = this.#touched.all(segment).map((row) => Number(row.series))
    this.#prune.run(segment)
    for (const series of touched) this.#recount.run(series)
    this.#removeEmpty.run()
    this.clear()
  }

  /** Forgets what is in memory: after a rollback ids may be given again. */
  clear(): void {
    this.#ids.clear()
    this.#added = new Map()
  }

  #series(row: SeriesRow, time: bigint): number {
    const key = row.key.toString('latin1')
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const found = this.#find.get(row.key)
    const id = Number(
      found
        ? found.id
        : this.#insertSeries.run(
            row.key,
            row.name,
            row.service,
            row.unit,
            row.description,
            metricTypes[row.type],
            row.temporality,
            row.monotonic ? 1 : 0,
            row.attributes,
            time,
            time,
          ).lastInsertRowid,
    )
    this.#ids.set(key, id)
    return id
  }
}
