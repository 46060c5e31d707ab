// Span rows read back as what they added to their trace: for replacing a span and for counting a trace again.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { blob, optionalText } from './columns.ts'
import { hourOf } from './hours.ts'
import { statusCodeOf, typeNumberOf, USAGE } from './span-bits.ts'
import { parseIds } from './strings.ts'
import type { Contribution } from './totals.ts'
import type { Trace } from './traces.ts'
import { usageSums } from './usage-sums.ts'

const PAGE = 1_000

const columns = `s.id, s.span, s.parent, s.start, s.start + s.duration AS end, s.name, s.bits, s.attributes,
  o.service, coalesce(l.session, o.session) AS session, coalesce(l.user, o.user) AS user, o.tags AS source_tags,
  l.agent, l.end_state, coalesce(l.response_model, l.request_model) AS model, l.tags, d.error,
  d.response_id, d.prompt_ids, d.response_ids, c.prompt_ids AS call_prompt, c.response_ids AS call_response, d.input, d.output, d.total, d.cost`
const tables = `span s JOIN source o ON o.id = s.source LEFT JOIN label l ON l.id = s.label
  LEFT JOIN detail d ON d.id = s.id LEFT JOIN call c ON c.span_row = s.id AND c.own = 0`

/** A span as it is stored, with what it added to its trace. */
export interface StoredSpan {
  readonly id: number
  readonly parent: Buffer | undefined
  readonly bits: number
  readonly attributes: number
  readonly responseId: string | undefined
  /** The gateway call that is joined to it has ids. */
  readonly callHasIds: boolean
  readonly contribution: Contribution
}

/** Reads span rows, for the writer. */
export class StoredSpans {
  readonly #one: StatementSync
  readonly #page: StatementSync

  constructor(db: DatabaseSync) {
    this.#one = db.prepare(`SELECT ${columns} FROM ${tables} WHERE s.trace = ? AND s.span = ?`)
    this.#one.setReadBigInts(true)
    this.#page = db.prepare(
      `SELECT ${columns} FROM ${tables} WHERE s.trace = ? AND s.span > ? ORDER BY s.span LIMIT ${PAGE}`,
    )
    this.#page.setReadBigInts(true)
  }

  find(trace: Trace, spanId: Buffer): StoredSpan | undefined {
    const row = this.#one.get(trace.id, spanId)
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
  const number = (value: unknown): number | null => (value === null ? null : Number(value))
  const id = (value: unknown): number => Number(value ?? 0)
  const callHasIds = id(row.call_prompt) > 0 && id(row.call_response) > 0
  return {
    id: Number(row.id),
    parent: row.parent === null ? undefined : blob(row.parent),
    bits,
    attributes: Number(row.attributes),
    responseId: optionalText(row.response_id),
    callHasIds,
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
      model: id(row.model),
      tags: [...parseIds(row.tags), ...parseIds(row.source_tags)],
      error: optionalText(row.error),
      hasIds: callHasIds || (id(row.prompt_ids) > 0 && id(row.response_ids) > 0),
      usage:
        bits & USAGE
          ? usageSums(
              { input: number(row.input), output: number(row.output), total: number(row.total) },
              number(row.cost),
            )
          : undefined,
    },
  }
}
