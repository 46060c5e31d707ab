// The bytes of a reply as they are kept for the log: bounded, and without an object for each small chunk.

const BLOCK_BYTES = 16 * 1024
/** Chunks above this size are kept as they came. */
const SMALL_BYTES = 4 * 1024

/** Collects a reply up to a limit. */
export class ReplyStore {
  /** True when the reply outgrew the limit: what is kept is its beginning. */
  truncated = false
  length = 0
  readonly #limit: number
  readonly #parts: Buffer[] = []
  #block: Buffer | undefined
  #used = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  add(chunk: Buffer): void {
    const room = this.#limit - this.length
    if (chunk.length > room) this.truncated = true
    const kept = chunk.length > room ? chunk.subarray(0, Math.max(0, room)) : chunk
    if (kept.length === 0) return
    this.length += kept.length
    // The first one as it is: most plain replies have no other.
    if (kept.length > SMALL_BYTES || (this.#parts.length === 0 && !this.#block)) {
      this.#closeBlock()
      this.#parts.push(kept)
      return
    }
    if (!this.#block || this.#used + kept.length > BLOCK_BYTES) {
      this.#closeBlock()
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
    }
    kept.copy(this.#block, this.#used)
    this.#used += kept.length
  }

  /** Everything kept, in order. Nothing may be added afterwards. */
  parts(): Buffer[] {
    this.#closeBlock()
    return this.#parts
  }

  #closeBlock(): void {
    if (this.#block && this.#used > 0) this.#parts.push(this.#block.subarray(0, this.#used))
    this.#block = undefined
    this.#used = 0
  }
}
