// Lists of traces: from their summary rows alone, never from spans.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Page, TraceQuery, TraceStatus, TraceSummary } from '../contract.ts'
import { blob, optionalNumber, optionalText, traceIdBytes } from './columns.ts'
import { checkLimit, formatCursor, parseCursor } from './cursor.ts'
import type { StringReader } from './strings.ts'
import { statusNumbers } from './trace-columns.ts'
import { conditionsOf, nameContains } from './trace-filter.ts'
import { usd } from './usage-sums.ts'

/** The most that one answer holds. */
export const MAX_TRACES = 1_000
const PREPARED = 32

const statusByNumber = new Map<number, TraceStatus>(
  Object.entries(statusNumbers).map(([name, number]) => [number, name as TraceStatus]),
)

const columns = `t.trace, p.key AS project, t.name, t.start, t.end, t.status, t.end_state, t.root_known, t.spans,
  t.errors, t.calls, t.tools, t.llm_time, t.tool_time, t.input, t.output, t.total, t.cost, t.service, t.agent, t.session, t.user, t.models,
  t.tags, t.error, t.calls_with_ids, t.pinned, t.pruned, t.change`
const joined = 'JOIN project p ON p.id = t.project'

/** Reads trace summaries. */
export class TraceReader {
  readonly #db: DatabaseSync
  readonly #strings: StringReader
  readonly #one: StatementSync
  readonly #changed: StatementSync
  readonly #lists = new Map<string, StatementSync>()

  constructor(db: DatabaseSync, strings: StringReader) {
    this.#db = db
    this.#strings = strings
    db.function('name_contains', { deterministic: true }, nameContains)
    this.#one = this.#prepare(`SELECT ${columns} FROM trace t ${joined} WHERE t.trace = ?`)
    this.#changed = this.#prepare(
      `SELECT ${columns} FROM trace t INDEXED BY trace_by_change ${joined}
         WHERE t.change > ? ORDER BY t.change LIMIT ?`,
    )
  }

  one(traceId: string): TraceSummary | undefined {
    const id = traceIdBytes(traceId)
    const row = id && this.#one.get(id)
    return row && this.#summary(row)
  }

  /**
   * Newest first, then by id.
   * @throws AglError `AGL_BAD_REQUEST` for a bad limit, cursor or id prefix
   */
  list(query: TraceQuery): Page<TraceSummary> {
    const { filter, limit } = query
    checkLimit(limit, MAX_TRACES)
    const after = query.cursor === undefined ? undefined : parseCursor('traces', query.cursor)
    const conditions = conditionsOf(filter, this.#strings)
    if (!conditions) return { items: [], cursor: undefined }
    const { sql, values, byId } = conditions
    if (after) {
      sql.push('t.start <= ? AND (t.start < ? OR t.trace > ?)')
      values.push(after.start, after.start, after.id)
    }
    const index = byId ? 'trace_by_id' : filter.project === undefined ? 'trace_by_start' : 'trace_by_project'
    const where = sql.length > 0 ? `WHERE ${sql.join(' AND ')}` : ''
    // CROSS JOIN keeps the order of the tables: the index gives the order, each row then finds its project.
    const rows = this.#list(
      `SELECT ${columns} FROM trace t INDEXED BY ${index} CROSS ${joined} ${where}
         ORDER BY t.start DESC, t.trace LIMIT ?`,
    ).all(...values, limit + 1)
    const items = rows.slice(0, limit)
    const last = items.at(-1)
    const more = rows.length > limit && last
    return {
      items: items.map((row) => this.#summary(row)),
      cursor: more
        ? formatCursor('traces', { start: last.start as bigint, id: blob(last.trace) })
        : undefined,
    }
  }

  /** Traces changed after a change number, oldest change first. */
  changedAfter(change: number, limit: number): TraceSummary[] {
    return this.#changed.all(change, limit).map((row) => this.#summary(row))
  }

  #summary(row: Record<string, unknown>): TraceSummary {
    const strings = this.#strings
    return {
      traceId: blob(row.trace).toString('hex'),
      project: String(row.project),
      name: strings.text(Number(row.name)),
      startNs: row.start as bigint,
      endNs: row.end as bigint,
      status: statusByNumber.get(Number(row.status)) ?? 'running',
      endState: strings.optional(row.end_state),
      rootKnown: row.root_known === 1n,
      spans: Number(row.spans),
      errors: Number(row.errors),
      calls: Number(row.calls),
      tools: Number(row.tools),
      llmNs: row.llm_time as bigint,
      toolNs: row.tool_time as bigint,
      inputTokens: optionalNumber(row.input),
      outputTokens: optionalNumber(row.output),
      totalTokens: optionalNumber(row.total),
      cost: row.cost === null ? undefined : usd(row.cost as bigint),
      service: strings.optional(row.service),
      agent: strings.optional(row.agent),
      session: strings.optional(row.session),
      user: strings.optional(row.user),
      models: strings.list(row.models).sort(),
      tags: strings.list(row.tags).sort(),
      error: optionalText(row.error),
      callsWithIds: Number(row.calls_with_ids),
      pinned: row.pinned === 1n,
      pruned: row.pruned === 1n,
      change: Number(row.change),
    }
  }

  #list(sql: string): StatementSync {
    let statement = this.#lists.get(sql)
    if (!statement) {
      if (this.#lists.size >= PREPARED) this.#lists.clear()
      statement = this.#prepare(sql)
      this.#lists.set(sql, statement)
    }
    return statement
  }

  #prepare(sql: string): StatementSync {
    const statement = this.#db.prepare(sql)
    statement.setReadBigInts(true)
    return statement
  }
}
