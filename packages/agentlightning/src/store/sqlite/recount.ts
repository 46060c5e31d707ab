// Counts a trace again from its spans, where its sums could not be kept by adding: a later copy of a span
// changed its parent or lacks what the earlier one gave.
import { BELOW, isCounted, USAGE } from './span-bits.ts'
import type { StoredSpans } from './stored-spans.ts'
import { addSpan, addUsage, emptyTotals, type Totals } from './totals.ts'
import { copyTotals } from './totals-json.ts'
import type { Trace } from './traces.ts'
import type { UsageTree } from './usage-tree.ts'

/**
 * Brings the sums of a trace up to date. What pruned spans added stays, and so do the flags of spans above
 * them.
 */
export function recountTrace(trace: Trace, spans: StoredSpans, usage: UsageTree): void {
  if (!trace.pruned) usage.reset(trace)
  for (const span of spans.all(trace)) if (span.bits & (USAGE | BELOW)) usage.markAbove(trace, span.parent)
  trace.totals = trace.base ? copyTotals(trace.base) : emptyTotals()
  addAll(trace.totals, trace, spans)
}

/** Sums over the spans of a trace that are stored, by the flags as they are. */
export function totalsOfStored(trace: Trace, spans: StoredSpans): Totals {
  const totals = emptyTotals()
  addAll(totals, trace, spans)
  return totals
}

function addAll(totals: Totals, trace: Trace, spans: StoredSpans): void {
  for (const { bits, contribution } of spans.all(trace)) {
    addSpan(totals, contribution)
    if (contribution.usage && isCounted(bits)) addUsage(totals, contribution, contribution.usage)
  }
}
