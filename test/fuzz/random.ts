// Choices from a seed, for mutators.
import { seededRandom } from '../support/random.ts'

/** Draws what mutators need. */
export interface Dice {
  /** A whole number in [0, below). */
  below(limit: number): number
  /** True once in `n` times. */
  once(n: number): boolean
  pick<T>(from: readonly T[]): T
  bytes(length: number): Buffer
}

/** Dice of case `at` of a run: any case can be made again without those before it. */
export function diceOf(seed: number, at: number): Dice {
  const next = seededRandom((seed ^ Math.imul(at + 1, 0x9e3779b1)) >>> 0)
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    once: (n) => below(n) === 0,
    pick: (from) => {
      const picked = from[below(from.length)]
      if (picked === undefined) throw new RangeError('nothing to pick from')
      return picked
    },
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  }
}
