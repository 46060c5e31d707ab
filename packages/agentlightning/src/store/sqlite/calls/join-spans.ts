// Spans that may stand for a call, and which of several that tell one response id are the innermost.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { blob, optionalText } from '../columns.ts'
import { responseIndex } from '../schema.ts'
import { originNumbers } from '../sources.ts'
import { isNameless, typeOf } from '../span-bits.ts'
import { type JoinableSpan, MOST_SHARING } from './assign.ts'

/** Levels between two spans of one response id that are looked through. */
export const MOST_LEVELS = 64

const columns = `s.id, s.trace, s.span, s.parent, s.start, s.start + s.duration AS end, s.bits, d.response_id, d.prompt_ids, d.response_ids,
  p.key AS project`
const joins = 'JOIN source o ON o.id = s.source LEFT JOIN project p ON p.id = o.project'
const notOwn = `o.origin != ${originNumbers.gateway}`

/** A span of a client, with what a join changes or compares. */
export interface CandidateSpan extends JoinableSpan {
  readonly spanId: Buffer
  readonly parent: Buffer | undefined
  readonly end: bigint
  /** It tells no response id. */
  readonly nameless: boolean
  readonly promptIds: number
  readonly responseIds: number
}

/** Finds spans for calls, for the writer. */
export class JoinSpans {
  readonly #keyOf: (traceRow: number) => string
  readonly #at: StatementSync
  readonly #row: StatementSync
  readonly #db: DatabaseSync
  /** Prepared once its index is there. */
  #byResponse: StatementSync | undefined
  readonly #parent: StatementSync
  readonly #watch: StatementSync
  readonly #watched: StatementSync
  readonly #unwatch: StatementSync
  readonly #any: StatementSync
  /** Whether anything is watched; `undefined` until somebody asks. */
  #watching: boolean | undefined

  /** `keyOf` gives the id of the trace of a row. */
  constructor(db: DatabaseSync, keyOf: (traceRow: number) => string) {
    this.#db = db
    this.#keyOf = keyOf
    const select = (from: string): StatementSync => {
      const statement = db.prepare(from)
      statement.setReadBigInts(true)
      return statement
    }
    const bySpan = `SELECT ${columns} FROM span s ${joins} LEFT JOIN detail d ON d.id = s.id`
    this.#at = select(`${bySpan} WHERE s.trace = ? AND s.span = ? AND ${notOwn}`)
    this.#row = select(`${bySpan} WHERE s.id = ?`)
    this.#parent = db.prepare('SELECT parent FROM span WHERE trace = ? AND span = ?')
    this.#watch = db.prepare('INSERT OR IGNORE INTO call_watch VALUES (?, ?, ?)')
    this.#watched = db.prepare('SELECT response_id FROM call_watch WHERE trace = ? AND span = ?')
    this.#unwatch = db.prepare('DELETE FROM call_watch WHERE trace NOT IN (SELECT id FROM trace)')
    this.#any = db.prepare('SELECT 1 FROM call_watch LIMIT 1')
  }

  /** The client's span of these ids. */
  at(traceRow: number, spanId: Buffer): CandidateSpan | undefined {
    const row = this.#at.get(traceRow, spanId)
    return row && this.#decode(row)
  }

  /** The span of a row, also a call's own. */
  row(id: number): CandidateSpan | undefined {
    const row = this.#row.get(id)
    return row && this.#decode(row)
  }

  /** The innermost spans that tell a response id; none where too many tell it. */
  withResponse(responseId: string): CandidateSpan[] {
    this.#byResponse ??= this.#prepareByResponse()
    const spans = this.#byResponse.all(responseId).map((row) => this.#decode(row))
    if (spans.length > MOST_SHARING) return []
    const crowded = spans.filter(
      ({ traceRow }) => spans.filter((one) => one.traceRow === traceRow).length > 1,
    )
    const outer = new Set<number>()
    for (const span of crowded) this.#markAbove(span, crowded, outer, responseId)
    return spans.filter(({ row }) => !outer.has(row))
  }

  /** Response ids for which it matters where a span is. */
  watchers(traceRow: number, spanId: Buffer): string[] {
    this.#watching ??= this.#any.get() !== undefined
    if (!this.#watching) return []
    return this.#watched.all(traceRow, spanId).map((row) => String(row.response_id))
  }

  /** Forgets what was watched in traces that are gone. */
  sweep(): void {
    this.#unwatch.run()
    this.#watching = undefined
  }

  /** Forgets what is kept in memory: after a rollback, which may have taken the index, too. */
  clear(): void {
    this.#byResponse = undefined
    this.#watching = undefined
  }

  #prepareByResponse(): StatementSync {
    this.#db.exec(responseIndex)
    const statement = this.#db.prepare(
      `SELECT ${columns} FROM detail d INDEXED BY detail_by_response CROSS JOIN span s ON s.id = d.id ${joins}
         WHERE d.response_id = ? AND ${notOwn} LIMIT ${MOST_SHARING + 1}`,
    )
    statement.setReadBigInts(true)
    return statement
  }

  #markAbove(
    span: CandidateSpan,
    among: readonly CandidateSpan[],
    outer: Set<number>,
    responseId: string,
  ): void {
    let above = span.parent
    for (let level = 0; above && level < MOST_LEVELS; level++) {
      const id: Buffer = above
      this.#watch.run(span.traceRow, id, responseId)
      this.#watching = true
      const found = among.find((one) => one.traceRow === span.traceRow && one.spanId.equals(id))
      if (found && found !== span) outer.add(found.row)
      const row = this.#parent.get(span.traceRow, id)
      above = row?.parent ? blob(row.parent) : undefined
    }
  }

  #decode(row: Record<string, unknown>): CandidateSpan {
    const traceRow = Number(row.trace)
    const spanId = blob(row.span)
    return {
      row: Number(row.id),
      key: `${this.#keyOf(traceRow)}-${spanId.toString('hex')}`,
      traceRow,
      spanId,
      parent: row.parent === null ? undefined : blob(row.parent),
      start: row.start as bigint,
      end: row.end as bigint,
      nameless: isNameless(Number(row.bits)),
      type: typeOf(Number(row.bits)),
      project: optionalText(row.project),
      responseId: optionalText(row.response_id),
      promptIds: Number(row.prompt_ids ?? 0),
      responseIds: Number(row.response_ids ?? 0),
    }
  }
}
