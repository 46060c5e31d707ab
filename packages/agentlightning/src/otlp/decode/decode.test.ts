import { describe, expect, test } from 'vitest'
import { messageType } from '../scan/fixtures/otlp-proto.ts'
import { field, varint } from '../scan/fixtures/protobuf-bytes.ts'
import { Random } from '../scan/fixtures/random.ts'
import { randomValue } from '../scan/fixtures/random-request.ts'
import { decodeResource, decodeScope, decodeSpan, plainValue } from './index.ts'

describe('an empty slice', () => {
  test.each([
    ['protobuf', ''],
    ['json', '{}'],
  ] as const)('of %s decodes to the defaults', (encoding, text) => {
    const bytes = Buffer.from(text)
    expect(decodeSpan(encoding, bytes)).toMatchObject({
      traceId: '',
      parentSpanId: '',
      startTimeUnixNano: '0',
      attributes: [],
      events: [],
      links: [],
      status: { code: 0, message: '' },
    })
    expect(decodeResource(encoding, bytes)).toEqual({ attributes: [], droppedAttributesCount: 0 })
    expect(decodeScope(encoding, bytes)).toEqual({
      name: '',
      version: '',
      attributes: [],
      droppedAttributesCount: 0,
    })
  })
})

test('values of every type come back as protobufjs gives them', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const attributes = [{ key: 'k', value: randomValue(new Random(seed), 6) }]
    const type = messageType('Resource')
    const bytes = type.encode({ attributes })
    expect(decodeResource('protobuf', bytes).attributes, `seed ${seed}`).toEqual(attributes)
    expect(decodeResource('protobuf', bytes), `seed ${seed}`).toEqual(type.decode(bytes))
    expect(decodeResource('json', Buffer.from(JSON.stringify({ attributes }))).attributes).toEqual(attributes)
  }
})

test('integers come back exactly, also written longer than they must be', () => {
  for (const value of [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, 2n ** 49n]) {
    const long = Buffer.concat([varint(24), varint(value, value < 0n || value > 2n ** 56n ? 0 : 2)])
    const bytes = field(1, Buffer.concat([field(1, 'k'), field(2, field(5, field(1, long)))]))
    expect(decodeResource('protobuf', bytes).attributes).toEqual([
      { key: 'k', value: { arrayValue: { values: [{ intValue: String(value) }] } } },
    ])
  }
})

test('a negative zero and bits that are no number survive as far as JSON goes', () => {
  const double = (value: number) => {
    const bytes = Buffer.alloc(9, 0x21)
    bytes.writeDoubleLE(value, 1)
    return field(1, field(2, bytes))
  }
  const bytes = Buffer.concat([double(-0), double(Number.NaN), double(Number.NEGATIVE_INFINITY)])
  expect(decodeResource('protobuf', bytes).attributes.map(({ value }) => value)).toEqual([
    { doubleValue: -0 },
    { doubleValue: 'NaN' },
    { doubleValue: '-Infinity' },
  ])
})

test('text that is no JSON is refused with its place', () => {
  expect(() => decodeSpan('json', Buffer.from('{"name":"a"} x'))).toThrow(/more text follows.* at byte 13/)
  expect(() => decodeResource('json', Buffer.from('{'))).toThrow(/it ends too early at byte 1/)
})

describe('a plain value', () => {
  test('has no types, and no integer that JavaScript cannot hold', () => {
    const list = [
      { stringValue: 's' },
      { boolValue: false },
      { intValue: '42' },
      { intValue: '9007199254740993' },
      { doubleValue: 1.5 },
      { doubleValue: 'NaN' as const },
      { bytesValue: 'AAE=' },
      {},
    ]
    expect(plainValue({ arrayValue: { values: list } })).toEqual([
      's',
      false,
      42,
      '9007199254740993',
      1.5,
      'NaN',
      'AAE=',
      null,
    ])
  })

  test('of a kvlist is an object that no key can harm', () => {
    const plain = plainValue({
      kvlistValue: {
        values: [
          { key: '__proto__', value: { stringValue: 'x' } },
          { key: 'a', value: { intValue: '1' } },
          { key: 'a', value: { intValue: '2' } },
        ],
      },
    })
    expect(JSON.stringify(plain)).toBe('{"__proto__":"x","a":2}')
    expect(Object.getPrototypeOf(plain)).toBe(Object.prototype)
  })
})
