// What a start finds on the disk: which segments there are, where the last one ends, and whether it can go on.
import { AglError } from '../errors.ts'
import type { Disk, DiskFile } from './disk.ts'
import { decodeRecord, PREFIX_BYTES } from './encode.ts'
import {
  decodeSegmentHeader,
  parseSegmentFileName,
  SEGMENT_FORMAT_VERSION,
  SEGMENT_HEADER_BYTES,
  type SegmentEnd,
  type SegmentHeader,
  segmentFileName,
} from './segment.ts'

const SCAN_BYTES = 4 * 1024 * 1024
const HEADERS_AT_ONCE = 32

/** A segment file of the log. */
export interface SegmentInfo {
  readonly number: number
  /** Length of the file. */
  readonly bytes: number
  /** True when nothing will be appended to it any more. */
  readonly sealed: boolean
  /** From the file's header, ns since the Unix epoch; 0 when that cannot be read. */
  readonly createdNs: bigint
}

/** The segment that is being written. */
export interface ActiveSegment {
  readonly number: number
  readonly file: DiskFile
  readonly createdNs: bigint
  /** Acknowledged length. */
  end: number
  /** When its first record came; `undefined` while it has none. */
  firstRecordNs: bigint | undefined
}

/** What recovery did to the last segment, for the log of the server. */
export interface Recovery {
  readonly segment: number
  /** Bytes of an unfinished write that were cut off. */
  readonly cutBytes: number
  /** Where acknowledged data is damaged; the file was left as it is. */
  readonly damagedAt: number | undefined
}

/** The state that a log starts with. */
export interface Recovered {
  /** By number. */
  readonly sealed: SegmentInfo[]
  readonly active: ActiveSegment | undefined
  /** Where the last record ends. */
  readonly last: SegmentEnd | undefined
  /** Number for the next new segment. */
  readonly nextNumber: number
  readonly recovery: Recovery | undefined
  /** The disk refused to flush what was recovered: it can be read, but that file is not written again. */
  readonly fault: unknown
}

/** What recovery depends on. */
export interface RecoverOptions {
  readonly disk: Disk
  readonly nowNs: bigint
  readonly segmentBytes: number
  readonly segmentAgeMs: number
  readonly maxGroupBytes: number
  /** For messages only. */
  readonly directory: string
}

/** How far the records of a segment reach. */
interface Scan {
  readonly end: number
  readonly lastRecord: number
  readonly firstRecordNs: bigint | undefined
  readonly damagedAt: number | undefined
}

interface FoundSegment {
  readonly number: number
  readonly size: number
  /** `undefined` when it is broken. */
  readonly header: SegmentHeader | undefined
}

/**
 * Brings the log's files into a state that can be appended to. Only the last segment is read whole.
 *
 * @throws AGL_DATA_DIR_NEWER when a segment has a format that this version does not know; nothing was changed
 */
export async function recoverSegments(options: RecoverOptions): Promise<Recovered> {
  const found = await findSegments(options)
  const nextNumber = (found.at(-1)?.number ?? 0) + 1
  const kept = await removeUnborn(options.disk, found)
  const last = kept.at(-1)
  const sealed = kept.map(({ number, size, header }) => sealedInfo(number, size, header))
  if (last === undefined) {
    return { sealed, active: undefined, last: undefined, nextNumber, recovery: undefined, fault: undefined }
  }
  const scan = await scanSegment(options, last)
  sealed[sealed.length - 1] = sealedInfo(last.number, scan.end, last.header)
  const common = {
    last: scan.end > SEGMENT_HEADER_BYTES ? { number: last.number, end: scan.end } : last.header?.previous,
    nextNumber,
    recovery: recoveryOf(last, scan),
  }
  let file: DiskFile | undefined
  try {
    file = await options.disk.open(segmentFileName(last.number))
    await settle(options, last, scan, file)
  } catch (fault) {
    await file?.close().catch(() => {})
    return { ...common, sealed, active: undefined, fault }
  }
  if (!goesOn(options, scan)) {
    await file.close()
    return { ...common, sealed, active: undefined, fault: undefined }
  }
  sealed.pop()
  const createdNs = last.header?.createdNs ?? 0n
  const active = { number: last.number, file, createdNs, end: scan.end, firstRecordNs: scan.firstRecordNs }
  return { ...common, sealed, active, fault: undefined }
}

function sealedInfo(number: number, bytes: number, header: SegmentHeader | undefined): SegmentInfo {
  return { number, bytes, sealed: true, createdNs: header?.createdNs ?? 0n }
}

