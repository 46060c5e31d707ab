// The conditions of a list of calls as SQL: once for calls of the gateway, once for spans without one.
import { type VerdictCode, verdict } from '../../../token-ids/verdict/codes.ts'
import type { CallFilter } from '../../calls.ts'
import { storedTime, traceIdBytes } from '../columns.ts'
import { originNumbers } from '../sources.ts'
import type { StringReader } from '../strings.ts'

/** Conditions and the values of their parameters. */
export interface Conditions {
  readonly sql: string[]
  readonly values: (number | bigint | string | Buffer)[]
}

const withIds = (prompt: string, response: string): string =>
  `coalesce(${prompt}, 0) > 0 AND coalesce(${response}, 0) > 0`

const number = (code: VerdictCode): number => verdict(code).number

/** Verdict on `span s` with `detail d` and `source o`, from the numbers of its ids. */
export const spanVerdictSql = `CASE
  WHEN ${withIds('d.prompt_ids', 'd.response_ids')} THEN ${number('ids.complete')}
  WHEN coalesce(d.prompt_ids, 0) > 0 THEN ${number('ids.no_response')}
  WHEN coalesce(d.response_ids, 0) > 0 THEN ${number('ids.no_prompt')}
  WHEN o.origin = ${originNumbers.legacy} THEN ${number('ids.not_in_event')}
  ELSE ${number('ids.not_on_span')} END`

/** Conditions on `call c`, shown by `span s` of `trace t` with `detail d`; `undefined` when nothing can match. */
export function callConditions(filter: CallFilter, strings: StringReader): Conditions | undefined {
  const conditions = common(filter, 'c')
  if (!conditions) return undefined
  const { sql, values } = conditions
  for (const field of ['rollout', 'attempt'] as const) {
    const text = filter[field]
    if (text === undefined) continue
    const id = strings.find(text)
    if (id === undefined) return undefined
    sql.push(`c.${field} = ?`)
    values.push(id)
  }
  if (
    !model(
      filter,
      strings,
      conditions,
      'CASE c.response_model WHEN 0 THEN c.request_model ELSE c.response_model END',
    )
  )
    return undefined
  if (filter.verdict !== undefined) {
    sql.push('c.said = ?')
    values.push(number(filter.verdict))
  }
  if (filter.withIds !== undefined) {
    const either = `(${withIds('c.prompt_ids', 'c.response_ids')}) OR (${withIds('d.prompt_ids', 'd.response_ids')})`
    sql.push(filter.withIds ? `(${either})` : `NOT (${either})`)
  }
  return conditions
}

/** Conditions on `span s` of `trace t` with `source o`, `label l` and `detail d`. */
export function spanConditions(filter: CallFilter, strings: StringReader): Conditions | undefined {
  // What only the gateway knows.
  if (filter.rollout !== undefined || filter.attempt !== undefined) return undefined
  const conditions = common(filter, 's')
  if (!conditions || !model(filter, strings, conditions, 'coalesce(l.response_model, l.request_model)'))
    return undefined
  const { sql, values } = conditions
  if (filter.verdict !== undefined) {
    sql.push(`${spanVerdictSql} = ?`)
    values.push(number(filter.verdict))
  }
  if (filter.withIds !== undefined)
    sql.push(`${filter.withIds ? '' : 'NOT '}(${withIds('d.prompt_ids', 'd.response_ids')})`)
  return conditions
}

function common(filter: CallFilter, table: 'c' | 's'): Conditions | undefined {
  const conditions: Conditions = { sql: [], values: [] }
  const { sql, values } = conditions
  if (filter.traceId !== undefined) {
    const id = traceIdBytes(filter.traceId)
    if (!id) return undefined
    sql.push('t.trace = ?')
    values.push(id)
  }
  if (filter.sinceNs !== undefined) {
    sql.push(`${table}.start >= ?`)
    values.push(storedTime(filter.sinceNs))
  }
  if (filter.untilNs !== undefined) {
    sql.push(`${table}.start < ?`)
    values.push(storedTime(filter.untilNs))
  }
  return conditions
}

/** Adds the condition on the model; false when no call can be of it. */
function model(
  filter: CallFilter,
  strings: StringReader,
  { sql, values }: Conditions,
  column: string,
): boolean {
  if (filter.model === undefined) return true
  const id = strings.find(filter.model)
  if (id === undefined) return false
  sql.push(`${column} = ?`)
  values.push(id)
  return true
}
