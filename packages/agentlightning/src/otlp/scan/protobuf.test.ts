import { describe, expect, test } from 'vitest'
import { expectedSpans, limits, seeAll } from './fixtures/collect.ts'
import { messageType } from './fixtures/otlp-proto.ts'
import { encodeRequest, field, rewriteRequest, varint } from './fixtures/protobuf-bytes.ts'
import { attribute, ids, requestOf, spanOf } from './fixtures/protobuf-spans.ts'
import { Random } from './fixtures/random.ts'
import { type DecodedRequest, randomRequest, randomSpan } from './fixtures/random-request.ts'
import { scanProtobufTraces } from './protobuf.ts'

describe('a scan of OTLP protobuf', () => {
  test('shows what protobufjs decodes, field by field', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const random = new Random(seed)
      const made = randomRequest(random)
      const bytes = encodeRequest(made)
      expect(seeAll('protobuf', bytes).spans, `seed ${seed}`).toEqual(expectedSpans(fromOracle(bytes)))
      expect(seeAll('protobuf', bytes).spans, `seed ${seed}`).toEqual(expectedSpans(made))
    }
  })

  test('does not care about the order of fields, unknown fields and long lengths', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const random = new Random(seed)
      const made = randomRequest(random)
      const bytes = rewriteRequest(encodeRequest(made), random)
      expect(fromOracle(bytes), `seed ${seed}`).toEqual(fromOracle(encodeRequest(made)))
      expect(seeAll('protobuf', bytes).spans, `seed ${seed}`).toEqual(expectedSpans(made))
    }
  })

  test('counts the same without a visitor', () => {
    const made = randomRequest(new Random(9))
    const bytes = encodeRequest(made)
    expect(scanProtobufTraces(bytes, limits)).toEqual(seeAll('protobuf', bytes).result)
  })

  test('takes an empty body for an empty request', () => {
    expect(scanProtobufTraces(Buffer.alloc(0), limits)).toEqual({ accepted: 0, rejected: [] })
  })

  test('keeps every row of a large batch', () => {
    const random = new Random(3)
    const spans = Array.from({ length: 1000 }, () => randomSpan(random))
    const made: DecodedRequest = { resourceSpans: [{ scopeSpans: [{ spans }] }] }
    expect(seeAll('protobuf', encodeRequest(made)).spans).toEqual(expectedSpans(made))
  })

  test('gives all spans of one scope the same context object', () => {
    const contexts = new Set<object>()
    const scope = field(2, Buffer.concat([field(2, ids), field(2, ids)]))
    scanProtobufTraces(field(1, Buffer.concat([scope, scope])), limits, (span) => contexts.add(span.context))
    expect(contexts.size).toBe(2)
  })
})

describe('protobuf rules', () => {
  test('of a repeated scalar the last counts', () => {
    const body = requestOf(
      Buffer.concat([field(1, 'short'), field(5, 'first'), ids, field(5, 'last'), varint(6 * 8), varint(3)]),
    )
    const [span] = seeAll('protobuf', body).spans as [{ name: string; kind: number }]
    expect(span).toMatchObject({ name: 'last', kind: 3 })
  })

  test('a status, a value and an array in parts are merged', () => {
    const array = (text: string) => field(5, field(1, field(1, text)))
    const merged = field(
      9,
      Buffer.concat([field(2, array('a')), field(1, 'k'), field(2, array('b')), field(2, Buffer.alloc(0))]),
    )
    const status = Buffer.concat([
      field(15, field(2, 'why')),
      field(15, Buffer.concat([varint(24), varint(2)])),
    ])
    const [span] = seeAll('protobuf', requestOf(spanOf(status, merged))).spans
    expect(span).toMatchObject({
      statusCode: 2,
      statusMessage: 'why',
      attributes: [['k', { strings: ['a', 'b'], count: 2 }]],
      decoded: {
        span: {
          attributes: [
            { key: 'k', value: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } } },
          ],
        },
      },
    })
  })

  test('a resource in parts is merged for its attributes, a scope for its names', () => {
    const part = (key: string, value: string) =>
      field(1, Buffer.concat([field(1, key), field(2, field(1, value))]))
    const body = field(
      1,
      Buffer.concat([
        field(1, part('k', 'one')),
        field(2, Buffer.concat([field(1, field(1, 'scope')), field(2, ids), field(1, field(2, '2.0'))])),
        field(1, part('k', 'two')),
      ]),
    )
    expect(seeAll('protobuf', body).spans[0]).toMatchObject({
      resourceAttributes: [
        ['k', { string: 'one' }],
        ['k', { string: 'two' }],
      ],
      scope: ['scope', '2.0'],
    })
  })

  test('the fields of a value that came later win', () => {
    const value = Buffer.concat([field(1, 'text'), varint(24), varint(-5n)])
    expect(seeAll('protobuf', requestOf(spanOf(attribute('k', value)))).spans[0]).toMatchObject({
      attributes: [['k', { string: '-5', number: -5 }]],
      decoded: { span: { attributes: [{ key: 'k', value: { intValue: '-5' } }] } },
    })
  })

  test('invalid UTF-8 is shown with replacement characters', () => {
    const bytes = Buffer.from([0x61, 0xff, 0x62])
    expect(
      seeAll('protobuf', requestOf(spanOf(field(5, bytes), attribute('k', field(1, bytes))))).spans[0],
    ).toMatchObject({ name: 'a\ufffdb', attributes: [['k', { string: 'a\ufffdb' }]] })
  })

  test('newer fields of the format are passed over', () => {
    const newer = field(
      9,
      Buffer.concat([varint(3 * 8), varint(7), field(2, Buffer.concat([varint(8 * 8), varint(9)]))]),
    )
    expect(seeAll('protobuf', requestOf(spanOf(newer))).spans[0]).toMatchObject({
      counts: [1, 0, 0],
      decoded: { span: { attributes: [{ key: '', value: {} }] } },
    })
  })
})

/** What protobufjs makes of a body, in decoded form. */
function fromOracle(bytes: Buffer): DecodedRequest {
  const hex = (value: unknown) => Buffer.from(String(value), 'base64').toString('hex')
  const shape = (key: string, value: unknown) => {
    if (key === 'traceId' || key === 'spanId' || key === 'parentSpanId') return hex(value)
    if (key === 'status' && value === null) return { code: 0, message: '' }
    if ((key === 'resource' || key === 'scope') && value === null) return undefined
    if (key === 'value' && value === null) return {}
    if (value !== null && typeof value === 'object') Reflect.deleteProperty(value, 'schemaUrl')
    return value
  }
  return JSON.parse(JSON.stringify(messageType('Request').decode(bytes)), shape) as DecodedRequest
}
