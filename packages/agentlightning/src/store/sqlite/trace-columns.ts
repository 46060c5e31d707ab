// The columns of a trace row as the writer fills them. Indexed ones are written apart, only when they changed:
// SQLite rewrites an index entry for each indexed column that an UPDATE names.
import type { TraceStatus } from '../contract.ts'
import { storedTime } from './columns.ts'
import { formatIds, type StringWriter } from './strings.ts'
import { isRootKnown, type Ranked, statusOf } from './totals.ts'
import { formatTotals } from './totals-json.ts'
import type { Trace } from './traces.ts'
import { storedCost } from './usage-sums.ts'

/** Numbers of outcomes on disk: never renumber. */
export const statusNumbers = { ok: 0, error: 1, running: 2 } as const satisfies Record<TraceStatus, number>

const summaryColumns = [
  'project_named',
  'end',
  'name',
  'status',
  'end_state',
  'root_known',
  'spans',
  'errors',
  'calls',
  'tools',
  'llm_time',
  'tool_time',
  'input',
  'output',
  'total',
  'cost',
  'service',
  'agent',
  'session',
  'user',
  'models',
  'tags',
  'error',
  'calls_with_ids',
  'pinned',
  'pruned',
  'change',
  'max_segment',
  'waiting',
  'state',
]

/** Inserts a trace: id, trace, project, start, min_segment, then `summaryValues`. */
export const insertTraceSql = `INSERT INTO trace (id, trace, project, start, min_segment, ${summaryColumns.join(', ')})
  VALUES (?, ?, ?, ?, ?${', ?'.repeat(summaryColumns.length)})`

/** Updates what is in no index, and `change`: `summaryValues`, then id. */
export const updateTraceSql = `UPDATE trace SET ${summaryColumns.map((name) => `${name} = ?`).join(', ')} WHERE id = ?`

/** Updates the indexed columns: project, start, min_segment, then id. */
export const placeTraceSql = 'UPDATE trace SET project = ?, start = ?, min_segment = ? WHERE id = ?'

/** Values of the summary columns. */
export function summaryValues(trace: Trace, strings: StringWriter): (number | bigint | string | null)[] {
  const { totals } = trace
  const { usage, carriers, ranked } = totals
  const endState = ranked.endState ? strings.text(ranked.endState.value) : undefined
  return [
    trace.projectNamed ? 1 : 0,
    totals.end,
    ranked.name?.value ?? strings.id(''),
    statusNumbers[statusOf(totals, endState)],
    rankedValue(ranked.endState),
    isRootKnown(totals) ? 1 : 0,
    totals.spans,
    totals.errors,
    totals.calls,
    totals.tools,
    storedTime(totals.llmTime),
    storedTime(totals.toolTime),
    carriers.input > 0 ? usage.input : null,
    carriers.output > 0 ? usage.output : null,
    carriers.total > 0 ? usage.total : null,
    carriers.cost > 0 ? storedCost(usage.cost) : null,
    rankedValue(ranked.service),
    rankedValue(ranked.agent),
    rankedValue(ranked.session),
    rankedValue(ranked.user),
    formatIds(totals.models),
    formatIds(totals.tags),
    totals.error?.value ?? null,
    totals.callsWithIds,
    trace.pinned ? 1 : 0,
    trace.pruned ? 1 : 0,
    trace.change,
    trace.maxSegment,
    trace.waiting,
    formatTotals(totals, trace.base),
  ]
}

function rankedValue(ranked: Ranked<number> | undefined): number | null {
  return ranked?.value ?? null
}
