// Memory that the main and the index thread share: how far to follow, and which record is being derived. A
// message for each flush would cost more than the flush's own work, since every one wakes the other thread.
import type { Position } from '../../log/record.ts'

const CURRENT = 0
const TARGET = 1
const RESTING = 4
const BYTES = 24

/** A view of the shared memory; each thread has its own on the same buffer. */
export class IndexShared {
  readonly buffer: SharedArrayBuffer
  readonly #positions: BigInt64Array
  readonly #flags: Int32Array

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(BYTES)) {
    this.buffer = buffer
    this.#positions = new BigInt64Array(buffer, 0, 2)
    this.#flags = new Int32Array(buffer)
  }

  /** The record being derived, -1 when none. Readable after the thread died. */
  get current(): Position {
    return Number(Atomics.load(this.#positions, CURRENT))
  }

  set current(record: Position) {
    Atomics.store(this.#positions, CURRENT, BigInt(record))
  }

  /** The log is flushed up to here. */
  get target(): Position {
    return Number(Atomics.load(this.#positions, TARGET))
  }

  set target(position: Position) {
    Atomics.store(this.#positions, TARGET, BigInt(position))
  }

  /** Main thread: true when the index thread rests and must be woken by a message. */
  takeRest(): boolean {
    return Atomics.exchange(this.#flags, RESTING, 0) === 1
  }

  /** Index thread: rests although there is more, until it is woken again. */
  pause(): void {
    Atomics.store(this.#flags, RESTING, 1)
  }

  /** Index thread, with nothing left to do: true when it may rest, false when the target moved meanwhile. */
  rest(position: Position): boolean {
    Atomics.store(this.#flags, RESTING, 1)
    if (this.target <= position) return true
    // The main thread may have seen the flag and sent its message: then both wake-ups find the same work.
    Atomics.store(this.#flags, RESTING, 0)
    return false
  }
}
