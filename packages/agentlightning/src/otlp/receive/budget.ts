// Bounds the bytes of bodies that are in memory: received, decoded or waiting for their flush.
import { AglError } from '../../errors.ts'

/** How long a request may wait for room before it is told to come again (design §5, promise 4). */
const PATIENCE_MS = 5000

/** Bytes that may be in flight at once. */
export class ByteBudget {
  readonly limit: number
  used = 0
  readonly #waiting: { readonly bytes: number; readonly go: () => void }[] = []

  constructor(limit: number) {
    this.limit = limit
  }

  /** True when `bytes` are granted at once. A single body larger than the limit is let through alone. */
  tryTake(bytes: number): boolean {
    if (this.#waiting.length > 0 || (this.used > 0 && this.used + bytes > this.limit)) return false
    this.used += bytes
    return true
  }

  /** Waits for room, first come first served. Rejects with `AGL_OVERLOADED` after 5 s. */
  take(bytes: number): Promise<void> {
    if (this.tryTake(bytes)) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
        reject(new AglError('AGL_OVERLOADED', { reason: `${this.limit} bytes are being received` }))
      }, PATIENCE_MS)
      const entry = {
        bytes,
        go: () => {
          clearTimeout(timer)
          this.used += bytes
          resolve()
        },
      }
      this.#waiting.push(entry)
    })
  }

  /** Gives bytes back. */
  give(bytes: number): void {
    this.used -= bytes
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (this.used > 0 && this.used + next.bytes > this.limit) return
      this.#waiting.shift()
      next.go()
    }
  }
}
