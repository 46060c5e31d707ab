// What several servers share.
import { type CutContext, type CutRule, type CutRules, EACH, type EventCondition } from '../types.ts'

/** A rule for a list of ids. */
export function ids(unasked: CutRule['unasked'], ...path: string[]): CutRule {
  return { path, expect: 'array', unasked }
}

/** A rule for an object. */
export function object(unasked: CutRule['unasked'], ...path: string[]): CutRule {
  return { path, expect: 'object', unasked }
}

/** The rule for log probabilities that only the gateway asked for, where `logprobs` is among what it added. */
export function logprobs({ added }: CutContext, unasked: 'null' | 'remove'): CutRule[] {
  return added.includes('logprobs') ? [object(unasked, 'choices', EACH, 'logprobs')] : []
}

const known = new Map<string, CutRules>()

/** A set of rules, the same object for the same content, so that it is compiled once; `undefined` without rules. */
export function cutRules(
  rules: readonly CutRule[],
  events: { readonly dropWhen?: readonly EventCondition[]; readonly dropEvent?: string } = {},
): CutRules | undefined {
  if (rules.length === 0) return undefined
  const made: CutRules = { rules, ...events }
  const key = JSON.stringify(made)
  const same = known.get(key)
  if (same !== undefined) return same
  known.set(key, made)
  return made
}
