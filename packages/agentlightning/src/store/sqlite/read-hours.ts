// Hourly sums, from their table alone.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { HourRange, HourRow } from '../contract.ts'
import { latencyBoundMs } from '../latency-buckets.ts'
import { storedTime } from './columns.ts'
import { hourSums } from './hour-table.ts'
import { HOUR_NS, hourOf } from './hours.ts'
import type { StringReader } from './strings.ts'
import { usd } from './usage-sums.ts'

const MAX_HOURS = 10_000

/** Reads hourly sums. */
export class HourReader {
  readonly #strings: StringReader
  readonly #select: StatementSync

  constructor(db: DatabaseSync, strings: StringReader) {
    this.#strings = strings
    this.#select = db.prepare(
      `SELECT * FROM hour WHERE hour >= ? AND hour < ? ORDER BY hour DESC, service, model LIMIT ${MAX_HOURS}`,
    )
  }

  /** Hours of which any part lies in the range. */
  list({ sinceNs, untilNs }: HourRange): HourRow[] {
    const first = hourOf(storedTime(sinceNs))
    const end = hourOf(storedTime(untilNs) + HOUR_NS - 1n)
    return this.#select.all(first, end).map((row) => this.#row(row))
  }

  #row(row: Record<string, unknown>): HourRow {
    const sums = hourSums(row)
    return {
      hourNs: BigInt(sums.hour) * HOUR_NS,
      service: this.#strings.optional(sums.service),
      model: this.#strings.optional(sums.model),
      spans: sums.spans,
      errors: sums.errors,
      calls: sums.calls,
      inputTokens: sums.input,
      outputTokens: sums.output,
      totalTokens: sums.total,
      cost: usd(sums.cost),
      latency: [...(sums.latency ?? [])].map(([bucket, count]) => ({
        bucketMs: latencyBoundMs(bucket),
        count,
      })),
    }
  }
}
