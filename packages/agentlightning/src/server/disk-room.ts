// The last bytes of a disk are not for records: the index and the next start need them.
import { statfsSync } from 'node:fs'
import { AglError } from '../errors.ts'

/** Kept free below the reserve of retention. */
const KEPT_FREE_BYTES = 4 * 1024 * 1024
/** What the index takes of the disk for a byte of log, at most but for odd data: small spans with many names. */
const INDEX_BYTES_PER_LOG_BYTE = 2
/** Other programs write to the disk as well: what was free is believed for this long. */
const BELIEVED_MS = 250

/** Free bytes of the file system that holds `directory`, for processes without privileges. */
export function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}

/** True when `directory` has less room than records leave. */
export function isCramped(directory: string): boolean {
  return freeBytes(directory) < KEPT_FREE_BYTES
}

/** Watches the room that records may take. */
export class DiskRoom {
  readonly #directory: string
  readonly #nowMs: () => number
  #left = 0
  #checkedMs = Number.NEGATIVE_INFINITY

  constructor(directory: string, nowMs: () => number) {
    this.#directory = directory
    this.#nowMs = nowMs
  }

  /**
   * Takes room for one record, while the index has yet to follow `lagBytes` of the log.
   *
   * @throws AGL_DISK_FULL when the disk would be left with less than what the index and a start need
   */
  take(bytes: number, lagBytes: number): void {
    const kept = KEPT_FREE_BYTES + lagBytes * INDEX_BYTES_PER_LOG_BYTE
    const now = this.#nowMs()
    if (bytes + kept > this.#left || now - this.#checkedMs > BELIEVED_MS) {
      this.#left = freeBytes(this.#directory)
      this.#checkedMs = now
    }
    if (bytes + kept > this.#left) throw new AglError('AGL_DISK_FULL')
    this.#left -= bytes
  }
}
