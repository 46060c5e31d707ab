import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { expectedSpans, limits, seeAll } from './fixtures/collect.ts'
import {
  plainJson,
  requestWithSpan,
  requestWithValue,
  spansByParse,
  variedJson,
} from './fixtures/json-text.ts'
import { Random } from './fixtures/random.ts'
import { randomRequest, randomSpan } from './fixtures/random-request.ts'
import { scanJsonTraces } from './json.ts'

const trace = '53d397bc33322d9257387a54df79c5de'
const span = 'd5c50335b0cf9d58'
const ids = `"traceId":"${trace}","spanId":"${span}"`

function scan(text: string) {
  return seeAll('json', Buffer.from(text))
}

/** A request of one resource and scope with these spans. */
function request(...spans: string[]): string {
  return `{"resourceSpans":[{"scopeSpans":[{"spans":[${spans.join(',')}]}]}]}`
}

describe('a scan of OTLP/JSON', () => {
  test('shows what was written, field by field', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const made = randomRequest(new Random(seed))
      expect(seeAll('json', plainJson(made)).spans, `seed ${seed}`).toEqual(expectedSpans(made))
    }
  })

  test('reads other names, spellings, order and white space the same', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = new Random(seed)
      const made = randomRequest(random)
      const { spans, result } = seeAll('json', variedJson(made, random))
      expect(spans, `seed ${seed}`).toEqual(expectedSpans(made))
      expect(result.rejected).toEqual([])
    }
  })

  test('reads a recorded trace of the OpenTelemetry SDK', () => {
    const body = readFileSync(new URL('./fixtures/demo-trace.otlp.json', import.meta.url))
    const written = spansByParse(body.toString()) as Record<string, unknown>[]
    const { result, spans } = seeAll('json', body)
    expect(result).toEqual({ accepted: written.length, rejected: [] })
    expect(written.length).toBeGreaterThan(10)
    for (const [i, seen] of (spans as { decoded: { span: object } }[]).entries()) {
      expect(seen.decoded.span).toMatchObject(written[i]!)
    }
  })

  test('keeps every row of a large batch, and counts the same without a visitor', () => {
    const random = new Random(5)
    const spans = Array.from({ length: 300 }, () => randomSpan(random))
    const made = { resourceSpans: [{ scopeSpans: [{ spans }] }] }
    expect(seeAll('json', plainJson(made)).spans).toEqual(expectedSpans(made))
    expect(scanJsonTraces(plainJson(made), limits)).toEqual({ accepted: 300, rejected: [] })
  })

  test.each([
    '{}',
    ' { } ',
    '\ufeff{}',
    '{"resourceSpans":[]}',
    '{"resourceSpans":null}',
    '{"resourceSpans":[{},null]}',
    '{"resource_spans":[{"scope_spans":[{}]}],"x":{"y":[1]}}',
  ])('takes %j for an empty request', (text) => {
    expect(scan(text)).toEqual({ result: { accepted: 0, rejected: [] }, spans: [] })
  })
})

