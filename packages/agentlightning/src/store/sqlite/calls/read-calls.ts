// Lists of model calls: those of the gateway, and LLM spans that no gateway call is joined to, in one order.
import type { DatabaseSync } from 'node:sqlite'
import { AglError } from '../../../errors.ts'
import type { CallOutcome } from '../../../gateway/record.ts'
import type { CallDialect } from '../../../token-ids/types.ts'
import { verdictCode } from '../../../token-ids/verdict/codes.ts'
import type { Usage } from '../../../trace/fields.ts'
import { runOfTags } from '../../../trace/run-tag.ts'
import type { CallPage, CallQuery, CallSummary, RolloutSummary } from '../../calls.ts'
import type { Address } from '../../contract.ts'
import { blob, optionalNumber, optionalText, spanIdBytes, traceIdBytes } from '../columns.ts'
import { checkLimit } from '../cursor.ts'
import { Statements } from '../statements.ts'
import type { StringReader } from '../strings.ts'
import {
  type Conditions,
  callConditions,
  ownerColumns,
  ownerOfCallSql,
  ownerOfSpanSql,
  spanConditions,
  spanVerdictSql,
} from './call-filter.ts'
import { notAroundSql } from './nested-spans.ts'
import { readRollouts } from './rollouts.ts'

const MOST_CALLS = 1_000

const gatewayColumns = `c.*, t.trace AS shown_trace, s.span AS shown_span, d.prompt_ids AS span_prompt,
  d.response_ids AS span_response, ${ownerColumns(ownerOfCallSql)}`
const spanColumns = `s.start, s.start + s.duration AS end, t.trace AS shown_trace, s.span AS shown_span, d.response_id,
  d.error, d.input, d.output, d.total, d.cache_read, d.cache_write, d.reasoning, d.prompt_ids, d.response_ids,
  l.request_model, l.response_model, ${spanVerdictSql} AS said, ${ownerColumns(ownerOfSpanSql)}`
const spanJoins = `CROSS JOIN source o ON o.id = s.source CROSS JOIN trace t ON t.id = s.trace
  LEFT JOIN label l ON l.id = s.label LEFT JOIN detail d ON d.id = s.id LEFT JOIN call c ON c.span_row = s.id`
const shown = `CROSS JOIN span s ON s.id = c.span_row CROSS JOIN source o ON o.id = s.source
  CROSS JOIN trace t ON t.id = s.trace LEFT JOIN detail d ON d.id = s.id`
const spanKey = "lower(hex(t.trace)) || '-' || lower(hex(s.span))"

type Row = Record<string, unknown>

/** Reads calls. */
export class CallReader {
  readonly #db: DatabaseSync
  readonly #strings: StringReader
  readonly #statements: Statements

  constructor(db: DatabaseSync, strings: StringReader) {
    this.#db = db
    this.#statements = new Statements(db, 'bigints')
    this.#strings = strings
  }

