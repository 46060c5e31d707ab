// Token counts and costs as they enter sums: whole numbers within bounds, so that taking back is exact.
import type { Usage } from '../../trace/fields.ts'
import type { UsageSums } from './totals.ts'

const MAX_TOKENS = 2 ** 40
const MAX_COST = 1e6
const COST_UNITS = 1e12
const MAX_INTEGER = 2n ** 63n - 1n

/** Numbers of a span that are worth keeping: finite ones. */
export type Counts = { readonly [Field in keyof Usage]: number | null }

/** Token counts as columns; `null` for unknown. */
export function countsOf(usage: Usage | undefined): Required<Counts> {
  return {
    input: finite(usage?.input),
    output: finite(usage?.output),
    total: finite(usage?.total),
    cacheRead: finite(usage?.cacheRead),
    cacheWrite: finite(usage?.cacheWrite),
    reasoning: finite(usage?.reasoning),
  }
}

/** True where a span carries any token count or a cost. */
export function carriesUsage(counts: Required<Counts>, cost: number | null): boolean {
  return (
    cost !== null ||
    counts.input !== null ||
    counts.output !== null ||
    counts.total !== null ||
    counts.cacheRead !== null ||
    counts.cacheWrite !== null ||
    counts.reasoning !== null
  )
}

/** What a span that carries usage adds. The total is its own, else input + output as far as known. */
export function usageSums(
  counts: { readonly input: number | null; readonly output: number | null; readonly total: number | null },
  cost: number | null,
): UsageSums {
  const input = tokens(counts.input)
  const output = tokens(counts.output)
  const known = input === undefined && output === undefined ? undefined : (input ?? 0) + (output ?? 0)
  return { input, output, total: tokens(counts.total) ?? known, cost: costUnits(cost) }
}

/** A number that is finite, else `null`. */
export function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}

/** A sum of cost units as a column value. */
export function storedCost(units: bigint): bigint {
  return units > MAX_INTEGER ? MAX_INTEGER : units
}

/** USD of a sum of cost units. */
export function usd(units: bigint): number {
  return Number(units) / COST_UNITS
}

function tokens(value: number | null): number | undefined {
  return value === null ? undefined : Math.min(Math.max(Math.round(value), 0), MAX_TOKENS)
}

function costUnits(cost: number | null): bigint | undefined {
  return cost === null ? undefined : BigInt(Math.round(Math.min(Math.max(cost, 0), MAX_COST) * COST_UNITS))
}
