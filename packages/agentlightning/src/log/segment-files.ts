// The segment files of a directory as a reader sees them: opened when needed, a few kept open.
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import {
  decodeSegmentHeader,
  parseSegmentFileName,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  segmentFileName,
} from './segment.ts'

const MAX_OPEN = 8

/** An open segment file. */
export interface OpenSegment {
  readonly number: number
  readonly fd: number
  /** `undefined` when it is broken. */
  readonly header: SegmentHeader | undefined
}

/** Segment files opened for reading; synchronous. */
export class SegmentFiles {
  readonly #directory: string
  // In order of use: the first is closed when there are too many.
  readonly #open = new Map<number, OpenSegment>()

  constructor(directory: string) {
    this.#directory = directory
  }

  /** The segment's file, `undefined` when there is none. */
  get(number: number): OpenSegment | undefined {
    const known = this.#open.get(number)
    // A removed file that is still open could be read, but only by this reader.
    if (known !== undefined && fstatSync(known.fd).nlink > 0) {
      this.#open.delete(number)
      this.#open.set(number, known)
      return known
    }
    if (known !== undefined) this.#closeOne(known)
    const opened = this.#openFile(number)
    if (opened === undefined) return undefined
    this.#open.set(number, opened)
    const [oldest] = this.#open.values()
    if (this.#open.size > MAX_OPEN && oldest !== undefined) this.#closeOne(oldest)
    return opened
  }

  /** The number of the first segment file after `number`, `undefined` when there is none. */
  next(number: number): number | undefined {
    let next: number | undefined
    for (const name of readdirSync(this.#directory)) {
      const found = parseSegmentFileName(name)
      if (found !== undefined && found > number && (next === undefined || found < next)) next = found
    }
    return next
  }

  /** Closes the files of segments below `number`: a removed file takes space until it is closed. */
  forget(number: number): void {
    for (const segment of [...this.#open.values()]) if (segment.number < number) this.#closeOne(segment)
  }

  close(): void {
    this.forget(Number.POSITIVE_INFINITY)
  }

  #openFile(number: number): OpenSegment | undefined {
    let fd: number
    try {
      fd = openSync(join(this.#directory, segmentFileName(number)), 'r')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES)
    const decoded = decodeSegmentHeader(bytes.subarray(0, readFully(fd, bytes, bytes.length, 0)), number)
    return { number, fd, header: decoded.type === 'header' ? decoded.header : undefined }
  }

  #closeOne({ number, fd }: OpenSegment): void {
    this.#open.delete(number)
    closeSync(fd)
  }
}

/** Fills the first `length` bytes of a buffer from a file; returns how many there were. */
export function readFully(fd: number, buffer: Buffer, length: number, offset: number): number {
  let filled = 0
  while (filled < length) {
    const count = readSync(fd, buffer, filled, length - filled, offset + filled)
    if (count === 0) break
    filled += count
  }
  return filled
}
