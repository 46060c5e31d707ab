// What a caller of a store must be able to tell apart: a change that cannot be applied, an index that must be
// built again from the log. Neither reaches a user as it is.

/** One change of a batch could not be applied; nothing of the batch was. Set its record aside and try again. */
export class StoreChangeError extends Error {
  /** Index of the change in `WriteBatch.changes`. */
  readonly index: number

  constructor(index: number, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.name = 'StoreChangeError'
    this.index = index
  }
}

/** The derived index cannot be used: delete its files and build it again from the log. */
export class IndexUnusableError extends Error {
  readonly path: string
  /** `outdated`: written by an earlier version of the product. `corrupt`: no sound database. */
  readonly reason: 'outdated' | 'corrupt'

  constructor(path: string, reason: 'outdated' | 'corrupt', cause?: unknown) {
    const what =
      reason === 'outdated' ? 'was written by an earlier version' : `is damaged (${describe(cause)})`
    super(`The index ${path} ${what} and must be built again.`, cause === undefined ? undefined : { cause })
    this.name = 'IndexUnusableError'
    this.path = path
    this.reason = reason
  }
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'not a database of this product'
}
