// What a scan of log records or data points took, and what it did not.
import type { Rejection, ScanResult } from './span-view.ts'

/** Items of one body: each becomes a row, and rows take more room than the smallest items. */
const MOST_ITEMS = 500_000

interface Cause {
  readonly cause: string
  readonly first: string
  count: number
}

/** Counts items; only the first of each cause of rejection is named. */
export class ItemCount {
  accepted = 0
  readonly #what: string
  readonly #causes = new Map<string, Cause>()
  #seen = 0

  /** @param what what one item is called, e.g. `log record` */
  constructor(what: string) {
    this.#what = what
  }

  /** Takes the next item, or counts why not. True when it was taken. `name` is asked for the first of a cause. */
  take(problem: string | undefined, name: () => string): boolean {
    this.#seen++
    const cause = problem ?? (this.accepted < MOST_ITEMS ? undefined : this.#tooMany())
    if (cause === undefined) {
      this.accepted++
      return true
    }
    const known = this.#causes.get(cause)
    if (known) known.count++
    else this.#causes.set(cause, { cause, first: `${this.#what} ${this.#seen}${name()}`, count: 1 })
    return false
  }

  result(): ScanResult {
    const rejected = [...this.#causes.values()].map(
      ({ cause, first, count }): Rejection => ({
        reason: `${cause} (${count > 1 ? 'first: ' : ''}${first})`,
        count,
      }),
    )
    return { accepted: this.accepted, rejected }
  }

  #tooMany(): string {
    return `a body holds more than ${MOST_ITEMS} ${this.#what}s`
  }
}
