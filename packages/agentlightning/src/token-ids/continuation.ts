// Whether a call goes on where an earlier one ended, token by token.
import type { CallTokens } from './types.ts'

/** How the prompt of a call relates to an earlier call's prompt and response. */
export interface Continuation {
  /** The choice of the earlier call that shares most. */
  readonly choice: number
  /** Ids of the earlier call's prompt and of that response. */
  readonly promptLength: number
  readonly responseLength: number
  /** Ids at the beginning that both have in common. */
  readonly shared: number
  /** True when the prompt begins with all of the earlier prompt and response. */
  readonly continues: boolean
  /** The ids around the first difference, of this prompt and of the earlier sequence; absent where it continues. */
  readonly here?: readonly number[]
  readonly there?: readonly number[]
}

/** Ids shown from the first difference on. */
const SHOWN = 12

/** Compares a prompt with an earlier call; `undefined` where either lacks ids. */
export function continuationOf(prompt: Uint32Array, earlier: CallTokens): Continuation | undefined {
  let best: Continuation | undefined
  for (const { index, promptTokenIds, responseTokenIds } of earlier.choices) {
    const before = promptTokenIds ?? earlier.promptTokenIds
    if (!before || !responseTokenIds) continue
    const found = compare(prompt, before, responseTokenIds, index)
    if (!best || found.shared > best.shared) best = found
  }
  return best
}

function compare(
  prompt: Uint32Array,
  before: Uint32Array,
  response: Uint32Array,
  choice: number,
): Continuation {
  const length = before.length + response.length
  const at = (index: number): number | undefined =>
    index < before.length ? before[index] : response[index - before.length]
  let shared = 0
  while (shared < length && shared < prompt.length && prompt[shared] === at(shared)) shared++
  const facts = { choice, promptLength: before.length, responseLength: response.length, shared }
  if (shared === length) return { ...facts, continues: true }
  const there = Array.from({ length: Math.min(SHOWN, length - shared) }, (_, n) => at(shared + n) as number)
  return { ...facts, continues: false, here: Array.from(prompt.subarray(shared, shared + SHOWN)), there }
}
