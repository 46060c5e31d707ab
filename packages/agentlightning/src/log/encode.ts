// Bytes of one record. All numbers are little-endian.
//
//   0  u32  checksum: CRC-32 of everything after it, xor the segment number
//   4  u32  length of the whole record
//   8  u8   format version
//   9  u8   0
//  10  u16  kind (`recordKinds`)
//  12  u32  length of the header fields
//  16  i64  time of receipt, ns since the Unix epoch
//  24       header fields, each: u16 tag, u32 length, bytes
//           payload
//
// Checksum and length stay where they are in every future version, so that an older program can step over what
// it cannot read. Fields may be added; a reader skips tags that it does not know.
import { crc32 } from 'node:zlib'
import { AglError } from '../errors.ts'
import {
  offsetOf,
  type Place,
  type Position,
  type ProjectSource,
  positionOf,
  type RecordHeader,
  type RecordKind,
  recordKinds,
  segmentOf,
} from './record.ts'

/** Bytes before the header fields. */
export const PREFIX_BYTES = 24

/** No record is longer: a damaged length is then seldom believed, and a reader's buffer stays bounded. */
const MAX_RECORD_BYTES = 2 ** 30

const FORMAT_VERSION = 1
const FIELD_BYTES = 6
const REF_TAG = 15
const REF_BYTES = 8
/** Segments are counted from 1. */
const NO_REF = 0

// Tags are on disk: never renumber, only add.
const textTags = {
  project: 1,
  projectSource: 2,
  keyHash: 3,
  route: 4,
  contentType: 5,
  userAgent: 6,
  traceId: 7,
  sessionId: 8,
  run: 9,
  rollout: 10,
  attempt: 11,
  mode: 12,
  traceparent: 13,
} as const satisfies Partial<Record<keyof RecordHeader, number>>

type TextField = keyof typeof textTags

const textFields = Object.entries(textTags) as [TextField, number][]
const fieldOfTag = new Map(textFields.map(([field, tag]) => [tag, field]))
const kindOfNumber = new Map<number, RecordKind>(
  Object.entries(recordKinds).map(([kind, number]) => [number, kind as RecordKind]),
)
const projectSources: readonly string[] = ['token', 'key', 'path', 'none'] satisfies ProjectSource[]

/** A record ready to be written, once `bindToSegment` has put its checksum in. */
export interface EncodedRecord {
  /** Prefix and header in the first part, then the payload as it was given, not copied. */
  readonly parts: readonly Uint8Array[]
  /** Bytes of all parts. */
  readonly length: number
  /** CRC-32 of everything after the checksum field; `undefined` while `refersTo` may not be known. */
  readonly crc: number | undefined
  readonly refersTo?: Place | undefined
}

/**
 * Encodes a record. The payload is not copied: its bytes must stay as they are until the record is written.
 *
 * CRC-32 and not CRC-32C, because the runtime brings it as native code (`zlib.crc32`): several times faster
 * than any CRC-32C in JavaScript, and of the same strength against torn writes and flipped bits.
 *
 * @throws AGL_BODY_TOO_LARGE above 1 GiB
 */
export function encodeRecord(
  header: RecordHeader,
  payload: readonly Uint8Array[],
  refersTo?: Place,
): EncodedRecord {
  const head = encodeHead(refersTo ? { ...header, ref: NO_REF } : header)
  let length = head.length
  for (const part of payload) length += part.length
  if (length > MAX_RECORD_BYTES) throw new AglError('AGL_BODY_TOO_LARGE', { limit: MAX_RECORD_BYTES })
  head.writeUInt32LE(length, 4)
  const parts = [head, ...payload]
  return { parts, length, crc: refersTo ? undefined : checksumOf(parts), refersTo }
}

function checksumOf([head, ...payload]: readonly Uint8Array[]): number {
  let crc = crc32((head as Uint8Array).subarray(4))
  for (const part of payload) crc = crc32(part, crc)
  return crc
}

/**
 * Completes a record for the segment that it goes to. The segment's number is part of the checksum: after a
 * power loss some file systems show the old bytes of a removed segment in a new one, and whole records of it
 * must not count as records of this one.
 */
export function bindToSegment(record: EncodedRecord, segment: number): void {
  const head = record.parts[0] as Buffer
  // It is the last field.
  if (record.refersTo) writePosition(head, head.length - REF_BYTES, record.refersTo.at ?? NO_REF)
  head.writeUInt32LE(((record.crc ?? checksumOf(record.parts)) ^ segment) >>> 0, 0)
}

/** A whole record with a valid checksum. */
interface DecodedRecord {
  readonly type: 'record'
  readonly kindNumber: number
  /** `undefined` when this version does not know the kind or the format of the record. */
  readonly header: RecordHeader | undefined
  /** Where the payload begins in the buffer. */
  readonly payloadOffset: number
  readonly payloadLength: number
  readonly totalLength: number
}

