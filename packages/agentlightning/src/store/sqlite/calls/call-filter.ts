// The conditions of a list of calls as SQL: once for calls of the gateway, once for spans without one.
import { type VerdictCode, verdict } from '../../../token-ids/verdict/codes.ts'
import { runTag } from '../../../trace/run-tag.ts'
import type { CallFilter } from '../../calls.ts'
import { storedTime, traceIdBytes } from '../columns.ts'
import { originNumbers } from '../sources.ts'
import { failedSql, UNFINISHED } from '../span-bits.ts'
import type { StringReader } from '../strings.ts'

/** Conditions and the values of their parameters. */
export interface Conditions {
  readonly sql: string[]
  readonly values: (number | bigint | string | Buffer)[]
}

const withIds = (prompt: string, response: string): string =>
  `coalesce(${prompt}, 0) > 0 AND coalesce(${response}, 0) > 0`

const number = (code: VerdictCode): number => verdict(code).number

/** Verdict on `span s` with `detail d` and `source o`, from the numbers of its ids and what its bits say. */
export const spanVerdictSql = `CASE
  WHEN ${withIds('d.prompt_ids', 'd.response_ids')} THEN ${number('ids.complete')}
  WHEN s.bits & ${UNFINISHED} THEN ${number('ids.unfinished')}
  WHEN coalesce(d.prompt_ids, 0) > 0 THEN ${number('ids.no_response')}
  WHEN coalesce(d.response_ids, 0) > 0 THEN ${number('ids.no_prompt')}
  WHEN ${failedSql('s.bits')} THEN ${number('call.failed')}
  WHEN o.origin = ${originNumbers.legacy} THEN ${number('ids.not_in_event')}
  ELSE ${number('ids.not_on_span')} END`

type OwnerField = 'run' | 'rollout' | 'attempt'

/** Whose a call of the gateway is: as the gateway knows it, else as the resource of its span says. */
export const ownerOfCallSql = (field: OwnerField): string =>
  `CASE WHEN c.run = 0 AND c.rollout = 0 THEN o.${field} ELSE c.${field} END`

/** Whose a span is, as its resource says. */
export const ownerOfSpanSql = (field: OwnerField): string => `o.${field}`

/** Columns of a call's owner, and of the tags that may name its run. */
export function ownerColumns(owner: (field: OwnerField) => string): string {
  const columns = (['run', 'rollout', 'attempt'] as const).map((field) => `${owner(field)} AS owner_${field}`)
  return [...columns, 't.tags AS trace_tags'].join(', ')
}

/**
 * Conditions on `call c`, shown by `span s` of `trace t` with `source o` and `detail d`; `undefined` when nothing can
 * match.
 */
export function callConditions(filter: CallFilter, strings: StringReader): Conditions | undefined {
  const conditions = common(filter, 'c')
  if (!conditions) return undefined
  const { sql, values } = conditions
  if (!owner(filter, strings, conditions, ownerOfCallSql)) return undefined
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
  const conditions = common(filter, 's')
  if (!conditions || !model(filter, strings, conditions, 'coalesce(l.response_model, l.request_model)'))
    return undefined
  if (!owner(filter, strings, conditions, ownerOfSpanSql)) return undefined
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

/**
 * Adds the conditions on whose a call is; false when it can be nobody's. Where nothing else tells the run of a call, the
 * tags of its trace do.
 */
function owner(
  { run, rollout, attempt }: CallFilter,
  strings: StringReader,
  { sql, values }: Conditions,
  column: (field: OwnerField) => string,
): boolean {
  for (const [field, text] of Object.entries({ rollout, attempt })) {
    if (text === undefined) continue
    const id = strings.find(text)
    if (id === undefined) return false
    sql.push(`${column(field as OwnerField)} = ?`)
    values.push(id)
  }
  if (run === undefined) return true
  const [id, tag] = [strings.find(run), strings.find(runTag(run))]
  if (id === undefined && tag === undefined) return false
  sql.push(`CASE WHEN ${column('run')} > 0 THEN ${column('run')} = ? ELSE instr(t.tags, ?) > 0 END`)
  values.push(id ?? -1, `,${tag ?? -1},`)
  return true
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
