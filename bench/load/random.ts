// Numbers that are the same in every run.

/** Gives the next unsigned 32-bit number. */
export type Random = () => number

/** SplitMix32, a mixer of a counter: short, and even enough for ids and text. */
export function seeded(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
}
