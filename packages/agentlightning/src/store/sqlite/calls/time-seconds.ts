// Calls, or spans, by the second in which they ended, kept until one of that second changes.
import { MOST_A_SECOND } from './assign-by-time.ts'

/** One more than what is too many tells that it was too many before the last change, too. */
export const LOOKED_AT = MOST_A_SECOND + 2
const KEPT = 1_000

/** What ended within a second. */
export interface Second<Item> {
  /** Rows in the index, at most `LOOKED_AT`. */
  readonly found: number
  /** Those that may be joined by time. */
  readonly free: readonly Item[]
}

/** Reads seconds once. */
export class Seconds<Item> {
  readonly #read: (at: bigint) => Second<Item>
  #known = new Map<bigint, Second<Item>>()

  constructor(read: (at: bigint) => Second<Item>) {
    this.#read = read
  }

  at(second: bigint): Second<Item> {
    let known = this.#known.get(second)
    if (!known) {
      if (this.#known.size >= KEPT) this.#known.clear()
      known = this.#read(second)
      this.#known.set(second, known)
    }
    return known
  }

  /** Those of the seconds up to `reach` before and after one, where there are not too many. */
  around(second: bigint, reach: bigint): Item[] {
    const items: Item[] = []
    for (let one = second - reach; one <= second + reach; one++) {
      const { found, free } = this.at(one)
      if (found <= MOST_A_SECOND) items.push(...free)
    }
    return items
  }

  forget(second: bigint): void {
    this.#known.delete(second)
  }

  clear(): void {
    this.#known.clear()
  }
}