describe('odd OTLP/JSON', () => {
  test.each<[string, object, object]>([
    ['{"intValue":9007199254740993}', { string: '9007199254740993' }, { intValue: '9007199254740993' }],
    [
      '{"intValue":"-9223372036854775808"}',
      { string: '-9223372036854775808' },
      { intValue: '-9223372036854775808' },
    ],
    ['{"intValue":1.5e3}', { string: '1500', number: 1500 }, { intValue: '1500' }],
    ['{"intValue":1.5}', { number: 1.5 }, { doubleValue: 1.5 }],
    ['{"intValue":"many"}', { string: 'many', number: undefined }, { stringValue: 'many' }],
    ['{"doubleValue":null}', { string: 'NaN', number: undefined }, { doubleValue: 'NaN' }],
    ['{"doubleValue":"-Infinity"}', { string: '-Infinity', number: undefined }, { doubleValue: '-Infinity' }],
    ['{"doubleValue":"1.25"}', { number: 1.25 }, { doubleValue: 1.25 }],
    ['{"doubleValue":1e999}', { number: undefined }, { doubleValue: 'Infinity' }],
    ['{"stringValue":null}', { string: undefined }, {}],
    ['{"stringValue":"s","boolValue":null,"doubleValue":null}', { string: 's' }, { stringValue: 's' }],
    ['{"stringValue":"s","intValue":3}', { string: '3' }, { intValue: '3' }],
    ['{"stringValue":"s","stringValue":null}', { string: undefined }, {}],
    ['{"stringValue":12}', { string: '12', number: 12 }, { stringValue: '12' }],
    ['{"boolValue":"true"}', { boolean: true, string: 'true' }, { boolValue: true }],
    ['{"bytesValue":"-_8"}', { string: undefined }, { bytesValue: '+/8=' }],
    ['{}', { string: undefined, count: undefined }, {}],
    ['null', { string: undefined }, {}],
    ['"bare"', { string: undefined }, {}],
    ['{"arrayValue":{}}', { count: 0, strings: [] }, { arrayValue: { values: [] } }],
    ['{"arrayValue":{"values":[ ]}}', { count: 0 }, { arrayValue: { values: [] } }],
    ['{"arrayValue":null}', { count: undefined }, {}],
    [
      '{"arrayValue":{"values":[{"stringValue":"a,]"},{},null,{"intValue":1}]}}',
      { count: 4, strings: ['a,]'] },
      { arrayValue: { values: [{ stringValue: 'a,]' }, {}, {}, { intValue: '1' }] } },
    ],
    [
      '{"kvlistValue":{"values":[{"key":"a","value":{"boolValue":false}},{},{"key":"a"}]}}',
      { count: undefined },
      {
        kvlistValue: {
          values: [
            { key: 'a', value: { boolValue: false } },
            { key: '', value: {} },
            { key: 'a', value: {} },
          ],
        },
      },
    ],
    [
      '{"stringValue":"\\ud83d\\ude42 \\ud800 \\u00e9\\n"}',
      { string: '🙂 \ufffd é\n' },
      { stringValue: '🙂 \ufffd é\n' },
    ],
    ['{"string\\u0056alue":"escaped name"}', { string: 'escaped name' }, { stringValue: 'escaped name' }],
    ['{"stringValue":"[\\"a\\", 1]"}', { strings: ['a'] }, { stringValue: '["a", 1]' }],
    [`{"stringValue":"${'9'.repeat(100)}"}`, { number: undefined }, { stringValue: '9'.repeat(100) }],
  ])('%s is read', (value, view, decoded) => {
    expect(seeAll('json', requestWithValue(value)).spans).toMatchObject([
      { attributes: [['k', view]], decoded: { span: { attributes: [{ key: 'k', value: decoded }] } } },
    ])
  })

  test.each<[string, object]>([
    [
      '"kind":"SPAN_KIND_CLIENT","status":{"code":"STATUS_CODE_ERROR","message":"no"}',
      { kind: 3, statusCode: 2, statusMessage: 'no' },
    ],
    ['"kind":"3","status":{"code":2.0}', { kind: 3, statusCode: 2 }],
    ['"kind":"SOMETHING","status":null,"name":null', { kind: 0, statusCode: 0, name: '' }],
    [
      '"startTimeUnixNano":1795378409281000001,"endTimeUnixNano":"18446744073709551615"',
      { startNs: 1795378409281000001n, endNs: 18446744073709551615n },
    ],
    ['"startTimeUnixNano":1.795e18,"endTimeUnixNano":""', { startNs: 1795000000000000000n, endNs: 0n }],
    [
      '"start_time_unix_nano":5,"parent_span_id":"00F0000000000001"',
      { startNs: 5n, parentSpanId: '00f0000000000001' },
    ],
    ['"parentSpanId":""', { parentSpanId: undefined }],
    ['"parentSpanId":null', { parentSpanId: undefined }],
    [
      '"parentSpanId":"0000000000000000"',
      { parentSpanId: undefined, decoded: { span: { parentSpanId: '' } } },
    ],
    ['"parentSpanId":"AAAAAAAAAAA="', { parentSpanId: undefined, decoded: { span: { parentSpanId: '' } } }],
    ['"name":"first","name":"last","attributes":[1],"attributes":null', { name: 'last', counts: [0, 0, 0] }],
    ['"name":5,"name":"right"', { name: 'right' }],
    [
      '"attributes":[{},null,{"value":{"stringValue":"x"},"key":"k"}]',
      { counts: [2, 0, 0], attributes: [['k', { string: 'x' }]] },
    ],
    [
      '"attributes":[{"key":"none","value":{"intValue":1},"key":"\\u006b"}]',
      { attributes: [['k', { number: 1 }]] },
    ],
    [
      '"attributes":[{"key":"k","value":{"intValue":1},"value":{"intValue":2}}]',
      { attributes: [['k', { number: 2 }]] },
    ],
    [
      '"events":[null,{"name":"exception","name":"other"},{"attributes":[{"key":"k","value":{"intValue":1}}],"name":"\\u0065xception"}]',
      { counts: [0, 2, 0], exceptions: [[['k', { number: 1 }]]] },
    ],
    [
      '"flags":257,"droppedLinksCount":"3","droppedEventsCount":-1',
      { decoded: { span: { flags: 257, droppedLinksCount: 3, droppedEventsCount: 0 } } },
    ],
  ])('a span with %s is read', (members, expected) => {
    const { result, spans } = seeAll('json', requestWithSpan(members))
    expect(result).toEqual({ accepted: 1, rejected: [] })
    expect(spans).toMatchObject([expected])
  })

  test('ids may be base64, padded or not, and escaped', () => {
    const traceBase64 = Buffer.from(trace, 'hex').toString('base64')
    const spanBase64 = Buffer.from(span, 'hex').toString('base64')
    const escaped = `\\u0035${trace.slice(1)}`
    const written = [
      [traceBase64, spanBase64],
      [traceBase64.replace(/=+$/, ''), spanBase64.replace(/=+$/, '')],
      [escaped, span.toUpperCase()],
    ]
    const { spans } = scan(request(...written.map(([t, s]) => `{"traceId":"${t}","spanId":"${s}"}`)))
    const expected = { traceId: trace, spanId: span, decoded: { span: { traceId: trace, spanId: span } } }
    expect(spans).toMatchObject([expected, expected, expected])
  })

  test('resource and scope may come after the spans, and more than once: the last counts', () => {
    const resource = (text: string) =>
      `"resource":{"attributes":[{"key":"k","value":{"stringValue":"${text}"}}]}`
    const text = `{"resourceSpans":[{${resource('old')},"scopeSpans":[{"spans":[{${ids}}],"scope":{"name":"s","version":"2"}}],${resource('new')}}]}`
    expect(scan(text).spans).toMatchObject([
      { resourceAttributes: [['k', { string: 'new' }]], scope: ['s', '2'] },
    ])
  })

  test('of a list given twice only the last counts, rejections included', () => {
    const spans = (...names: string[]) =>
      `"spans":[{"name":"bad"},${names.map((name) => `{${ids},"name":"${name}"}`)}]`
    const scope = `{${spans('a', 'b')},${spans('c')}}`
    const twice = `{"resourceSpans":[{"scopeSpans":[${scope}]}],"resource_spans":[{"scopeSpans":[${scope}],"scopeSpans":[${scope},${scope}]}]}`
    const { result, spans: seen } = scan(twice)
    expect(result).toEqual({
      accepted: 2,
      rejected: [{ reason: 'the trace id is missing (first: span 1 "bad")', count: 2 }],
    })
    expect(seen).toMatchObject([{ name: 'c' }, { name: 'c' }])
  })

  test('invalid UTF-8 stays in the bytes and is shown with replacement characters', () => {
    const body = Buffer.from(request(`{${ids},"name":"a?b"}`))
    body[body.indexOf('?')] = 0xff
    const { spans } = seeAll('json', body)
    expect(spans).toMatchObject([{ name: 'a\ufffdb', decoded: { span: { name: 'a\ufffdb' } } }])
  })
})
