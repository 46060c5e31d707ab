// Applies a plan to bytes.
import { type Cut, planCuts, type Replacement } from './cut-plan.ts'
import type { CutRules } from './types.ts'

const replacements: Readonly<Record<Replacement, Uint8Array>> = {
  nothing: new Uint8Array(0),
  null: Buffer.from('null'),
  emptyArray: Buffer.from('[]'),
}

/**
 * Parts of a whole JSON reply that remain when `rules` are applied; they share its bytes. `[body]` when nothing is
 * to be cut or the reply is not what the rules were made for.
 */
export function cutPlain(body: Uint8Array, rules: CutRules): Uint8Array[] {
  const { cuts } = planCuts(body, rules)
  return cuts.length === 0 ? [body] : applyCuts(body, cuts)
}

/** Bytes without what `cuts` name. */
export function applyCuts(bytes: Uint8Array, cuts: readonly Cut[]): Uint8Array[] {
  const parts: Uint8Array[] = []
  let from = 0
  for (const { start, end, put } of cuts) {
    if (start > from) parts.push(bytes.subarray(from, start))
    if (put !== 'nothing') parts.push(replacements[put])
    from = end
  }
  if (from < bytes.length) parts.push(bytes.subarray(from))
  return parts
}
