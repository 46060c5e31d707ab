// Spans that tell no response id and the calls that they may stand for, second by second: which joins a change of one of
// them changes.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { blob, optionalNumber } from '../columns.ts'
import { namelessSql, statusCodeOf, typeOf } from '../span-bits.ts'
import type { StringWriter } from '../strings.ts'
import type { Trace, Traces } from '../traces.ts'
import { joinWays, looseWaysSql } from './assign.ts'
import { type LooseCall, type NamelessSpan, pairByTime, secondOf } from './assign-by-time.ts'
import { LOOKED_AT, type Second, Seconds } from './time-seconds.ts'
import { TraceRuns } from './trace-runs.ts'

/** A pair lies within neighbouring seconds; a span that changes concerns its calls, a call those that share its spans. */
const CONCERNED = 2n

/** OpenTelemetry's status code for an error. */
const FAILED = 2

const loose = `c.finished = 1 AND c.via IN ${looseWaysSql}`
const second = 'BETWEEN ?1 * 1000000000 AND ?1 * 1000000000 + 999999999'

interface StoredCall extends LooseCall {
  readonly id: number
  /** The span that it is joined to by time. */
  readonly spanRow: number | undefined
}

interface StoredSpan extends NamelessSpan {
  readonly row: number
}

/** A call and the span that it is to be joined to from now on. */
export interface TimeMove {
  readonly call: number
  readonly spanRow: number | undefined
  /** The second in which the call ended. */
  readonly at: bigint
}

/** The parts of the writer that these are read with. */
export interface TimeJoinsParts {
  readonly strings: StringWriter
  readonly traces: Traces
}

/** Keeps what has to be decided anew about joins by time, for the writer. */
export class TimeJoins {
  readonly #parts: TimeJoinsParts
  readonly #runs: TraceRuns
  readonly #callsAt: StatementSync
  readonly #spansAt: StatementSync
  readonly #ofTrace: StatementSync
  readonly #all: StatementSync
  readonly #calls = new Seconds((at) => this.#readCalls(at))
  readonly #spans = new Seconds((at) => this.#readSpans(at))
  #changedCalls = new Set<bigint>()
  #joinedCalls = new Set<bigint>()
  #changedSpans = new Set<bigint>()
  #forced = new Set<bigint>()

