import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  parseSegmentFileName,
  SEGMENT_HEADER_BYTES,
  segmentFileName,
} from './segment.ts'

const header = {
  number: 12,
  createdNs: 1_763_845_200_123_456_789n,
  previous: { number: 11, end: 67_000_000 },
}

test('a segment header comes back as it went in', () => {
  for (const one of [header, { ...header, previous: undefined }]) {
    const bytes = encodeSegmentHeader(one)
    expect(bytes.length).toBe(SEGMENT_HEADER_BYTES)
    expect(decodeSegmentHeader(bytes, 12)).toEqual({ type: 'header', header: one })
  }
})

test('a short, damaged, foreign or renamed header is bad', () => {
  const bytes = encodeSegmentHeader(header)
  for (let length = 0; length < bytes.length; length++) {
    expect(decodeSegmentHeader(bytes.subarray(0, length), 12)).toEqual({ type: 'bad' })
  }
  for (let at = 0; at < bytes.length; at++) {
    const damaged = Buffer.from(bytes)
    damaged[at] = (damaged[at] ?? 0) ^ 16
    expect(decodeSegmentHeader(damaged, 12)).toEqual({ type: 'bad' })
  }
  expect(decodeSegmentHeader(Buffer.alloc(SEGMENT_HEADER_BYTES), 12)).toEqual({ type: 'bad' })
  expect(decodeSegmentHeader(bytes, 13)).toEqual({ type: 'bad' })
})

test('a newer format is told from a broken header', () => {
  const bytes = encodeSegmentHeader(header)
  bytes.writeUInt32LE(2, 8)
  expect(decodeSegmentHeader(bytes, 12)).toEqual({ type: 'bad' })
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
  expect(decodeSegmentHeader(bytes, 12)).toEqual({ type: 'newer', version: 2 })
})

test('file names sort by number, and other files are not segments', () => {
  expect(segmentFileName(1)).toBe('00000001.seg')
  expect(parseSegmentFileName(segmentFileName(2_097_151))).toBe(2_097_151)
  for (const name of ['00000000.seg', '1.seg', '00000001.seg.tmp', 'index.db', '000000001.seg']) {
    expect(parseSegmentFileName(name)).toBeUndefined()
  }
})
