import { expect, test } from 'vitest'
import { seeAll, limits as usual } from './fixtures/collect.ts'
import { field, varint } from './fixtures/protobuf-bytes.ts'
import { scanTraces } from './index.ts'
import { createKeyTable } from './key-table.ts'

const ids = { traceId: '53d397bc33322d9257387a54df79c5de', spanId: 'd5c50335b0cf9d58' }
const limits = { ...usual, arrayIntegers: 40, arrayElements: 20, spanAttributes: 4 }

type Element = 'int' | 'long' | 'text' | 'hole'

/** An element in each encoding. */
const elements: Readonly<Record<Element, readonly [Buffer, string]>> = {
  int: [Buffer.concat([varint(0x18), varint(7)]), '{"intValue":"7"}'],
  long: [Buffer.concat([varint(0x18), varint(-1n)]), '{"intValue":"-1"}'],
  text: [field(1, 'x'), '{"stringValue":"x"}'],
  hole: [Buffer.alloc(0), '{}'],
}

/** A batch whose one attribute `k` is an array of these. */
function arrayBodies(list: readonly Element[]): readonly ['protobuf' | 'json', Buffer][] {
  const array = field(5, Buffer.concat(list.map((name) => field(1, elements[name][0]))))
  const json = `{"arrayValue":{"values":[${list.map((name) => elements[name][1]).join(',')}]}}`
  return bodies([[field(2, array), json]])
}

function bodies(values: readonly (readonly [Buffer, string])[]): readonly ['protobuf' | 'json', Buffer][] {
  const attributes = values.map(([value]) => field(9, Buffer.concat([field(1, 'k'), value])))
  const span = [
    field(1, Buffer.from(ids.traceId, 'hex')),
    field(2, Buffer.from(ids.spanId, 'hex')),
    ...attributes,
  ]
  const json = values.map(([, value]) => ({ key: 'k', value: JSON.parse(value) as unknown }))
  const request = { resourceSpans: [{ scopeSpans: [{ spans: [{ ...ids, attributes: json }] }] }] }
  return [
    ['protobuf', field(1, field(2, field(2, Buffer.concat(span))))],
    ['json', Buffer.from(JSON.stringify(request))],
  ]
}

const many = (count: number, name: Element) => Array.from({ length: count }, () => name)
const integers = 'an array has more than 40 integers (span 1, attribute "k")'
const others = 'an array has more than 20 elements (span 1, attribute "k")'

test.each([
  ['40 integers', many(40, 'int'), undefined],
  ['40 integers of ten bytes', many(40, 'long'), undefined],
  ['41 integers', many(41, 'int'), integers],
  ['41 integers of ten bytes', many(41, 'long'), integers],
  ['4,000 integers', many(4000, 'int'), integers],
  ['20 texts', many(20, 'text'), undefined],
  ['21 texts', many(21, 'text'), others],
  ['4,000 texts', many(4000, 'text'), others],
  ['21 holes', many(21, 'hole'), others],
  [
    '40 integers and 20 texts among them',
    Array.from({ length: 60 }, (_, at): Element => (at % 3 ? 'int' : 'text')),
    undefined,
  ],
  ['40 integers and 21 texts', [...many(40, 'int'), ...many(21, 'text')], others],
] as const)('an array of %s', (_, list, reason) => {
  for (const [encoding, body] of arrayBodies(list)) {
    const rejected = reason === undefined ? [] : [{ reason, count: 1 }]
    expect(scanTraces(encoding, body, limits), encoding).toEqual({ accepted: reason ? 0 : 1, rejected })
  }
})

test('a key-value list has as many entries as other arrays have elements', () => {
  for (const entries of [20, 21, 4000]) {
    const list = Buffer.concat(Array.from({ length: entries }, () => field(1, field(1, 'a'))))
    const json = `{"kvlistValue":{"values":[${many(entries, 'hole')
      .map(() => '{"key":"a"}')
      .join(',')}]}}`
    for (const [encoding, body] of bodies([[field(2, field(6, list)), json]])) {
      const reason = 'a key-value list has more than 20 entries (span 1, attribute "k")'
      const rejected = entries > 20 ? [{ reason, count: 1 }] : []
      expect(scanTraces(encoding, body, limits).rejected, encoding).toEqual(rejected)
    }
  }
})

test('arrays within arrays are counted one by one', () => {
  const inner = (count: number) =>
    field(5, Buffer.concat(many(count, 'text').map(() => field(1, elements.text[0]))))
  const json = (count: number) =>
    `{"arrayValue":{"values":[${many(count, 'text')
      .map(() => elements.text[1])
      .join(',')}]}}`
  for (const [count, taken] of [
    [20, 1],
    [21, 0],
  ] as const) {
    const outer = field(2, field(5, Buffer.concat(Array.from({ length: 15 }, () => field(1, inner(count))))))
    const text = `{"arrayValue":{"values":[${Array.from({ length: 15 }, () => json(count)).join(',')}]}}`
    for (const [encoding, body] of bodies([[outer, text]])) {
      expect(scanTraces(encoding, body, limits).accepted, encoding).toBe(taken)
    }
  }
})

test('the limits of every day: 2,000,000 integers and 100,000 others', () => {
  for (const [list, taken] of [
    [many(2_000_000, 'int'), 1],
    [many(2_000_001, 'int'), 0],
    [many(100_000, 'text'), 1],
    [many(100_001, 'text'), 0],
  ] as const) {
    for (const [encoding, body] of arrayBodies(list))
      expect(scanTraces(encoding, body, { ...usual, spanBytes: 2 ** 30 }).accepted).toBe(taken)
  }
})

test('the first attributes are shown, and all are counted', () => {
  const table = createKeyTable([['k', 'k']])
  for (const count of [3, 4, 5, 4000]) {
    for (const [encoding, body] of bodies(
      Array.from({ length: count }, () => [field(2, elements.int[0]), elements.int[1]] as const),
    )) {
      let shown = 0
      scanTraces(encoding, body, limits, (span) => {
        expect(span.attributeCount).toBe(count)
        span.attributes(table, () => shown++)
      })
      expect(shown, encoding).toBe(Math.min(count, 4))
      expect(seeAll(encoding, body).result.accepted).toBe(1)
    }
  }
})
