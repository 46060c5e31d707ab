// How many traces a filter finds and when they began, and which values a field has: over the newest traces only, so
// that no answer takes longer because more was kept.
import type { DatabaseSync } from 'node:sqlite'
import type { Facet, FacetField, TraceCount, TraceFilter, TraceStart } from '../contract.ts'
import { checkLimit } from './cursor.ts'
import { Statements } from './statements.ts'
import { parseIds, type StringReader } from './strings.ts'
import { statusNumbers } from './trace-columns.ts'
import { conditionsOf } from './trace-filter.ts'

/** Traces that one answer looks at: reading more rows would hold up other questions. */
const LOOKED_AT = 10_000
/** The most that is counted. */
const MAX_COUNT = 10_000
const MAX_VALUES = 100

/** Columns of fields; those of `lists` hold several ids. */
const columns: Readonly<Record<FacetField, string>> = {
  service: 'service',
  agent: 'agent',
  session: 'session',
  user: 'user',
  model: 'models',
  tag: 'tags',
}
const lists: ReadonlySet<FacetField> = new Set(['model', 'tag'])

type Values = (number | bigint | string | Buffer)[]

/** Counts traces and values. Expects the SQL functions of `TraceReader`. */
export class FacetReader {
  readonly #strings: StringReader
  readonly #statements: Statements

  constructor(db: DatabaseSync, strings: StringReader) {
    this.#statements = new Statements(db, 'numbers')
    this.#strings = strings
  }

  /** @throws AglError `AGL_BAD_REQUEST` for a bad `most` or id prefix */
  count(filter: TraceFilter, most: number): TraceCount {
    checkLimit(most, MAX_COUNT)
    const newest = this.#newest(filter, 't.status', most + 1)
    if (!newest) return { traces: 0, errors: 0, running: 0, complete: true }
    const row = this.#get(
      `SELECT count(*) AS traces, total(status = ${statusNumbers.error}) AS errors,
         total(status = ${statusNumbers.running}) AS running FROM (${newest.sql})`,
      newest.values,
    )
    const traces = Number(row.traces)
    const complete = traces <= most && this.#looksAtAll(filter)
    return {
      traces: Math.min(traces, most),
      errors: Number(row.errors),
      running: Number(row.running),
      complete,
    }
  }

  /** @throws AglError `AGL_BAD_REQUEST` for a bad id prefix */
  starts(filter: TraceFilter): { starts: TraceStart[]; complete: boolean } {
    const columns = `t.start / 1000000 AS ms, t.status = ${statusNumbers.error} AS failed`
    const newest = this.#newest(filter, columns, LOOKED_AT)
    if (!newest) return { starts: [], complete: true }
    const starts = this.#statements
      .of(newest.sql)
      .all(...newest.values)
      .map(({ ms, failed }) => ({ ms: Number(ms), failed: failed === 1 }))
    return { starts, complete: this.#looksAtAll(filter) }
  }

  /** @throws AglError `AGL_BAD_REQUEST` for a bad limit or id prefix */
  facet(field: FacetField, filter: TraceFilter, part: string, limit: number): Facet {
    checkLimit(limit, MAX_VALUES)
    const column = columns[field]
    const newest = this.#newest(filter, `t.${column} AS ids`, LOOKED_AT)
    if (!newest) return { values: [], complete: true }
    const counts = new Map<number, number>()
    for (const row of this.#statements
      .of(`SELECT ids, count(*) AS count FROM (${newest.sql}) GROUP BY ids`)
      .all(...newest.values)) {
      const ids = lists.has(field) ? parseIds(row.ids) : [Number(row.ids ?? 0)]
      for (const id of ids) if (id !== 0) counts.set(id, (counts.get(id) ?? 0) + Number(row.count))
    }
    const wanted = part.toLowerCase()
    const values: { value: string; count: number }[] = []
    for (const [id, count] of [...counts].sort(([, one], [, other]) => other - one)) {
      const value = this.#strings.text(id)
      if (!value.toLowerCase().includes(wanted)) continue
      values.push({ value, count })
      if (values.length === limit) break
    }
    return { values, complete: this.#looksAtAll(filter) }
  }

  /** The matching rows among the newest of the filter's project and time. */
  #newest(filter: TraceFilter, column: string, limit: number): { sql: string; values: Values } | undefined {
    const place = conditionsOf(placeOf(filter), this.#strings)
    const all = conditionsOf(filter, this.#strings)
    if (!place || !all) return undefined
    const looked = `SELECT * FROM trace t INDEXED BY ${indexOf(filter)} ${where(place.sql)}
      ORDER BY t.start DESC, t.trace LIMIT ${LOOKED_AT}`
    const sql = `SELECT ${column} FROM (${looked}) t ${where(all.sql)} LIMIT ${limit}`
    return { sql, values: [...place.values, ...all.values] }
  }

  /** True when no trace of the filter's project and time is left out. */
  #looksAtAll(filter: TraceFilter): boolean {
    const place = conditionsOf(placeOf(filter), this.#strings)
    if (!place) return true
    const sql = `SELECT 1 FROM trace t INDEXED BY ${indexOf(filter)} ${where(place.sql)}
      ORDER BY t.start DESC, t.trace LIMIT 1 OFFSET ${LOOKED_AT}`
    return this.#statements.of(sql).get(...place.values) === undefined
  }

  #get(sql: string, values: Values): Record<string, unknown> {
    return this.#statements.of(sql).get(...values) ?? {}
  }
}

/** The conditions that an index answers. */
function placeOf({ project, sinceNs, untilNs }: TraceFilter): TraceFilter {
  return {
    ...(project === undefined ? {} : { project }),
    ...(sinceNs === undefined ? {} : { sinceNs }),
    ...(untilNs === undefined ? {} : { untilNs }),
  }
}

function indexOf(filter: TraceFilter): string {
  return filter.project === undefined ? 'trace_by_start' : 'trace_by_project'
}

function where(conditions: readonly string[]): string {
  return conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
}