/** What lies at a place where a record should begin. */
export type Decoded =
  | DecodedRecord
  /** Nothing: the buffer ends here. */
  | { readonly type: 'end' }
  /** The buffer ends inside a record of at least `needed` bytes. */
  | { readonly type: 'torn'; readonly needed: number }
  /** No valid record. `totalLength` is what its length field says, where that can be true. */
  | { readonly type: 'corrupt'; readonly reason: string; readonly totalLength: number | undefined }

const END: Decoded = { type: 'end' }
const TORN_PREFIX: Decoded = { type: 'torn', needed: PREFIX_BYTES }

/** Reads the record at `offset` of a buffer whose valid bytes end at `end`; never throws. */
export function decodeRecord(buffer: Buffer, offset: number, end: number, segment: number): Decoded {
  const available = end - offset
  if (available <= 0) return END
  if (available < PREFIX_BYTES) return TORN_PREFIX
  const totalLength = buffer.readUInt32LE(offset + 4)
  if (totalLength < PREFIX_BYTES || totalLength > MAX_RECORD_BYTES) {
    return { type: 'corrupt', reason: `impossible length ${totalLength}`, totalLength: undefined }
  }
  if (available < totalLength) return { type: 'torn', needed: totalLength }
  const crc = crc32(buffer.subarray(offset + 4, offset + totalLength))
  if ((crc ^ segment) >>> 0 !== buffer.readUInt32LE(offset)) {
    return { type: 'corrupt', reason: 'wrong checksum', totalLength }
  }
  const kindNumber = buffer.readUInt16LE(offset + 10)
  const fieldsLength = buffer.readUInt32LE(offset + 12)
  const known = buffer[offset + 8] === FORMAT_VERSION && fieldsLength <= totalLength - PREFIX_BYTES
  const headBytes = known ? PREFIX_BYTES + fieldsLength : PREFIX_BYTES
  return {
    type: 'record',
    kindNumber,
    header: known ? decodeHead(buffer, offset, offset + headBytes, kindNumber) : undefined,
    payloadOffset: offset + headBytes,
    payloadLength: totalLength - headBytes,
    totalLength,
  }
}

function encodeHead(header: RecordHeader): Buffer {
  let fieldsLength = header.ref === undefined ? 0 : FIELD_BYTES + REF_BYTES
  for (const [field] of textFields) {
    const value = header[field]
    if (value !== undefined) fieldsLength += FIELD_BYTES + Buffer.byteLength(value)
  }
  const head = Buffer.allocUnsafe(PREFIX_BYTES + fieldsLength)
  head.writeUInt16LE(FORMAT_VERSION, 8)
  head.writeUInt16LE(recordKinds[header.kind], 10)
  head.writeUInt32LE(fieldsLength, 12)
  head.writeBigInt64LE(header.receivedNs, 16)
  let at = PREFIX_BYTES
  for (const [field, tag] of textFields) {
    const value = header[field]
    if (value === undefined) continue
    const length = head.write(value, at + FIELD_BYTES)
    writeField(head, at, tag, length)
    at += FIELD_BYTES + length
  }
  if (header.ref !== undefined) {
    writeField(head, at, REF_TAG, REF_BYTES)
    writePosition(head, at + FIELD_BYTES, header.ref)
  }
  return head
}

function writePosition(head: Buffer, at: number, position: Position): void {
  head.writeUInt32LE(segmentOf(position), at)
  head.writeUInt32LE(offsetOf(position), at + 4)
}

function writeField(head: Buffer, at: number, tag: number, length: number): void {
  head.writeUInt16LE(tag, at)
  head.writeUInt32LE(length, at + 2)
}

function decodeHead(
  buffer: Buffer,
  offset: number,
  end: number,
  kindNumber: number,
): RecordHeader | undefined {
  const kind = kindOfNumber.get(kindNumber)
  if (kind === undefined) return undefined
  const header: Record<string, unknown> & { kind: RecordKind; receivedNs: bigint } = {
    kind,
    receivedNs: buffer.readBigInt64LE(offset + 16),
  }
  let at = offset + PREFIX_BYTES
  while (at < end) {
    if (end - at < FIELD_BYTES) return undefined
    const tag = buffer.readUInt16LE(at)
    const length = buffer.readUInt32LE(at + 2)
    at += FIELD_BYTES
    if (length > end - at) return undefined
    const field = fieldOfTag.get(tag)
    if (field !== undefined) {
      const value = buffer.toString('utf8', at, at + length)
      if (field !== 'projectSource' || projectSources.includes(value)) header[field] = value
    } else if (tag === REF_TAG && length === REF_BYTES) {
      const ref = positionOf(buffer.readUInt32LE(at), buffer.readUInt32LE(at + 4))
      if (ref !== NO_REF) header.ref = ref
    }
    at += length
  }
  return header
}
