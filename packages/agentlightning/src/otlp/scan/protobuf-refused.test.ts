import { describe, expect, test } from 'vitest'
import { decodeSpan } from '../decode/index.ts'
import { limits, seeAll } from './fixtures/collect.ts'
import { encodeRequest, field, varint } from './fixtures/protobuf-bytes.ts'
import { attribute, ids, nested, requestOf, spanId, spanOf, traceId } from './fixtures/protobuf-spans.ts'
import { Random } from './fixtures/random.ts'
import { randomRequest } from './fixtures/random-request.ts'
import { scanProtobufTraces } from './protobuf.ts'

describe('a span that cannot be taken', () => {
  const bad: [string, Buffer, string, string?][] = [
    [
      'a short trace id',
      Buffer.concat([field(1, 'short'), field(2, spanId)]),
      'the trace id is not 16 bytes',
    ],
    ['no trace id', field(2, spanId), 'the trace id is not 16 bytes'],
    [
      'a zero trace id',
      Buffer.concat([field(1, Buffer.alloc(16)), field(2, spanId)]),
      'the trace id is all zero',
    ],
    ['a long span id', Buffer.concat([field(1, traceId), field(2, traceId)]), 'the span id is not 8 bytes'],
    [
      'a zero span id',
      Buffer.concat([field(1, traceId), field(2, Buffer.alloc(8))]),
      'the span id is all zero',
    ],
    ['a short parent id', spanOf(field(4, 'abc')), 'the parent span id is not 8 bytes'],
    [
      'a value nested too deep',
      spanOf(attribute('k', nested(33))),
      'a value is nested deeper than 32 levels',
      ', attribute "k"',
    ],
    [
      '10,000 levels',
      spanOf(attribute('k', nested(10_000))),
      'a value is nested deeper than 32 levels',
      ', attribute "k"',
    ],
    [
      'an event nested too deep',
      spanOf(field(11, field(3, field(2, nested(33))))),
      'a value is nested deeper than 32 levels',
    ],
    [
      'a link nested too deep',
      spanOf(field(13, field(4, field(2, nested(33))))),
      'a value is nested deeper than 32 levels',
    ],
  ]
  test.each(bad)('for %s is rejected alone, with its name', (_, span, reason, at = '') => {
    const named = Buffer.concat([field(5, 'plan'), span])
    const { result, spans } = seeAll('protobuf', requestOf(ids, named, ids))
    expect(result).toEqual({
      accepted: 2,
      rejected: [{ reason: `${reason} (span 2 "plan"${at})`, count: 1 }],
    })
    expect(spans).toHaveLength(2)
  })

  test('for its size is rejected without being read', () => {
    const body = requestOf(ids, Buffer.concat([ids, field(99, 'x'.repeat(100))]))
    expect(scanProtobufTraces(body, { ...limits, spanBytes: 100 })).toEqual({
      accepted: 1,
      rejected: [{ reason: 'a span is larger than 100 bytes (span 2)', count: 1 }],
    })
  })

  test('is counted with the others of its cause, and the first is named', () => {
    const body = requestOf(ids, field(5, 'a'), field(5, 'b'), field(5, 'n'.repeat(500)))
    expect(scanProtobufTraces(body, limits).rejected).toEqual([
      { reason: 'the trace id is not 16 bytes (first: span 2 "a")', count: 3 },
    ])
  })

  test('for its resource or scope takes those of the same one with it', () => {
    const deep = field(1, field(1, field(2, nested(33))))
    const deepScope = field(1, field(3, field(2, nested(33))))
    const good = field(2, field(2, ids))
    const body = Buffer.concat([
      field(1, good),
      field(1, Buffer.concat([good, good, deep])),
      field(1, Buffer.concat([good, field(2, Buffer.concat([field(2, ids), deepScope]))])),
    ])
    const { result, spans } = seeAll('protobuf', body)
    expect(result).toEqual({
      accepted: 2,
      rejected: [
        { reason: 'in its resource, a value is nested deeper than 32 levels (first: span 2)', count: 2 },
        { reason: 'in its scope, a value is nested deeper than 32 levels (span 5)', count: 1 },
      ],
    })
    expect(spans).toHaveLength(2)
  })

  test('is not one with exactly the nesting allowed', () => {
    const { result, spans } = seeAll('protobuf', requestOf(spanOf(attribute('k', nested(32)))))
    expect(result.rejected).toEqual([])
    expect(
      JSON.stringify(spans[0], (_, value) => (typeof value === 'bigint' ? Number(value) : value)),
    ).toContain('deep')
  })

  test('is bounded in its nesting whatever the limit says', () => {
    const wide = { ...limits, spanBytes: 1e9, depth: 1e9 }
    expect(seeAll('protobuf', requestOf(spanOf(attribute('k', nested(250)))), wide).result.accepted).toBe(1)
    expect(scanProtobufTraces(requestOf(spanOf(attribute('k', nested(251)))), wide).rejected).toHaveLength(1)
  })

  test('is not one with an all-zero parent, which is a root', () => {
    expect(seeAll('protobuf', requestOf(spanOf(field(4, Buffer.alloc(8))))).spans[0]).toMatchObject({
      parentSpanId: undefined,
      decoded: { span: { parentSpanId: '' } },
    })
  })
})