function recoveryOf({ number, size }: FoundSegment, { end, damagedAt }: Scan): Recovery | undefined {
  if (damagedAt === undefined && end === size) return undefined
  return { segment: number, cutBytes: size - end, damagedAt }
}

function goesOn({ nowNs, segmentBytes, segmentAgeMs }: RecoverOptions, scan: Scan): boolean {
  const age = nowNs - (scan.firstRecordNs ?? nowNs)
  return scan.damagedAt === undefined && scan.end < segmentBytes && age <= BigInt(segmentAgeMs) * 1_000_000n
}

async function findSegments({ disk, directory }: RecoverOptions): Promise<FoundSegment[]> {
  const files = (await disk.list())
    .map(({ name, size }) => ({ name, size, number: parseSegmentFileName(name) ?? 0 }))
    .filter((file) => file.number > 0)
    .sort((a, b) => a.number - b.number)
  const found: FoundSegment[] = []
  for (let at = 0; at < files.length; at += HEADERS_AT_ONCE) {
    const some = files.slice(at, at + HEADERS_AT_ONCE).map(async ({ name, size, number }) => {
      const decoded = decodeSegmentHeader(await disk.read(name, 0, SEGMENT_HEADER_BYTES), number)
      if (decoded.type === 'newer') {
        throw new AglError('AGL_DATA_DIR_NEWER', {
          dataDir: directory,
          found: decoded.version,
          known: SEGMENT_FORMAT_VERSION,
        })
      }
      return { number, size, header: decoded.type === 'header' ? decoded.header : undefined }
    })
    found.push(...(await Promise.all(some)))
  }
  return found
}

/** Removes files that a crash left while they were created: no header and nothing behind it. */
async function removeUnborn(disk: Disk, found: readonly FoundSegment[]): Promise<FoundSegment[]> {
  const unborn = found.filter(({ size, header }) => header === undefined && size <= SEGMENT_HEADER_BYTES)
  if (unborn.length === 0) return [...found]
  for (const { number } of unborn) await disk.remove(segmentFileName(number))
  await disk.flushDirectory()
  return found.filter((segment) => !unborn.includes(segment))
}

async function scanSegment(options: RecoverOptions, { number, size, header }: FoundSegment): Promise<Scan> {
  if (header === undefined) return { end: size, lastRecord: 0, firstRecordNs: undefined, damagedAt: 0 }
  const name = segmentFileName(number)
  let [offset, lastRecord] = [SEGMENT_HEADER_BYTES, SEGMENT_HEADER_BYTES]
  let firstRecordNs: bigint | undefined
  let window: Buffer = Buffer.alloc(0)
  let windowStart = offset
  while (offset < size) {
    const decoded = decodeRecord(window, offset - windowStart, window.length, number)
    if (decoded.type === 'record') {
      firstRecordNs ??= decoded.header?.receivedNs ?? options.nowNs
      lastRecord = offset
      offset += decoded.totalLength
      continue
    }
    const needed = decoded.type === 'torn' ? decoded.needed : decoded.type === 'end' ? PREFIX_BYTES : 0
    const readSoFar = windowStart + window.length
    if (needed > 0 && readSoFar < size && needed <= size - offset) {
      window = await options.disk.read(name, offset, Math.min(Math.max(SCAN_BYTES, needed), size - offset))
      windowStart = offset
      if (window.length >= needed) continue
    }
    // Only the last group can be unfinished, every earlier one was flushed before it was begun. What is broken
    // further from the end is damage to acknowledged data, and cutting there would throw away what follows.
    const ownLength = (decoded.type === 'corrupt' ? decoded.totalLength : needed) ?? 0
    if (size - offset > Math.max(options.maxGroupBytes, ownLength)) {
      return { end: size, lastRecord, firstRecordNs, damagedAt: offset }
    }
    break
  }
  return { end: offset, lastRecord, firstRecordNs, damagedAt: undefined }
}

/** Cuts a torn tail and makes what was recovered durable. */
async function settle(
  options: RecoverOptions,
  last: FoundSegment,
  scan: Scan,
  file: DiskFile,
): Promise<void> {
  if (scan.end < last.size) await file.truncate(scan.end)
  if (scan.damagedAt === undefined) {
    // The last group is written once more. When its flush failed in the process before this one, the system
    // still shows its pages but holds them for clean: without this, a flush would succeed and write nothing.
    const from = Math.max(0, Math.min(scan.lastRecord, scan.end - options.maxGroupBytes))
    const tail = await options.disk.read(segmentFileName(last.number), from, scan.end - from)
    await file.write([tail], from)
  }
  await file.flush()
  await options.disk.flushDirectory()
}
