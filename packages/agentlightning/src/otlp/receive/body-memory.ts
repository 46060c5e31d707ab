// The memory that a body lies in while it comes: never much more than what has come.
import { BLOCK_BYTES, BufferPool, LARGEST_POOLED } from './buffer-pool.ts'

type Bytes = Buffer<ArrayBuffer>

/** First guess at a body without a length; it doubles from there up to a block. */
export const GUESS_BYTES = 64 * 1024

const pool = new BufferPool()

/**
 * Gathers chunks. A body of one chunk, which most are, is used as it lies; one of a few MB is copied into one buffer;
 * a larger one lies in blocks and is put together at its end. A buffer that doubles would be half empty at worst, and
 * each one that it outgrew would lie about until the garbage is collected, which nothing counts.
 */
export class BodyMemory {
  readonly #declared: number
  #length = 0
  #only: Buffer | undefined
  /** Full blocks, in order. */
  #blocks: Bytes[] = []
  /** Where the next bytes go; the blocks come before it. */
  #last: Bytes | undefined
  #used = 0

  /** @param declared the length that the sender announced; -1 when it did not */
  constructor(declared: number) {
    this.#declared = declared
  }

  append(chunk: Buffer): void {
    if (this.#length === 0) this.#only = chunk
    else this.#copy(chunk)
    this.#length += chunk.length
  }

  /** The body in one piece. `give` ends its use; `drop` must not be called any more. */
  whole(): { readonly bytes: Buffer; readonly give: () => void } {
    const last = this.#last
    if (this.#only || !last) return { bytes: this.#only ?? Buffer.alloc(0), give: () => {} }
    const blocks = this.#blocks
    if (blocks.length === 0) return { bytes: last.subarray(0, this.#used), give: () => pool.give(last) }
    const together = pool.take(this.#length)
    let at = 0
    for (const block of blocks.splice(0)) {
      at += block.copy(together, at)
      pool.giveOwn(block)
    }
    last.copy(together, at, 0, this.#used)
    this.drop()
    return { bytes: together.subarray(0, this.#length), give: () => pool.give(together) }
  }

  /** Gives back everything. */
  drop(): void {
    for (const block of this.#blocks.splice(0)) pool.giveOwn(block)
    if (this.#last) pool.giveOwn(this.#last)
    this.#last = undefined
    this.#only = undefined
  }

  #copy(chunk: Buffer): void {
    if (this.#only) {
      const first = this.#only
      this.#only = undefined
      this.#fill(first)
    }
    this.#fill(chunk)
  }

  #fill(chunk: Buffer): void {
    let from = 0
    while (from < chunk.length) {
      const last = this.#roomFor(chunk.length - from)
      const count = chunk.copy(last, this.#used, from)
      this.#used += count
      from += count
    }
  }

  /** A buffer with room for at least one byte behind `#used`, for all of `bytes` where one buffer is to do. */
  #roomFor(bytes: number): Bytes {
    const last = this.#last
    const wanted = this.#used + bytes
    if (last && (wanted <= last.length || (last.length >= BLOCK_BYTES && this.#used < last.length)))
      return last
    if (last && last.length >= BLOCK_BYTES) {
      this.#blocks.push(last)
      this.#used = 0
      this.#last = pool.take(BLOCK_BYTES)
      return this.#last
    }
    const fits = this.#declared <= LARGEST_POOLED ? this.#declared : GUESS_BYTES
    const size = Math.max(fits, Math.min(BLOCK_BYTES, Math.max(GUESS_BYTES, wanted)))
    const larger = pool.take(size)
    if (last) {
      last.copy(larger, 0, 0, this.#used)
      pool.giveOwn(last)
    }
    this.#last = larger
    return larger
  }
}
