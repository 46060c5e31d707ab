// Reads the log from its files: for threads that follow it, and for payloads by address. Synchronous.
import { fstatSync } from 'node:fs'
import { AglError } from '../errors.ts'
import { decodeRecord, PREFIX_BYTES } from './encode.ts'
import { offsetOf, type Position, positionOf, type RecordHeader, segmentOf } from './record.ts'
import { SEGMENT_HEADER_BYTES } from './segment.ts'
import { type OpenSegment, readFully, SegmentFiles } from './segment-files.ts'

const WINDOW_BYTES = 4 * 1024 * 1024

/** A record as `read` hands it over. */
export interface ReadRecord {
  readonly start: Position
  readonly end: Position
  /** `undefined` for a kind or format that this version does not know: to be set aside by `kindNumber`. */
  readonly header: RecordHeader | undefined
  readonly kindNumber: number
  readonly segment: number
  /** Where the payload begins in the segment's file: its address, with `segment` and `payload.length`. */
  readonly payloadOffset: number
  /** A view that is valid only during the visit: copy what is kept. */
  readonly payload: Buffer
}

/** Acknowledged bytes that are not on the disk as they were written. */
export interface Damage {
  readonly segment: number
  readonly offset: number
  readonly reason: string
}

/** How a reader reports. */
export interface LogReaderOptions {
  /** Called for each broken place below `upTo`; reading goes on behind it where that is possible. */
  readonly onDamage?: (damage: Damage) => void
}

/** How far the records of one segment can be read. */
interface Extent {
  readonly end: number
  /** False when nothing says where the acknowledged part ends: then a torn end is no damage. */
  readonly exact: boolean
}

/** Reads a log directory, also while another thread or process appends to it. */
export class LogReader {
  readonly #files: SegmentFiles
  readonly #onDamage: (damage: Damage) => void
  #window: Buffer | undefined

  constructor(directory: string, { onDamage = () => {} }: LogReaderOptions = {}) {
    this.#files = new SegmentFiles(directory)
    this.#onDamage = onDamage
  }

  /**
   * Visits the records in [from, upTo) in order and returns the position to go on from: `upTo` when all were
   * visited. Stops after a record for which `visit` returns false, or when at least `maxBytes` were visited.
   * Segments that are gone are passed over. `upTo` must not be beyond the log's `durable`.
   *
   * @throws what `visit` throws, and the system's error when a file cannot be read
   */
  read(
    from: Position,
    upTo: Position,
    // biome-ignore lint/suspicious/noConfusingVoidType: a visitor may return nothing at all
    visit: (record: ReadRecord) => boolean | void,
    maxBytes: number = Number.POSITIVE_INFINITY,
  ): Position {
    let position = from
    let budget = maxBytes
    const counted = (record: ReadRecord): boolean => {
      budget -= record.end - record.start
      return visit(record) !== false && budget > 0
    }
    while (position < upTo) {
      const number = segmentOf(position)
      const segment = this.#files.get(number)
      if (segment !== undefined) {
        if (segment.header === undefined && offsetOf(position) === 0) {
          this.#onDamage({ segment: number, offset: 0, reason: 'broken segment header' })
        }
        const extent = this.#extent(segment, upTo)
        const stoppedAt = this.#readSegment(segment, offsetOf(position), extent, counted)
        if (stoppedAt !== undefined) return positionOf(number, stoppedAt)
      }
      if (number === segmentOf(upTo)) return upTo
      const next = this.#files.next(number)
      if (next === undefined || next > segmentOf(upTo)) return upTo
      position = positionOf(next, 0)
    }
    return position
  }

  /**
   * Reads a payload or a part of one.
   *
   * @throws AGL_PRUNED when the segment was removed, AGL_NOT_FOUND when it is shorter than the address says
   */
  slice(segment: number, offset: number, length: number): Buffer {
    const file = this.#files.get(segment)
    if (file === undefined) throw new AglError('AGL_PRUNED', { what: `segment ${segment}` })
    const buffer = Buffer.allocUnsafe(length)
    if (readFully(file.fd, buffer, length, offset) === length) return buffer
    throw new AglError('AGL_NOT_FOUND', {
      what: `The payload at ${segment}-${offset}`,
      todo: 'The log may be damaged: see `agl agentops logs`.',
    })
  }

  /** Closes the files of segments below `number`, so that the space of removed ones becomes free. */
  forget(number: number): void {
    this.#files.forget(number)
  }

  /** Closes all files. A later read opens them again. */
  close(): void {
    this.#files.close()
    this.#window = undefined
  }

  #extent({ number, fd }: OpenSegment, upTo: Position): Extent {
    if (number === segmentOf(upTo)) return { end: offsetOf(upTo), exact: true }
    const next = this.#files.next(number)
    const previous = next === undefined ? undefined : this.#files.get(next)?.header?.previous
    if (previous === undefined || previous.number > number) return { end: fstatSync(fd).size, exact: false }
    // The segment after this one followed an earlier one: nothing in this one was ever acknowledged.
    return { end: previous.number === number ? previous.end : 0, exact: true }
  }

  /** Visits the records of a segment; returns the offset behind the last one when the visitor stopped. */
  #readSegment(
    { number, fd }: OpenSegment,
    from: number,
    { end, exact }: Extent,
    visit: (record: ReadRecord) => boolean,
  ): number | undefined {
    let offset = Math.max(from, SEGMENT_HEADER_BYTES)
    let window: Buffer = Buffer.alloc(0)
    let windowStart = offset
    while (offset < end) {
      const decoded = decodeRecord(window, offset - windowStart, window.length, number)
      if (decoded.type === 'record') {
        const payloadStart = decoded.payloadOffset
        const { kindNumber, header, payloadLength, totalLength } = decoded
        const start = positionOf(number, offset)
        offset += totalLength
        const more = visit({
          start,
          end: start + totalLength,
          header,
          kindNumber,
          segment: number,
          payloadOffset: windowStart + payloadStart,
          payload: window.subarray(payloadStart, payloadStart + payloadLength),
        })
        if (!more) return offset
        continue
      }
      if (decoded.type === 'corrupt') {
        this.#onDamage({ segment: number, offset, reason: decoded.reason })
        // A wrong length leads nowhere: what is found there must have a valid checksum of its own.
        if (decoded.totalLength === undefined) return undefined
        offset += decoded.totalLength
        continue
      }
      const needed = decoded.type === 'torn' ? decoded.needed : PREFIX_BYTES
      const wanted = Math.min(Math.max(WINDOW_BYTES, needed), end - offset)
      if (needed <= wanted) {
        window = this.#fill(fd, wanted, offset)
        windowStart = offset
      }
      if (needed > window.length - (offset - windowStart)) {
        if (exact) this.#onDamage({ segment: number, offset, reason: 'cut off inside a record' })
        return undefined
      }
    }
    return undefined
  }

  #fill(fd: number, length: number, offset: number): Buffer {
    let window = this.#window
    if (window === undefined || window.length < length) {
      window = Buffer.allocUnsafeSlow(Math.max(WINDOW_BYTES, length))
      // A window for an unusually long record is not kept.
      if (window.length === WINDOW_BYTES) this.#window = window
    }
    return window.subarray(0, readFully(fd, window, length, offset))
  }
}
