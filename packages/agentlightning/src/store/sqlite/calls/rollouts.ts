// Attempts of rollouts, summed up over their calls: those that the gateway attributed, and those whose resource says
// whose they are.
import type { DatabaseSync } from 'node:sqlite'
import type { RolloutSummary } from '../../calls.ts'
import type { StringReader } from '../strings.ts'
import { notAroundSql } from './nested-spans.ts'

const sums = `count(*) AS calls, min(start) AS first, max(start) AS newest, max(max(start, end)) AS last,
  sum(with_ids) AS with_ids`
const has = (prompt: string, response: string): string =>
  `coalesce(${prompt}, 0) > 0 AND coalesce(${response}, 0) > 0`
const callHasIds = `(${has('c.prompt_ids', 'c.response_ids')}) OR EXISTS (
  SELECT 1 FROM detail d WHERE d.id = c.span_row AND ${has('d.prompt_ids', 'd.response_ids')})`

/** Each part is summed up before they are put together: the first one in the order of its index, without sorting. */
const attributed = `SELECT rollout, attempt, max(run) AS run, max(mode) AS mode, ${sums} FROM (
  SELECT c.rollout, c.attempt, c.run, c.mode, c.start, c.end, ${callHasIds} AS with_ids
    FROM call c INDEXED BY call_by_rollout WHERE c.rollout > 0) GROUP BY rollout, attempt`
const bySource = `SELECT rollout, attempt, max(run) AS run, max(mode) AS mode, ${sums} FROM (
  SELECT o.rollout, o.attempt, o.run, c.mode, c.start, c.end, ${callHasIds} AS with_ids
    FROM call c CROSS JOIN span s ON s.id = c.span_row CROSS JOIN source o ON o.id = s.source
    WHERE c.rollout = 0 AND c.run = 0 AND o.rollout > 0
  UNION ALL
  SELECT o.rollout, o.attempt, o.run, 0, s.start, s.start + s.duration, ${has('d.prompt_ids', 'd.response_ids')}
    FROM span s INDEXED BY span_call CROSS JOIN source o ON o.id = s.source
    LEFT JOIN detail d ON d.id = s.id LEFT JOIN call c ON c.span_row = s.id
    WHERE s.bits & 504 = 8 AND o.rollout > 0 AND c.id IS NULL AND ${notAroundSql}) GROUP BY rollout, attempt`

/** The attempts of rollouts, newest first; `limit` of them. */
export function readRollouts(db: DatabaseSync, strings: StringReader, limit: number): RolloutSummary[] {
  const some = db.prepare('SELECT 1 FROM source WHERE rollout > 0 LIMIT 1').get() !== undefined
  const statement = db.prepare(
    `SELECT rollout, attempt, max(run) AS run, max(mode) AS mode, sum(calls) AS calls, min(first) AS first,
       max(last) AS last, sum(with_ids) AS with_ids FROM (${some ? `${attributed} UNION ALL ${bySource}` : attributed})
       GROUP BY rollout, attempt ORDER BY max(newest) DESC, rollout, attempt LIMIT ?`,
  )
  statement.setReadBigInts(true)
  return statement.all(limit).map((row) => ({
    rollout: strings.text(Number(row.rollout)),
    attempt: strings.optional(row.attempt),
    run: strings.optional(row.run),
    mode: strings.optional(row.mode),
    calls: Number(row.calls),
    callsWithIds: Number(row.with_ids ?? 0),
    startNs: row.first as bigint,
    endNs: row.last as bigint,
  }))
}
