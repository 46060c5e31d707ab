// The append-only log: what was appended is on the disk when `append` resolves. See `recover.ts` for starts.
import { AglError } from '../errors.ts'
import type { Disk } from './disk.ts'
import { bindToSegment, type EncodedRecord, encodeRecord } from './encode.ts'
import { type Place, type Position, positionOf, type RecordHeader } from './record.ts'
import {
  type ActiveSegment,
  type Recovered,
  type Recovery,
  recoverSegments,
  type SegmentInfo,
} from './recover.ts'
import { createSegment, discard, SEGMENT_HEADER_BYTES, type SegmentEnd, segmentFileName } from './segment.ts'

/** What a log is opened with. Sizes in bytes. The callbacks must not throw. */
export interface LogOptions {
  readonly disk: Disk
  /** The clock, ns since the Unix epoch. */
  readonly nowNs: () => bigint
  /** A segment is not made longer, unless one record alone is. Default 64 MiB. */
  readonly segmentBytes?: number
  /** A segment is followed by a new one this long after its first record. Default an hour. */
  readonly segmentAgeMs?: number
  /** What is written and flushed at once, unless one record alone is longer. Default 8 MiB. */
  readonly maxGroupBytes?: number
  /** How long records that may linger wait for one that may not. Default 10 ms. */
  readonly lingerMs?: number
  /** Where the disk is, for messages. */
  readonly directory?: string
  /** Called after each flush with the new `durable`, before the appends resolve. */
  readonly onDurable?: (end: Position) => void
  /** Called when the disk refused something; the log goes on in a new segment. */
  readonly onFault?: (error: AglError) => void
}

/** Where a record lies: [start, end). */
interface Appended {
  readonly start: Position
  readonly end: Position
}

/** How one record is appended. */
export interface AppendOptions {
  /** True when it may wait a little for others to share its flush with. */
  readonly lingers?: boolean
  /** Is told where the record comes to lie, for records that refer to it. */
  readonly place?: Place
  /** The record that this one refers to, where its position may not be known yet: takes the place of `header.ref`. */
  readonly refersTo?: Place
}

/** An open log. One per directory: the caller holds the lock. */
export interface Log {
  /** End of what is flushed: everything before it can be read and survives power loss. */
  readonly durable: Position
  /** Number of the oldest segment that is kept, or of the first one to come. */
  readonly firstSegment: number
  /** Bytes of all segment files. */
  readonly bytes: number
  /** What the start had to repair; `undefined` when there was nothing. */
  readonly recovery: Recovery | undefined
  /** By number; the last one may be the active one. */
  segments(): readonly SegmentInfo[]
  /**
   * Appends one record and resolves when it is flushed. All records that wait share one write and one flush.
   * The payload's bytes must not change until then.
   *
   * @throws AGL_DISK_FULL, AGL_FLUSH_FAILED (the record may still be found after a restart, whole),
   *   AGL_LOG_CLOSED, AGL_BODY_TOO_LARGE
   */
  append(header: RecordHeader, payload: readonly Uint8Array[], options?: AppendOptions): Promise<Appended>
  /** Writes and flushes what lingers without waiting any longer. */
  hurry(): void
  /** Begins a new segment after what was appended so far, so that the ones before can be dropped or archived. */
  seal(): Promise<void>
  /**
   * Removes a segment for good; resolves at once when it is not there.
   *
   * @throws AGL_BAD_ARGUMENT for the newest segment: with it the log would forget which numbers were used
   */
  dropSegment(number: number): Promise<void>
  /** Flushes what waits and closes; later appends are refused. Idempotent. */
  close(): Promise<void>
}

/**
 * Opens the log of a disk, recovering it from whatever state a crash or power loss left it in.
 *
 * @throws AGL_DATA_DIR_NEWER when it was written by a version with a newer format; nothing was changed
 */
export async function openLog(options: LogOptions): Promise<Log> {
  const settings = {
    segmentBytes: 64 * 1024 * 1024,
    segmentAgeMs: 3_600_000,
    maxGroupBytes: 8 * 1024 * 1024,
    lingerMs: 10,
    directory: '',
    onDurable: () => {},
    onFault: () => {},
    ...options,
  }
  const recovered = await recoverSegments({ ...settings, nowNs: options.nowNs() })
  if (recovered.fault !== undefined) settings.onFault(diskError(recovered.fault))
  return new SegmentLog(settings, recovered)
}

interface WaitingRecord {
  readonly type: 'record'
  readonly record: EncodedRecord
  readonly place: Place | undefined
  readonly resolve: (at: Appended) => void
  readonly reject: (error: AglError) => void
}