describe('a malformed protobuf body', () => {
  const at = (body: Buffer, what: RegExp): [Buffer, RegExp] => [body, what]
  const bad: [string, [Buffer, RegExp]][] = [
    ['a group', at(Buffer.from([0x0b, 0x0c]), /field 1 has wire type 3 at byte 1/)],
    ['an unknown group', at(Buffer.from([0x2b, 0x2c]), /unsupported wire type 3 at byte 1/)],
    ['field number 0', at(Buffer.from([0x02, 0x00]), /field number is out of range at byte 0/)],
    [
      'a field number above 2^29',
      at(Buffer.from([0x82, 0x80, 0x80, 0x80, 0x10, 0x00]), /field number is out of range/),
    ],
    [
      'a length beyond the body',
      at(Buffer.from([0x0a, 0x05, 0x01]), /a length runs past the end of its message at byte 1/),
    ],
    ['a huge length', at(Buffer.from([0x0a, ...Array(9).fill(0xff), 0x7f]), /a length runs past the end/)],
    [
      'an endless number',
      at(Buffer.concat([Buffer.from([0x10 + 0x10]), Buffer.alloc(20, 0xff)]), /longer than 10 bytes/),
    ],
    ['a number cut off', at(Buffer.from([0x20, 0x80]), /a number is cut off/)],
    ['nothing after a tag', at(Buffer.from([0x0a]), /a number is cut off/)],
    [
      'a known field of another type',
      at(requestOf(spanOf(Buffer.concat([varint(5 * 8), varint(1)]))), /field 5 has wire type 0/),
    ],
    [
      'a time of another type',
      at(requestOf(spanOf(Buffer.concat([varint(7 * 8), varint(1)]))), /field 7 has wire type 0/),
    ],
    ['a cut-off time', at(requestOf(spanOf(Buffer.from([0x39, 1, 2]))), /a number is cut off/)],
    ['a broken attribute', at(requestOf(spanOf(field(9, Buffer.from([0x0a, 0x09])))), /a length runs past/)],
    ['a broken value', at(requestOf(spanOf(attribute('k', Buffer.from([0x21, 1])))), /a number is cut off/)],
    [
      'an array element of too long a number',
      at(
        requestOf(spanOf(attribute('k', field(5, field(1, Buffer.from(`18${'80'.repeat(10)}01`, 'hex')))))),
        /longer than 10 bytes/,
      ),
    ],
    [
      'a broken array element',
      at(
        requestOf(spanOf(attribute('k', field(5, Buffer.from([0x0a, 0x02, 0x18, 0x80]))))),
        /a number is cut off/,
      ),
    ],
    [
      'a broken event',
      at(requestOf(spanOf(field(11, Buffer.from([0x0a, 0x00])))), /field 1 has wire type 2/),
    ],
    ['a broken link', at(requestOf(spanOf(field(13, Buffer.from([0x08, 0x00])))), /field 1 has wire type 0/)],
    [
      'a broken status',
      at(requestOf(spanOf(field(15, Buffer.from([0x1d, 0, 0, 0, 0])))), /field 3 has wire type 5/),
    ],
    ['a broken resource', at(field(1, field(1, Buffer.from([0x0a, 0x05]))), /a length runs past/)],
    [
      'a broken scope',
      at(field(1, field(2, field(1, Buffer.from([0x18, 0x05])))), /field 3 has wire type 0/),
    ],
  ]
  test.each(bad)('with %s is refused, and no span of it is shown', (_, [body, what]) => {
    for (const sent of [body, Buffer.concat([requestOf(ids), body])]) {
      let seen = 0
      let error: unknown
      try {
        scanProtobufTraces(sent, limits, () => seen++)
      } catch (thrown) {
        error = thrown
      }
      expect(error).toMatchObject({ code: 'AGL_BAD_BODY', details: { format: 'OTLP protobuf' } })
      expect(seen).toBe(0)
    }
    expect(() => scanProtobufTraces(body, limits)).toThrow(what)
  })
})

test('mutated bodies are refused or can be decoded, and nothing else happens', () => {
  const random = new Random(2024)
  let accepted = 0
  let refused = 0
  for (let round = 0; round < 4000; round++) {
    const bytes = encodeRequest(randomRequest(random))
    if (bytes.length === 0) continue
    const body = mutate(bytes, random)
    try {
      accepted += seeAll('protobuf', body).result.accepted
    } catch (error) {
      expect(error).toMatchObject({ code: 'AGL_BAD_BODY' })
      refused++
    }
  }
  expect(accepted).toBeGreaterThan(1000)
  expect(refused).toBeGreaterThan(1000)
})

test('decoding bytes that are no span is refused', () => {
  expect(() => decodeSpan('protobuf', Buffer.from([0x0a, 0x7f]))).toThrow(/not a valid OTLP protobuf message/)
  expect(() => decodeSpan('protobuf', attribute('k', nested(2000)))).toThrow(/nested deeper/)
})

function mutate(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes)
  const at = random.int(copy.length)
  switch (random.int(4)) {
    case 0:
      copy[at] = copy[at]! ^ (1 << random.int(8))
      return copy
    case 1:
      copy[at] = random.pick([0, 1, 0x7f, 0x80, 0xff])
      return copy
    case 2:
      return copy.subarray(0, at)
    default:
      return Buffer.concat([
        copy.subarray(0, at),
        random.bytes(random.int(4)),
        copy.subarray(at + random.int(4)),
      ])
  }
}
