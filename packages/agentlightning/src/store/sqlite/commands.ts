// What users command: projects, deletion, and forgetting what lies in removed segments.
import type { DatabaseSync } from 'node:sqlite'
import { positionOf } from '../../log/record.ts'
import type { Command } from '../contract.ts'
import { storedTime, traceIdBytes } from './columns.ts'
import type { Counters } from './counters.ts'
import type { HourTable } from './hour-table.ts'
import type { LogRecordWriter } from './log-records.ts'
import type { MetricWriter } from './metrics.ts'
import type { Projects } from './projects.ts'
import { totalsOfStored } from './recount.ts'
import type { RemovalWriter } from './removals.ts'
import { Statements } from './statements.ts'
import type { StoredSpans } from './stored-spans.ts'
import { takeCounts } from './totals.ts'
import { copyTotals } from './totals-json.ts'
import { TOMBSTONE_NS, type Trace, type Traces } from './traces.ts'

/** The parts of the writer that commands act on. */
export interface CommandParts {
  readonly projects: Projects
  readonly traces: Traces
  readonly stored: StoredSpans
  readonly counters: Counters
  readonly hours: HourTable
  readonly removals: RemovalWriter
  readonly logRecords: LogRecordWriter
  readonly metrics: MetricWriter
}

/** Applies commands within a transaction that the caller holds, all traces stored. */
export class Commands {
  readonly #parts: CommandParts
  readonly #statements: Statements

  constructor(db: DatabaseSync, parts: CommandParts) {
    this.#statements = new Statements(db, 'numbers')
    this.#parts = parts
  }

  /** @throws TypeError for a trace id that is none */
  apply(command: Command): void {
    if (command.do === 'project') this.#parts.projects.rename(command.project, command.name)
    else if (command.do === 'deleteTrace') this.#deleteTrace(command.traceId, command.atNs)
    else this.#prune(command.segment, command.atNs)
  }

  #deleteTrace(hex: string, atNs: bigint): void {
    const traceId = traceIdBytes(hex)
    if (!traceId) throw new TypeError(`${JSON.stringify(hex)} is not a trace id.`)
    this.#run(
      'INSERT INTO tombstone VALUES (?, ?) ON CONFLICT DO UPDATE SET at = max(at, excluded.at)',
      traceId,
      storedTime(atNs),
    )
    this.#run('DELETE FROM log WHERE trace = ?', hex.toLowerCase())
    this.#parts.logRecords.deleteTrace(traceId)
    const trace = this.#parts.traces.find(traceId)
    if (trace) {
      this.#parts.hours.exchange(trace.storedHours, [])
      this.#removeSpans('trace = ?1', trace.id)
      this.#parts.removals.note('deleted', storedTime(atNs), 'id = ?1', trace.id)
      this.#removeTraces('id = ?1', trace.id)
    }
    this.#parts.traces.clear()
  }

  /** Traces wholly in the segments go; others lose the spans there, but keep what these added to their sums. */
  #prune(segment: number, atNs: bigint): void {
    const { traces } = this.#parts
    const gone = 'min_segment <= ?1 AND max_segment <= ?1 AND pinned = 0'
    this.#removeSpans(`trace IN (SELECT id FROM trace WHERE ${gone})`, segment)
    this.#parts.removals.note('pruned', storedTime(atNs), gone, segment)
    this.#removeTraces(gone, segment)

    const straddling = this.#statements.of(
      'SELECT trace FROM trace WHERE min_segment <= ? AND pinned = 0 ORDER BY min_segment LIMIT 1000',
    )
    for (;;) {
      const rows = straddling.all(segment)
      for (const row of rows) {
        const trace = traces.find(Buffer.from(row.trace as Uint8Array))
        if (trace) this.#pruneSpans(trace, segment)
      }
      traces.store(() => undefined)
      if (rows.length === 0) break
    }
    const before = positionOf(segment + 1, 0)
    this.#run(
      `DELETE FROM source WHERE segment <= ? AND id NOT IN
         (SELECT source FROM span WHERE trace IN (SELECT id FROM trace WHERE pinned = 1))`,
      segment,
    )
    this.#run('DELETE FROM log WHERE segment <= ?', segment)
    this.#parts.logRecords.prune(segment)
    this.#parts.metrics.prune(segment)
    this.#run('DELETE FROM object WHERE segment <= ?', segment)
    this.#run('DELETE FROM set_aside WHERE record < ?', before)
    this.#run('DELETE FROM tombstone WHERE at < ?', storedTime(atNs) - TOMBSTONE_NS)
    traces.clear()
  }

  #pruneSpans(trace: Trace, segment: number): void {
    const removed = this.#removeSpans(
      'trace = ? AND source IN (SELECT id FROM source WHERE segment <= ?)',
      trace.id,
      segment,
    )
    trace.minSegment = segment + 1
    if (removed > 0) {
      trace.pruned = true
      trace.base = copyTotals(trace.totals)
      takeCounts(trace.base, totalsOfStored(trace, this.#parts.stored))
    }
    this.#parts.traces.touch(trace)
  }

  #removeSpans(condition: string, ...values: number[]): number {
    this.#run(`DELETE FROM detail WHERE id IN (SELECT id FROM span WHERE ${condition})`, ...values)
    const removed = this.#run(`DELETE FROM span WHERE ${condition}`, ...values)
    this.#parts.counters.spans -= removed
    return removed
  }

  #removeTraces(condition: string, value: number): void {
    const chosen = `SELECT id FROM trace WHERE ${condition}`
    this.#run(`DELETE FROM waiting WHERE trace IN (${chosen})`, value)
    this.#run(
      `UPDATE project SET traces = traces - (SELECT count(*) FROM trace WHERE project = project.id AND ${condition})`,
      value,
    )
    this.#parts.counters.traces -= this.#run(`DELETE FROM trace WHERE ${condition}`, value)
  }

  #run(sql: string, ...values: (number | bigint | string | Buffer)[]): number {
    return Number(this.#statements.of(sql).run(...values).changes)
  }
}
