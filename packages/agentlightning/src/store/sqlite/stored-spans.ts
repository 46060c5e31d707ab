// Span rows read back as what they added to their trace: for replacing a span and for counting a trace again.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { blob, optionalNumber, optionalText } from './columns.ts'
import { hourOf } from './hours.ts'
import { statusCodeOf, typeNumberOf } from './span-bits.ts'
import { parseIds } from './strings.ts'
import type { Contribution, UsageSums } from './totals.ts'
import type { Trace } from './traces.ts'
import { usageSums } from './usage-sums.ts'

const PAGE = 1_000

const columns = `s.id, s.span, s.parent, s.start, s.start + s.duration AS end, s.name, s.bits, s.attributes,
  o.service, coalesce(l.session, o.session) AS session, coalesce(l.user, o.user) AS user, o.tags AS source_tags,
  l.agent, l.end_state, coalesce(l.response_model, l.request_model) AS model, l.tags, d.error,
  d.response_id, d.prompt_ids, d.response_ids, d.input, d.output, d.total, d.cost,
  coalesce(d.input, d.output, d.total, d.cost, d.cache_read, d.cache_write, d.reasoning) IS NOT NULL AS own_usage,
  c.id AS call, c.prompt_ids AS call_prompt, c.response_ids AS call_response, c.input AS call_input,
  c.output AS call_output, c.total AS call_total,
  coalesce(c.input, c.output, c.total, c.cache_read, c.reasoning) IS NOT NULL AS call_usage,
  CASE c.response_model WHEN 0 THEN c.request_model ELSE c.response_model END AS call_model, c.tags AS call_tags`
const tables = `span s JOIN source o ON o.id = s.source LEFT JOIN label l ON l.id = s.label
  LEFT JOIN detail d ON d.id = s.id LEFT JOIN call c ON c.span_row = s.id AND c.own = 0`

/** What a joined call gives to its span: its ids and tags, and the usage and model of a span that has none. */
export interface JoinedCall {
  readonly hasIds: boolean
  readonly usage: UsageSums | undefined
  /** String id, 0 for none. */
  readonly model: number
  /** Of its run: the trace has them beside those of the span. */
  readonly tags: readonly number[]
}

/** A span as it is stored, with what it added to its trace. */
export interface StoredSpan {
  readonly id: number
  readonly parent: Buffer | undefined
  readonly bits: number
  readonly attributes: number
  readonly responseId: string | undefined
  /** What the gateway call that is joined to it gives. */
  readonly call: JoinedCall | undefined
  /** With what the call gives where the span itself has nothing. */
  readonly contribution: Contribution
}

/** Reads span rows, for the writer. */
export class StoredSpans {
  readonly #one: StatementSync
  readonly #row: StatementSync
  readonly #page: StatementSync

  constructor(db: DatabaseSync) {
    this.#one = db.prepare(`SELECT ${columns} FROM ${tables} WHERE s.trace = ? AND s.span = ?`)
    this.#one.setReadBigInts(true)
    this.#row = db.prepare(`SELECT ${columns} FROM ${tables} WHERE s.id = ?`)
    this.#row.setReadBigInts(true)
    this.#page = db.prepare(
      `SELECT ${columns} FROM ${tables} WHERE s.trace = ? AND s.span > ? ORDER BY s.span LIMIT ${PAGE}`,
    )
    this.#page.setReadBigInts(true)
  }

  find(trace: Trace, spanId: Buffer): StoredSpan | undefined {
    const row = this.#one.get(trace.id, spanId)
    return row && decode(row)
  }

  /** The span of a row. */
  row(id: number): StoredSpan | undefined {
    const row = this.#row.get(id)
    return row && decode(row)
  }

  /** All spans of a trace, read in pages: rows may be updated meanwhile. */
  *all(trace: Trace): Generator<StoredSpan> {
    let after: Buffer = Buffer.alloc(0)
    for (;;) {
      const rows = this.#page.all(trace.id, after)
      for (const row of rows) yield decode(row)
      const last = rows.at(-1)
      if (!last || rows.length < PAGE) return
      after = blob(last.span)
    }
  }
}

function decode(row: Record<string, unknown>): StoredSpan {
  const bits = Number(row.bits)
  const id = (value: unknown): number => Number(value ?? 0)
  const call = row.call === null ? undefined : joinedCall(row)
  return {
    id: Number(row.id),
    parent: row.parent === null ? undefined : blob(row.parent),
    bits,
    attributes: Number(row.attributes),
    responseId: optionalText(row.response_id),
    call,
    contribution: {
      root: row.parent === null,
      start: row.start as bigint,
      hour: hourOf(row.start as bigint),
      end: row.end as bigint,
      span: blob(row.span),
      type: typeNumberOf(bits),
      statusCode: statusCodeOf(bits),
      name: id(row.name),
      service: id(row.service),
      agent: id(row.agent),
      session: id(row.session),
      user: id(row.user),
      endState: id(row.end_state),
      model: id(row.model) || (call?.model ?? 0),
      tags: [...parseIds(row.tags), ...parseIds(row.source_tags), ...(call?.tags ?? [])],
      error: optionalText(row.error),
      hasIds: call?.hasIds || (id(row.prompt_ids) > 0 && id(row.response_ids) > 0),
      usage: row.own_usage === 1n ? sumsIn(row, '') : call?.usage,
    },
  }
}

function joinedCall(row: Record<string, unknown>): JoinedCall {
  return {
    hasIds: Number(row.call_prompt ?? 0) > 0 && Number(row.call_response ?? 0) > 0,
    usage: row.call_usage === 1n ? sumsIn(row, 'call_') : undefined,
    model: Number(row.call_model),
    tags: parseIds(row.call_tags),
  }
}

function sumsIn(row: Record<string, unknown>, prefix: '' | 'call_'): UsageSums {
  const number = (name: string): number | null => optionalNumber(row[`${prefix}${name}`]) ?? null
  const counts = { input: number('input'), output: number('output'), total: number('total') }
  return usageSums(counts, optionalNumber(row.cost) ?? null)
}
