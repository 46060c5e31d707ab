// What a span adds to its trace, exchanged for what it adds from now on.
import { BELOW } from './span-bits.ts'
import { addUsage, type Contribution, replaceSpan, takeUsage } from './totals.ts'
import type { Trace } from './traces.ts'
import type { UsageTree } from './usage-tree.ts'

/** A span and what it adds. */
export interface CountedSpan {
  readonly parent: Buffer | undefined
  readonly contribution: Contribution
}

/**
 * Takes back what a span added and adds what takes its place; false where only a recount can. Flags of rows above it
 * are kept with it, its own row is the caller's.
 */
export function exchangeSpan(
  trace: Trace,
  tree: UsageTree,
  earlier: CountedSpan & { readonly bits: number },
  later: CountedSpan,
): boolean {
  const before = earlier.contribution.usage
  const after = later.contribution.usage
  if (!sameId(earlier.parent, later.parent) || (before && !after)) return false
  if (!replaceSpan(trace.totals, earlier.contribution, later.contribution)) return false
  if (!after || earlier.bits & BELOW) return true
  if (before) takeUsage(trace.totals, earlier.contribution, before)
  addUsage(trace.totals, later.contribution, after)
  if (!before) tree.markAbove(trace, later.parent)
  return true
}

function sameId(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined ? other === undefined : other !== undefined && one.equals(other)
}