interface WaitingSeal {
  readonly type: 'seal'
  readonly resolve: () => void
  readonly reject: (error: AglError) => void
}

class SegmentLog implements Log {
  readonly recovery: Recovery | undefined
  durable: Position
  readonly #options: Required<LogOptions>
  readonly #sealed: SegmentInfo[]
  #active: ActiveSegment | undefined
  /** Where the last acknowledged record ends, for the header of the next segment. */
  #last: SegmentEnd | undefined
  #nextNumber: number
  #waiting: (WaitingRecord | WaitingSeal)[] = []
  /** So many at the front of the queue are to be written now; those behind them linger. */
  #pressing = 0
  #lingering: NodeJS.Timeout | undefined
  #draining = false
  #drained: Promise<void> = Promise.resolve()
  #closed: Promise<void> | undefined

  constructor(options: Required<LogOptions>, { sealed, active, last, nextNumber, recovery }: Recovered) {
    this.#options = options
    this.#sealed = sealed
    this.#active = active
    this.#last = last
    this.#nextNumber = nextNumber
    this.recovery = recovery
    this.durable = last === undefined ? positionOf(nextNumber, 0) : positionOf(last.number, last.end)
  }

  get firstSegment(): number {
    return this.#sealed[0]?.number ?? this.#active?.number ?? this.#nextNumber
  }

  get bytes(): number {
    return this.segments().reduce((sum, segment) => sum + segment.bytes, 0)
  }

