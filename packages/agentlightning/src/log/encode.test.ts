import { expect, test } from 'vitest'
import { bindToSegment, decodeRecord, encodeRecord, PREFIX_BYTES } from './encode.ts'
import { positionOf, type RecordHeader, type RecordKind, recordKinds } from './record.ts'
import { seededRandom } from './testing/memory-disk.ts'

const full: Required<RecordHeader> = {
  kind: 'otlpTraces',
  receivedNs: 1_763_845_200_123_456_789n,
  project: '6a1f2f6e-5df6-4b4c-9a4b-0c9b1d7a2e11',
  projectSource: 'token',
  keyHash: 'ab'.repeat(32),
  route: '/v1/traces',
  contentType: 'application/x-protobuf',
  userAgent: 'OTel-OTLP-Exporter-Python/1.38 ünïcödé 🙂',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  sessionId: '',
  run: 'run-1',
  rollout: 'rollout-2',
  attempt: '3',
  mode: 'train',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  ref: positionOf(2 ** 21 - 1, 2 ** 32 - 1),
}

function bytesOf(header: RecordHeader, payload: Uint8Array[], segment = 1): Buffer {
  const record = encodeRecord(header, payload)
  bindToSegment(record, segment)
  const bytes = Buffer.concat(record.parts)
  expect(bytes.length).toBe(record.length)
  return bytes
}

function decodeOne(bytes: Buffer, segment = 1) {
  return decodeRecord(bytes, 0, bytes.length, segment)
}

test('a record comes back as it went in, at any offset', () => {
  const bytes = bytesOf(full, [Buffer.from('hello '), new Uint8Array(0), Buffer.from('world')])
  const shifted = Buffer.concat([Buffer.alloc(13, 7), bytes, Buffer.alloc(9, 7)])
  const decoded = decodeRecord(shifted, 13, shifted.length, 1)
  if (decoded.type !== 'record') throw new Error(decoded.type)
  expect(decoded.header).toEqual(full)
  expect(decoded.totalLength).toBe(bytes.length)
  const { payloadOffset, payloadLength } = decoded
  expect(shifted.toString('latin1', payloadOffset, payloadOffset + payloadLength)).toBe('hello world')
})

test('every kind survives, and fields that are absent stay absent', () => {
  for (const kind of Object.keys(recordKinds) as RecordKind[]) {
    expect(decodeOne(bytesOf({ kind, receivedNs: 5n }, []))).toMatchObject({
      kindNumber: recordKinds[kind],
      payloadLength: 0,
    })
    expect(decodeOne(bytesOf({ kind, receivedNs: 5n }, []))).toHaveProperty('header', {
      kind,
      receivedNs: 5n,
    })
  }
})

test('the payload is passed on without a copy', () => {
  const payload = Buffer.from('large')
  expect(encodeRecord(full, [payload]).parts[1]).toBe(payload)
})

test('each cut of a record is torn and says how much it needs', () => {
  const bytes = bytesOf(full, [Buffer.from('payload')])
  expect(decodeRecord(bytes, 0, 0, 1)).toEqual({ type: 'end' })
  for (let end = 1; end < bytes.length; end++) {
    const needed = end < PREFIX_BYTES ? PREFIX_BYTES : bytes.length
    expect(decodeRecord(bytes, 0, end, 1)).toEqual({ type: 'torn', needed })
  }
})

test('a flip of any bit is noticed', () => {
  const bytes = bytesOf(full, [Buffer.from('payload')])
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = Buffer.from(bytes)
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(decodeOne(damaged).type).not.toBe('record')
  }
})

test('zeros are no record, and neither is a record of another segment', () => {
  expect(decodeOne(Buffer.alloc(4096))).toMatchObject({ type: 'corrupt', totalLength: undefined })
  const bytes = bytesOf(full, [Buffer.from('payload')], 7)
  expect(decodeOne(bytes, 8)).toMatchObject({ type: 'corrupt', totalLength: bytes.length })
  expect(decodeOne(bytes, 7).type).toBe('record')
})

test('random bytes never throw', () => {
  const random = seededRandom(1)
  for (let round = 0; round < 2000; round++) {
    const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 80) }, () => random() * 256))
    if (bytes.length >= 8 && random() < 0.5) bytes.writeUInt32LE(bytes.length, 4)
    expect(decodeOne(bytes).type).not.toBe('record')
  }
})

/** A record of a future version: `change` edits its bytes, the checksum is made to fit. */
function altered(change: (bytes: Buffer) => Buffer): Buffer {
  const bytes = change(bytesOf({ kind: 'note', receivedNs: 9n, run: 'abc' }, [Buffer.from('payload')]))
  bytes.writeUInt32LE(bytes.length, 4)
  const record = { parts: [bytes], length: bytes.length, crc: crcOf(bytes) }
  bindToSegment(record, 1)
  return bytes
}

function crcOf(bytes: Buffer): number {
  let crc = ~0
  for (const byte of bytes.subarray(4)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}

test('a kind that this version does not know is a record without a header', () => {
  const bytes = altered((b) => {
    b.writeUInt16LE(9999, 10)
    return b
  })
  expect(decodeOne(bytes)).toMatchObject({
    type: 'record',
    kindNumber: 9999,
    header: undefined,
    payloadLength: 7,
  })
})

test('a record format that this version does not know is a record without a header', () => {
  const bytes = altered((b) => {
    b[8] = 2
    return b
  })
  expect(decodeOne(bytes)).toMatchObject({ type: 'record', header: undefined, totalLength: bytes.length })
})

test('a field that this version does not know is passed over', () => {
  const unknown = Buffer.from([0x0f, 0x27, 3, 0, 0, 0, 1, 2, 3])
  const bytes = altered((b) => {
    b.writeUInt32LE(b.readUInt32LE(12) + unknown.length, 12)
    return Buffer.concat([b.subarray(0, PREFIX_BYTES), unknown, b.subarray(PREFIX_BYTES)])
  })
  expect(decodeOne(bytes)).toMatchObject({
    header: { kind: 'note', receivedNs: 9n, run: 'abc' },
    payloadLength: 7,
  })
})

test('header fields that contradict their lengths are a record without a header', () => {
  const tooLong = altered((b) => {
    b.writeUInt32LE(1000, PREFIX_BYTES + 2)
    return b
  })
  const fieldsBehindEnd = altered((b) => {
    b.writeUInt32LE(b.length, 12)
    return b
  })
  for (const bytes of [tooLong, fieldsBehindEnd]) {
    expect(decodeOne(bytes)).toMatchObject({ type: 'record', header: undefined, totalLength: bytes.length })
  }
})

test('a payload above the limit is refused before anything is written', () => {
  const part = new Uint8Array(2 ** 28)
  expect(() => encodeRecord(full, [part, part, part, part])).toThrow(
    expect.objectContaining({ code: 'AGL_BODY_TOO_LARGE' }),
  )
})
