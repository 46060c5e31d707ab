// The conditions of a trace list as SQL. The list walks an index in its own order and stops at a full page, so
// that each condition is a comparison of integers in the row.
import { AglError } from '../../errors.ts'
import type { TraceFilter } from '../contract.ts'
import { storedTime } from './columns.ts'
import type { StringReader } from './strings.ts'
import { statusNumbers } from './trace-columns.ts'

/** Ids share so few of these first digits that sorting what matches beats walking all traces by time. */
const SELECTIVE_PREFIX = 4

/** Conditions of a query on `trace t`, with the values of their parameters. */
export interface Conditions {
  readonly sql: string[]
  readonly values: (number | bigint | string | Buffer)[]
  /** True where the list should be found by trace id and then sorted. */
  readonly byId: boolean
}

/**
 * The conditions of a filter; `undefined` when nothing can match.
 * @throws AglError `AGL_BAD_REQUEST` for an `idPrefix` that is not hex
 */
export function conditionsOf(filter: TraceFilter, strings: StringReader): Conditions | undefined {
  const sql: string[] = []
  const values: Conditions['values'] = []
  const where = (condition: string, ...parameters: Conditions['values']): void => {
    sql.push(condition)
    values.push(...parameters)
  }

  if (filter.project !== undefined)
    where('t.project = (SELECT id FROM project WHERE key = ?)', filter.project)
  if (filter.status !== undefined) where('t.status = ?', statusNumbers[filter.status])
  for (const field of ['service', 'agent', 'session', 'user'] as const) {
    const text = filter[field]
    if (text === undefined) continue
    const id = strings.find(text)
    if (id === undefined) return undefined
    where(`t.${field} = ?`, id)
  }
  for (const [column, text] of [
    ['models', filter.model],
    ['tags', filter.tag],
  ] as const) {
    if (text === undefined) continue
    const id = strings.find(text)
    if (id === undefined) return undefined
    where(`instr(t.${column}, ?) > 0`, `,${id},`)
  }
  if (filter.name !== undefined && filter.name !== '')
    where('name_contains((SELECT text FROM string WHERE id = t.name), ?)', filter.name.toLowerCase())
  if (filter.sinceNs !== undefined) where('t.start >= ?', storedTime(filter.sinceNs))
  if (filter.untilNs !== undefined) where('t.start < ?', storedTime(filter.untilNs))

  const prefix = filter.idPrefix ?? ''
  if (prefix !== '') where('t.trace BETWEEN ? AND ?', ...idRange(prefix))
  return { sql, values, byId: prefix.length >= SELECTIVE_PREFIX }
}

/** SQL function `name_contains(name, part)`, `part` in lower case: SQLite's own fold only ASCII. */
export function nameContains(name: unknown, part: unknown): number {
  return String(name).toLowerCase().includes(String(part)) ? 1 : 0
}

function idRange(prefix: string): [Buffer, Buffer] {
  if (!/^[0-9a-f]{1,32}$/i.test(prefix))
    throw new AglError('AGL_BAD_REQUEST', { what: 'The beginning of a trace id has 1 to 32 hex digits.' })
  return [Buffer.from(prefix.padEnd(32, '0'), 'hex'), Buffer.from(prefix.padEnd(32, 'f'), 'hex')]
}