  /**
   * Newest first, then by id.
   * @throws AglError `AGL_BAD_REQUEST` for a bad limit or cursor
   */
  list({ filter, limit, cursor }: CallQuery): CallPage {
    checkLimit(limit, MOST_CALLS)
    const after = cursor === undefined ? undefined : parseCursor(cursor)
    const gateway = callConditions(filter, this.#strings)
    const spans = spanConditions(filter, this.#strings)
    const found = [
      ...(gateway ? this.#gateway(gateway, filter.traceId !== undefined, after, limit + 1) : []),
      ...(spans ? this.#spans(spans, filter.traceId !== undefined, after, limit + 1) : []),
    ].sort(newestFirst)
    const items = found.slice(0, limit)
    const last = items.at(-1)
    return {
      items,
      cursor: found.length > limit && last ? formatCursor(last) : undefined,
    }
  }

  one(id: string): CallSummary | undefined {
    const row = this.#statements.of(`SELECT ${gatewayColumns} FROM call c ${shown} WHERE c.key = ?`).get(id)
    if (row) return this.#gatewayCall(row)
    const [, traceId = '', spanId = ''] = /^([0-9a-f]{32})-([0-9a-f]{16})$/.exec(id) ?? []
    const call = this.ofSpan(traceId, spanId)
    return call?.id === id ? call : undefined
  }

  ids(prefix: string, limit: number): string[] {
    const rows = this.#statements.of('SELECT key FROM call WHERE key >= ? AND key < ? ORDER BY key LIMIT ?')
    return rows.all(prefix, `${prefix}\uffff`, limit).map((row) => String(row.key))
  }

  ofSpan(traceId: string, spanId: string): CallSummary | undefined {
    const [trace, span] = [traceIdBytes(traceId), spanIdBytes(spanId)]
    if (!trace || !span) return undefined
    const here = 't.trace = ? AND s.span = ?'
    const found = this.#statements
      .of(
        `SELECT ${gatewayColumns} FROM trace t CROSS JOIN span s ON s.trace = t.id CROSS JOIN call c ON c.span_row = s.id
         CROSS JOIN source o ON o.id = s.source LEFT JOIN detail d ON d.id = s.id WHERE ${here}`,
      )
      .get(trace, span)
    if (found) return this.#gatewayCall(found)
    const row = this.#statements
      .of(
        `SELECT ${spanColumns} FROM trace t CROSS JOIN span s ON s.trace = t.id JOIN source o ON o.id = s.source
         LEFT JOIN label l ON l.id = s.label LEFT JOIN detail d ON d.id = s.id WHERE ${here} AND s.bits & 504 = 8`,
      )
      .get(trace, span)
    return row && this.#spanCall(row)
  }

  /** @throws AglError `AGL_BAD_REQUEST` for a bad limit */
  rollouts(limit: number): RolloutSummary[] {
    checkLimit(limit, MOST_CALLS)
    return readRollouts(this.#db, this.#strings, limit)
  }

  #gateway(
    { sql, values }: Conditions,
    inTrace: boolean,
    after: Place | undefined,
    limit: number,
  ): CallSummary[] {
    const from = inTrace
      ? `trace t CROSS JOIN span s ON s.trace = t.id CROSS JOIN call c ON c.span_row = s.id
           CROSS JOIN source o ON o.id = s.source LEFT JOIN detail d ON d.id = s.id`
      : `call c INDEXED BY call_by_time ${shown}`
    const where = [...sql, ...(after ? ['c.start <= ? AND (c.start < ? OR c.key > ?)'] : [])]
    const rows = this.#statements
      .of(`SELECT ${gatewayColumns} FROM ${from} ${whereSql(where)} ORDER BY c.start DESC, c.key LIMIT ?`)
      .all(...values, ...(after ? [after.start, after.start, after.id] : []), limit)
    return rows.map((row) => this.#gatewayCall(row))
  }

  #spans(
    { sql, values }: Conditions,
    inTrace: boolean,
    after: Place | undefined,
    limit: number,
  ): CallSummary[] {
    const from = inTrace
      ? `trace t CROSS JOIN span s ON s.trace = t.id JOIN source o ON o.id = s.source
           LEFT JOIN label l ON l.id = s.label LEFT JOIN detail d ON d.id = s.id LEFT JOIN call c ON c.span_row = s.id`
      : `span s INDEXED BY span_call ${spanJoins}`
    const where = ['s.bits & 504 = 8', 'c.id IS NULL', ...sql, notAroundSql]
    if (after) where.push(`s.start <= ? AND (s.start < ? OR ${spanKey} > ?)`)
    const rows = this.#statements
      .of(
        `SELECT ${spanColumns} FROM ${from} ${whereSql(where)} ORDER BY s.start DESC, t.trace, s.span LIMIT ?`,
      )
      .all(...values, ...(after ? [after.start, after.start, after.id] : []), limit)
    return rows.map((row) => this.#spanCall(row))
  }

  #gatewayCall(row: Row): CallSummary {
    const strings = this.#strings
    const own = row.own === 1n
    const recorded = (row.prompt_ids ?? 0) !== 0 || (row.response_ids ?? 0) !== 0
    return {
      id: String(row.key),
      source: own ? 'gateway' : 'both',
      traceId: blob(row.shown_trace).toString('hex'),
      spanId: blob(row.shown_span).toString('hex'),
      startNs: row.start as bigint,
      endNs: row.end as bigint,
      ...this.#owner(row),
      mode: strings.optional(row.mode),
      dialect: strings.optional(row.dialect) as CallDialect | undefined,
      upstream: strings.optional(row.upstream),
      backend: strings.optional(row.backend),
      outcome: strings.optional(row.outcome) as CallOutcome | undefined,
      status: Number(row.status),
      stream: row.stream === 1n,
      weightVersion: strings.optional(row.weight_version),
      firstTokenMs: optionalNumber(row.first_token),
      model: strings.optional(row.response_model) ?? strings.optional(row.request_model),
      responseId: optionalText(row.response_id),
      usage: usageOf(row),
      choices: Number(row.choices),
      promptIds: optionalNumber(recorded ? row.prompt_ids : row.span_prompt),
      responseIds: optionalNumber(recorded ? row.response_ids : row.span_response),
      verdict: verdictCode(Number(row.said)) ?? 'ids.none',
      error: optionalText(row.error),
      startRecord: addressIn(row, 'start'),
      endRecord: addressIn(row, 'end'),
    }
  }

  /** A run that nothing else tells is that of the trace's tag. */
  #owner(row: Row): Pick<CallSummary, 'run' | 'rollout' | 'attempt'> {
    const strings = this.#strings
    return {
      run: strings.optional(row.owner_run) ?? runOfTags(strings.list(row.trace_tags)),
      rollout: strings.optional(row.owner_rollout),
      attempt: strings.optional(row.owner_attempt),
    }
  }

  #spanCall(row: Row): CallSummary {
    const strings = this.#strings
    const [traceId, spanId] = [blob(row.shown_trace).toString('hex'), blob(row.shown_span).toString('hex')]
    const end = row.end as bigint
    return {
      id: `${traceId}-${spanId}`,
      source: 'span',
      traceId,
      spanId,
      startNs: row.start as bigint,
      endNs: end,
      ...this.#owner(row),
      mode: undefined,
      dialect: undefined,
      upstream: undefined,
      backend: undefined,
      outcome: undefined,
      status: undefined,
      stream: undefined,
      weightVersion: undefined,
      firstTokenMs: undefined,
      model: strings.optional(row.response_model) ?? strings.optional(row.request_model),
      responseId: optionalText(row.response_id),
      usage: usageOf(row),
      choices: undefined,
      promptIds: optionalNumber(row.prompt_ids),
      responseIds: optionalNumber(row.response_ids),
      verdict: verdictCode(Number(row.said)) ?? 'ids.not_on_span',
      error: optionalText(row.error),
      startRecord: undefined,
      endRecord: undefined,
    }
  }
}

interface Place {
  readonly start: bigint
  readonly id: string
}

function formatCursor({ startNs, id }: CallSummary): string {
  return Buffer.from(`c${startNs}.${id}`).toString('base64url')
}

function parseCursor(cursor: string): Place {
  const match = /^c(\d{1,19})\.(.{1,200})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'))
  const start = BigInt(match?.[1] ?? 0)
  if (!match || start >= 2n ** 63n)
    throw new AglError('AGL_BAD_REQUEST', { what: 'The cursor is not one that this list has given.' })
  return { start, id: match[2] as string }
}

function newestFirst(one: CallSummary, other: CallSummary): number {
  if (one.startNs !== other.startNs) return one.startNs > other.startNs ? -1 : 1
  return one.id < other.id ? -1 : 1
}

function whereSql(conditions: readonly string[]): string {
  return conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
}

function usageOf(row: Row): Usage | undefined {
  const counts = {
    input: optionalNumber(row.input),
    output: optionalNumber(row.output),
    total: optionalNumber(row.total),
    cacheRead: optionalNumber(row.cache_read),
    cacheWrite: optionalNumber(row.cache_write),
    reasoning: optionalNumber(row.reasoning),
  }
  const known = Object.entries(counts).filter(([, count]) => count !== undefined)
  return known.length === 0 ? undefined : (Object.fromEntries(known) as Usage)
}

/** An address in three columns; `undefined` where they are NULL. */
function addressIn(row: Row, name: 'start' | 'end'): Address | undefined {
  if (row[`${name}_segment`] === null) return undefined
  return {
    segment: Number(row[`${name}_segment`]),
    offset: Number(row[`${name}_offset`]),
    length: Number(row[`${name}_length`]),
  }
}