  constructor(db: DatabaseSync, parts: TimeJoinsParts) {
    this.#parts = parts
    this.#runs = new TraceRuns(db, parts.strings)
    const select = (sql: string): StatementSync => {
      const statement = db.prepare(sql)
      statement.setReadBigInts(true)
      return statement
    }
    this.#callsAt = select(
      `SELECT c.id, c.key, c.start, c.end, c.request_model, c.response_model, c.project, c.run, c.dialect, c.error IS NOT NULL AS failed,
         c.outcome, c.input, c.output, c.parent, c.trace, c.via, c.span_row FROM call c INDEXED BY call_loose
         WHERE ${loose} AND c.end ${second} LIMIT ${LOOKED_AT}`,
    )
    const nameless = namelessSql('s.bits')
    this.#spansAt = select(
      `SELECT s.id, s.span, s.parent, s.trace, s.start, s.start + s.duration AS end, s.bits, o.run, d.input, d.output,
         l.request_model, l.response_model, p.key AS project, c.via
         FROM span s INDEXED BY span_nameless CROSS JOIN source o ON o.id = s.source
         LEFT JOIN project p ON p.id = o.project LEFT JOIN label l ON l.id = s.label
         LEFT JOIN detail d ON d.id = s.id LEFT JOIN call c ON c.span_row = s.id
         WHERE ${nameless} AND s.start + s.duration ${second} LIMIT ${LOOKED_AT}`,
    )
    this.#ofTrace = select(
      `SELECT DISTINCT (s.start + s.duration) / 1000000000 AS second FROM span s INDEXED BY span_nameless
         WHERE ${nameless} AND s.start + s.duration BETWEEN ? AND ? AND s.trace = ?`,
    )
    this.#all = select(
      `SELECT DISTINCT c.end / 1000000000 AS second FROM call c INDEXED BY call_loose WHERE ${loose}`,
    )
  }

  get touched(): boolean {
    const { size } = this.#changedCalls
    return size + this.#joinedCalls.size + this.#changedSpans.size + this.#forced.size > 0
  }

  /** A call that ended then came or went; `joined`: or something else joined or parted it. */
  touchCall(end: bigint, joined = false): void {
    const at = secondOf(end)
    this.#calls.forget(at)
    const changed = joined ? this.#joinedCalls : this.#changedCalls
    changed.add(at)
  }

  /** A nameless span came, went, changed, or was joined or parted otherwise. */
  touchSpan(end: bigint): void {
    const at = secondOf(end)
    this.#spans.forget(at)
    this.#changedSpans.add(at)
  }

  /** A client's span was written with these tags; `replaces` one that had some. */
  tagged(trace: Trace, tags: readonly string[], replaces: boolean): void {
    if (this.#runs.change(trace.id, tags, replaces)) this.touchTrace(trace)
  }

  /** All nameless spans of a trace changed. */
  touchTrace({ id, totals }: Trace): void {
    for (const row of this.#ofTrace.all(totals.start, totals.end, id)) {
      this.#spans.forget(row.second as bigint)
      this.#forced.add(row.second as bigint)
    }
  }

  /** Forgets what is kept in memory: rows went, and their numbers may be given again. */
  forget(): void {
    this.#runs.clear()
    this.#calls.clear()
    this.#spans.clear()
  }

  /** Anything may have changed. */
  touchAll(): void {
    this.forget()
    for (const row of this.#all.all()) this.#forced.add(row.second as bigint)
  }

  clear(): void {
    this.forget()
    this.#changedCalls.clear()
    this.#joinedCalls.clear()
    this.#changedSpans.clear()
    this.#forced.clear()
  }

  /** What the changes since the last time move. */
  moves(): TimeMove[] {
    const [calls, spans] = [this.#calls, this.#spans]
    const changed = new Set(this.#forced)
    const spansAreNear = (at: bigint): boolean =>
      [at - 1n, at, at + 1n].some((one) => spans.at(one).free.length > 0)
    for (const at of this.#joinedCalls) if (spansAreNear(at)) changed.add(at)
    // Where there were too many before a change, and are after it, it changes nothing.
    for (const at of this.#changedCalls)
      if (spansAreNear(at) && calls.at(at).found < LOOKED_AT) changed.add(at)
    for (const at of this.#changedSpans) if (spans.at(at).found < LOOKED_AT) changed.add(at)
    const concerned = new Set<bigint>()
    for (const at of changed)
      for (let one = at - CONCERNED; one <= at + CONCERNED; one++)
        if (one >= 0n && calls.at(one).free.length > 0) concerned.add(one)
    this.#changedCalls.clear()
    this.#joinedCalls.clear()
    this.#changedSpans.clear()
    this.#forced.clear()
    const moves = [...concerned].flatMap((at) => decide(at, calls, spans))
    for (const { at } of moves) calls.forget(at)
    return moves
  }

  #readCalls(at: bigint): Second<StoredCall> {
    const rows = this.#callsAt.all(at)
    return { found: rows.length, free: rows.map((row) => this.#call(row)) }
  }

  #call(row: Record<string, unknown>): StoredCall {
    return {
      id: Number(row.id),
      key: String(row.key),
      start: row.start as bigint,
      end: row.end as bigint,
      models: this.#models(row),
      project: this.#text(row.project),
      run: this.#text(row.run),
      dialect: this.#text(row.dialect) ?? '',
      ending: this.#text(row.outcome) === 'client_left' ? 'left' : row.failed === 1n ? 'failed' : 'complete',
      input: optionalNumber(row.input),
      output: optionalNumber(row.output),
      namedTrace: row.parent === null ? undefined : blob(row.trace).toString('latin1'),
      spanRow: Number(row.via) === joinWays.time ? Number(row.span_row) : undefined,
    }
  }

  #readSpans(at: bigint): Second<StoredSpan> {
    const rows = this.#spansAt.all(at)
    const free = rows.filter(({ via }) => isFree(via ?? 0n))
    return { found: rows.length, free: free.map((row) => this.#span(row)) }
  }

  #span(row: Record<string, unknown>): StoredSpan {
    const traceRow = Number(row.trace)
    const trace = this.#parts.traces.byRow(traceRow)?.key ?? ''
    const spanId = blob(row.span).toString('latin1')
    return {
      row: Number(row.id),
      key: `${trace}${spanId}`,
      start: row.start as bigint,
      end: row.end as bigint,
      type: typeOf(Number(row.bits)),
      failed: statusCodeOf(Number(row.bits)) === FAILED,
      input: optionalNumber(row.input),
      output: optionalNumber(row.output),
      models: this.#models(row),
      project: row.project === null ? undefined : String(row.project),
      run: this.#text(row.run) ?? this.#runs.of(traceRow),
      trace,
      spanId,
      parent: row.parent === null ? undefined : blob(row.parent).toString('latin1'),
    }
  }

  #models(row: Record<string, unknown>): string[] {
    const models = [this.#text(row.request_model), this.#text(row.response_model)]
    return models.filter((model) => model !== undefined)
  }

  #text(id: unknown): string | undefined {
    return this.#parts.strings.text(Number(id ?? 0)) || undefined
  }
}

/** Where the free calls of one second belong; only those that move. */
function decide(at: bigint, calls: Seconds<StoredCall>, spans: Seconds<StoredSpan>): TimeMove[] {
  const pairs = pairByTime(calls.around(at, 2n), spans.around(at, 1n))
  return calls.at(at).free.flatMap((call) => {
    const spanRow = pairs.get(call)?.row
    return spanRow === call.spanRow ? [] : [{ call: call.id, spanRow, at }]
  })
}

function isFree(via: unknown): boolean {
  return Number(via) === joinWays.none || Number(via) === joinWays.time
}
