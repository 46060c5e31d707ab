// Segment files: their names, and the header at the beginning of each. All numbers are little-endian.
//
//   0  8 bytes  magic
//   8  u32      format version
//  12  u32      number of the segment
//  16  i64      time of creation, ns since the Unix epoch
//  24  u32      number of the segment before it, 0 for none
//  28  u32      where that one ends
//  32           zeros
//  60  u32      CRC-32 of the 60 bytes before
//
// Magic, version and checksum stay where they are in every future version.
import { crc32 } from 'node:zlib'
import type { Disk, DiskFile } from './disk.ts'

/** Bytes before the first record of a segment. */
export const SEGMENT_HEADER_BYTES = 64

/** The newest format of segments that this version reads, and the one that it writes. */
export const SEGMENT_FORMAT_VERSION = 1

const MAGIC = Buffer.from('AGLLOG\r\n', 'latin1')
const CHECKSUM_OFFSET = 60

/** Where a segment ends: records behind `end` were never acknowledged, whatever the file holds there. */
export interface SegmentEnd {
  readonly number: number
  readonly end: number
}

/** What a segment file says about itself. */
export interface SegmentHeader {
  readonly number: number
  readonly createdNs: bigint
  /**
   * The segment before this one and its acknowledged length. After a failed flush the file may hold more than
   * was acknowledged, and nothing more can be relied on in that file: its end is written into the next one.
   */
  readonly previous: SegmentEnd | undefined
}

/** What the first bytes of a segment file are. */
export type DecodedSegmentHeader =
  | { readonly type: 'header'; readonly header: SegmentHeader }
  | { readonly type: 'newer'; readonly version: number }
  | { readonly type: 'bad' }

/** The file name of a segment. */
export function segmentFileName(number: number): string {
  return `${String(number).padStart(8, '0')}.seg`
}

/** The number in a segment's file name, `undefined` for any other file. */
export function parseSegmentFileName(name: string): number | undefined {
  const match = /^(\d{8})\.seg$/.exec(name)
  return match && Number(match[1]) > 0 ? Number(match[1]) : undefined
}

/** The bytes of a segment header. */
export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES)
  MAGIC.copy(bytes)
  bytes.writeUInt32LE(SEGMENT_FORMAT_VERSION, 8)
  bytes.writeUInt32LE(header.number, 12)
  bytes.writeBigInt64LE(header.createdNs, 16)
  bytes.writeUInt32LE(header.previous?.number ?? 0, 24)
  bytes.writeUInt32LE(header.previous?.end ?? 0, 28)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, CHECKSUM_OFFSET)), CHECKSUM_OFFSET)
  return bytes
}

/** Reads a segment header; `number` is the one in the file's name and must be the one inside. */
export function decodeSegmentHeader(bytes: Buffer, number: number): DecodedSegmentHeader {
  const whole = bytes.length >= SEGMENT_HEADER_BYTES && bytes.subarray(0, MAGIC.length).equals(MAGIC)
  if (!whole || bytes.readUInt32LE(CHECKSUM_OFFSET) !== crc32(bytes.subarray(0, CHECKSUM_OFFSET))) {
    return { type: 'bad' }
  }
  const version = bytes.readUInt32LE(8)
  if (version > SEGMENT_FORMAT_VERSION) return { type: 'newer', version }
  if (bytes.readUInt32LE(12) !== number) return { type: 'bad' }
  const previousNumber = bytes.readUInt32LE(24)
  const previous = previousNumber === 0 ? undefined : { number: previousNumber, end: bytes.readUInt32LE(28) }
  return { type: 'header', header: { number, createdNs: bytes.readBigInt64LE(16), previous } }
}

/**
 * Creates a segment file whose header and name are on the disk when this resolves. The header is flushed alone,
 * before any record: a file with a broken header that holds more than a header was therefore not cut off by a
 * crash while it was created, and must not be thrown away. What was begun is removed again on an error.
 */
export async function createSegment(disk: Disk, header: SegmentHeader): Promise<DiskFile> {
  const name = segmentFileName(header.number)
  const file = await disk.create(name)
  try {
    await file.write([encodeSegmentHeader(header)], 0)
    await file.flush()
    await disk.flushDirectory()
    return file
  } catch (error) {
    await discard(disk, name, file)
    throw error
  }
}

/** Closes and removes a file that holds nothing acknowledged; false when it could not be removed. */
export async function discard(disk: Disk, name: string, file: DiskFile): Promise<boolean> {
  await file.close().catch(() => {})
  return disk.remove(name).then(
    () => true,
    () => false,
  )
}
