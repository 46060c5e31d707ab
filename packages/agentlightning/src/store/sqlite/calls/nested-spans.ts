// Spans that stand around another span of the same call: SDKs that wrap one another write one each, with one response
// id. Only the innermost is a call in lists.
import { MOST_LEVELS } from './join-spans.ts'

/** Spans of a trace, from the start of an LLM span on, among which one inside it is looked for. */
const MOST_INSIDE = 256

/**
 * Condition on `span s` with `detail d`: no LLM span that begins while it runs, and is below it, tells the same response
 * id, itself or through the gateway call that is joined to it.
 */
export const notAroundSql = `(d.response_id IS NULL OR NOT EXISTS (
  SELECT 1 FROM (
    SELECT * FROM span INDEXED BY span_by_time
      WHERE trace = s.trace AND start BETWEEN s.start AND s.start + max(s.duration, 0)
      ORDER BY start, span LIMIT ${MOST_INSIDE}
  ) inner_span LEFT JOIN detail inner_detail ON inner_detail.id = inner_span.id
  LEFT JOIN call inner_call ON inner_call.span_row = inner_span.id
  WHERE inner_span.id != s.id AND inner_span.bits & 504 = 8
    AND d.response_id IN (inner_detail.response_id, inner_call.response_id) AND EXISTS (
      WITH RECURSIVE above(parent, level) AS (
        SELECT inner_span.parent, 1
        UNION ALL
        SELECT up.parent, above.level + 1
          FROM above CROSS JOIN span up ON up.trace = s.trace AND up.span = above.parent
          WHERE above.level < ${MOST_LEVELS}
      )
      SELECT 1 FROM above WHERE above.parent = s.span)))`
