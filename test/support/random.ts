// Random numbers from a seed (mulberry32), so that a failed run can be repeated.

/** Numbers in [0, 1), the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The seed of this run: `AGL_TEST_SEED`, or a new one, printed so that the run can be repeated. */
export function runSeed(name: string): number {
  const given = process.env.AGL_TEST_SEED
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given)
  process.stdout.write(`${name}: AGL_TEST_SEED=${seed}\n`)
  return seed
}
