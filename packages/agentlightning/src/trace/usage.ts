// Token counts under one meaning, whatever a convention calls them: input includes cached tokens.
import type { Usage } from './fields.ts'

/** Token counts as the attributes give them. */
export interface RawUsage {
  readonly input: number | undefined
  readonly output: number | undefined
  readonly total: number | undefined
  readonly cacheRead: number | undefined
  readonly cacheWrite: number | undefined
  readonly reasoning: number | undefined
  /** The convention that gave `input` leaves cached tokens out of it. */
  readonly excludesCached: boolean
}

/**
 * One meaning for all conventions. Cached tokens are added to the input only where it is certain that they
 * are not in it: the convention says so, there are more of them than input, or the given total says so.
 * Without a total it is the sum of what is known. All zero says nothing and gives `undefined`.
 */
export function normalizeUsage(raw: RawUsage): Usage | undefined {
  const { output, cacheRead, cacheWrite, reasoning } = raw
  const cached = (cacheRead ?? 0) + (cacheWrite ?? 0)
  let { input, total } = raw
  if (input !== undefined && cached > 0 && excludesCached(raw, input, cached)) {
    if (total === input + (output ?? 0)) total += cached
    input += cached
  }
  if (total === undefined && (input !== undefined || output !== undefined))
    total = (input ?? 0) + (output ?? 0)
  if (!input && !output && !total && !cached && !reasoning) return undefined
  return {
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
    ...(total === undefined ? {} : { total }),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(reasoning === undefined ? {} : { reasoning }),
  }
}

function excludesCached(raw: RawUsage, input: number, cached: number): boolean {
  if (raw.excludesCached || cached > input) return true
  return raw.total !== undefined && raw.output !== undefined && raw.total === input + cached + raw.output
}
