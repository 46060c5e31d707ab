// Memory for bodies, used again: a fresh buffer for each request kept the garbage collector busy for a quarter of
// the main thread's time.

const SMALLEST = 64 * 1024
/** Larger buffers are not kept. */
export const LARGEST_POOLED = 8 * 1024 * 1024
/** What a body that outgrew one buffer is gathered in. */
export const BLOCK_BYTES = 1024 * 1024
/** Free memory that is kept for the next bodies. */
const KEPT_BYTES = 16 * 1024 * 1024

/** Buffers by size class, powers of two. */
export class BufferPool {
  readonly #free = new Map<number, Buffer<ArrayBuffer>[]>()
  #kept = 0

  /** A buffer of at least `bytes`, with whatever was in it. */
  take(bytes: number): Buffer<ArrayBuffer> {
    const size = sizeClass(bytes)
    const buffer = this.#free.get(size)?.pop()
    if (!buffer) return Buffer.allocUnsafeSlow(size)
    this.#kept -= size
    return buffer
  }

  /** Gives a buffer of `take` back; it must not be used afterwards. One that went to another thread is let go. */
  give(buffer: Buffer<ArrayBuffer>): void {
    this.#keep(buffer)
  }

  /**
   * As `give`, for a buffer that nobody else has ever seen: memory that is not kept is free at once. Left to the
   * collector it would be there for long, uncounted, while other bodies take its place.
   */
  giveOwn(buffer: Buffer<ArrayBuffer>): void {
    if (!this.#keep(buffer)) buffer.buffer.transfer(0)
  }

  #keep(buffer: Buffer<ArrayBuffer>): boolean {
    const size = buffer.length
    // The memory of a buffer that was transferred to another thread is gone, and its length with it.
    if (size < SMALLEST || size > LARGEST_POOLED || this.#kept + size > KEPT_BYTES) return false
    const free = this.#free.get(size)
    if (free) free.push(buffer)
    else this.#free.set(size, [buffer])
    this.#kept += size
    return true
  }
}

function sizeClass(bytes: number): number {
  if (bytes > LARGEST_POOLED) return bytes
  return Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(bytes)))
}