  segments(): readonly SegmentInfo[] {
    const active = this.#active
    if (active === undefined) return [...this.#sealed]
    const { number, end: bytes, createdNs } = active
    return [...this.#sealed, { number, bytes, sealed: false, createdNs }]
  }

  async append(
    header: RecordHeader,
    payload: readonly Uint8Array[],
    { lingers = false, place, refersTo }: AppendOptions = {},
  ): Promise<Appended> {
    this.#refuseWhenClosed()
    const record = encodeRecord(header, payload, refersTo)
    if (place) place.isQueued = true
    return new Promise((resolve, reject) =>
      this.#enqueue({ type: 'record', record, place, resolve, reject }, lingers),
    )
  }

  hurry(): void {
    this.#press()
  }

  async seal(): Promise<void> {
    this.#refuseWhenClosed()
    return new Promise((resolve, reject) => this.#enqueue({ type: 'seal', resolve, reject }))
  }

  async dropSegment(number: number): Promise<void> {
    const newest = this.#active?.number ?? this.#sealed.at(-1)?.number
    if (number === newest) {
      const what = `Segment ${number} is the newest of the log and cannot be dropped.`
      throw new AglError('AGL_BAD_ARGUMENT', { what, todo: 'Seal it first.' })
    }
    if (!this.#sealed.some((segment) => segment.number === number)) return
    const { disk } = this.#options
    await disk.remove(segmentFileName(number)).catch((error) => {
      if (errorCode(error) !== 'ENOENT') throw diskError(error)
    })
    const index = this.#sealed.findIndex((segment) => segment.number === number)
    if (index >= 0) this.#sealed.splice(index, 1)
    await disk.flushDirectory().catch((error) => {
      throw diskError(error)
    })
  }

  close(): Promise<void> {
    if (this.#closed === undefined) this.#press()
    this.#closed ??= this.#drained.then(() => this.#active?.file.close())
    return this.#closed
  }

  #refuseWhenClosed(): void {
    if (this.#closed !== undefined) throw new AglError('AGL_LOG_CLOSED')
  }

  #enqueue(item: WaitingRecord | WaitingSeal, lingers = false): void {
    this.#waiting.push(item)
    if (!lingers) this.#press()
    else if (!this.#draining) this.#linger()
  }

  #linger(): void {
    this.#lingering ??= setTimeout(() => this.#press(), this.#options.lingerMs)
  }

  /** Begins to write everything that waits. */
  #press(): void {
    this.#pressing = this.#waiting.length
    clearTimeout(this.#lingering)
    this.#lingering = undefined
    if (this.#draining || this.#pressing === 0) return
    this.#draining = true
    this.#drained = this.#drain()
  }

  async #drain(): Promise<void> {
    // What is appended in the same turn shares the first group.
    await Promise.resolve()
    for (let first = this.#waiting[0]; first !== undefined && this.#pressing > 0; first = this.#waiting[0]) {
      if (first.type === 'seal') await this.#sealNow(first)
      else await this.#writeGroup(first)
    }
    this.#draining = false
    if (this.#waiting.length > 0) this.#linger()
  }

  async #sealNow(item: WaitingSeal): Promise<void> {
    this.#waiting.shift()
    this.#pressing--
    try {
      if (this.#active === undefined || this.#active.end > SEGMENT_HEADER_BYTES) await this.#beginSegment()
      item.resolve()
    } catch (error) {
      item.reject(this.#fault(error))
    }
  }

  async #writeGroup(first: WaitingRecord): Promise<void> {
    let active = this.#active
    if (active === undefined || !this.#takes(active, first.record.length)) {
      try {
        active = await this.#beginSegment()
      } catch (error) {
        rejectAll(this.#takeGroup(Number.POSITIVE_INFINITY), this.#fault(error))
        return
      }
    }
    const group = this.#takeGroup(this.#options.segmentBytes - active.end)
    const parts: Uint8Array[] = []
    let end = active.end
    for (const { record, place } of group) {
      if (place) place.at = positionOf(active.number, end)
      bindToSegment(record, active.number)
      for (const part of record.parts) parts.push(part)
      end += record.length
    }
    try {
      await active.file.write(parts, active.end)
      await active.file.flush()
    } catch (error) {
      await this.#abandon(active)
      rejectAll(group, this.#fault(error))
      return
    }
    let start = positionOf(active.number, active.end)
    active.end = end
    active.firstRecordNs ??= this.#options.nowNs()
    this.durable = positionOf(active.number, end)
    this.#last = { number: active.number, end }
    this.#options.onDurable(this.durable)
    for (const { record, resolve } of group) {
      resolve({ start, end: start + record.length })
      start += record.length
    }
  }

  #takes(active: ActiveSegment, length: number): boolean {
    const { firstRecordNs, end } = active
    if (firstRecordNs === undefined) return true
    const { nowNs, segmentAgeMs, segmentBytes } = this.#options
    return end + length <= segmentBytes && nowNs() - firstRecordNs <= BigInt(segmentAgeMs) * 1_000_000n
  }

  /** Takes the records off the queue that fit into one group and into `room`, at least one. */
  #takeGroup(room: number): WaitingRecord[] {
    const limit = Math.min(room, this.#options.maxGroupBytes)
    const group: WaitingRecord[] = []
    let bytes = 0
    for (const item of this.#waiting) {
      if (item.type === 'seal') break
      bytes += item.record.length
      if (group.length > 0 && bytes > limit) break
      group.push(item)
    }
    this.#waiting = this.#waiting.slice(group.length)
    this.#pressing = Math.max(0, this.#pressing - group.length)
    return group
  }

  async #beginSegment(): Promise<ActiveSegment> {
    const { disk, nowNs } = this.#options
    const createdNs = nowNs()
    for (;;) {
      const number = this.#nextNumber
      try {
        const file = await createSegment(disk, { number, createdNs, previous: this.#last })
        const previous = this.#active
        if (previous !== undefined) await this.#retire(previous)
        this.#nextNumber = number + 1
        this.#active = { number, file, createdNs, end: SEGMENT_HEADER_BYTES, firstRecordNs: undefined }
        return this.#active
      } catch (error) {
        // A file that could not be removed after an earlier failure: its number is passed over.
        if (errorCode(error) !== 'EEXIST') throw error
        this.#nextNumber = number + 1
      }
    }
  }

  /** Closes a segment for good; everything acknowledged in it is flushed, so an error of `close` loses nothing. */
  async #retire({ number, file, end, createdNs }: ActiveSegment): Promise<void> {
    await file.close().catch(() => {})
    this.#sealed.push({ number, bytes: end, sealed: true, createdNs })
  }

  /**
   * Gives up the active segment after a failed write or flush: the system may have dropped the pages and hold
   * them for written, so a second flush of this file would prove nothing.
   */
  async #abandon(active: ActiveSegment): Promise<void> {
    this.#active = undefined
    if (active.end === SEGMENT_HEADER_BYTES && this.#sealed.length > 0) {
      // Nothing was acknowledged in it, and an older file remembers which numbers were used. A disk that stays
      // full must not gather empty files.
      await discard(this.#options.disk, segmentFileName(active.number), active.file)
      this.#nextNumber = active.number
      return
    }
    await active.file.truncate(active.end).catch(() => {})
    await this.#retire(active)
  }

  #fault(error: unknown): AglError {
    const fault = diskError(error)
    this.#options.onFault(fault)
    return fault
  }
}

function rejectAll(group: readonly WaitingRecord[], error: AglError): void {
  for (const { place, reject } of group) {
    if (place) place.at = undefined
    reject(error)
  }
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
}

function diskError(error: unknown): AglError {
  const code = errorCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
    return new AglError('AGL_DISK_FULL', {}, error)
  return new AglError('AGL_FLUSH_FAILED', { reason: code ?? String(error) }, error)
}
