import { describe, expect, test } from 'vitest'
import { limits, seeAll } from './fixtures/collect.ts'
import { plainJson, requestWithValue, spansByParse, variedJson } from './fixtures/json-text.ts'
import { Random } from './fixtures/random.ts'
import { randomRequest } from './fixtures/random-request.ts'
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

function nested(levels: number, bottom = '{"intValue":7}'): string {
  return `${'{"arrayValue":{"values":['.repeat(levels)}${bottom}${']}}'.repeat(levels)}`
}

describe('a span that cannot be taken', () => {
  test.each([
    ['{}', 'the trace id is missing'],
    [`{"traceId":"${trace}"}`, 'the span id is missing'],
    [`{"traceId":"abc","spanId":"${span}"}`, 'the trace id is not 16 bytes in hex'],
    [`{"traceId":"${'g'.repeat(32)}","spanId":"${span}"}`, 'the trace id is not 16 bytes in hex'],
    [`{"traceId":"${'0'.repeat(32)}","spanId":"${span}"}`, 'the trace id is all zero'],
    [`{"traceId":"${trace}","spanId":"AAAAAAAAAAA="}`, 'the span id is all zero'],
    [`{"traceId":["${trace}"],"spanId":"${span}"}`, 'traceId is not a string'],
    [`{${ids},"parentSpanId":"12"}`, 'the parent span id is not 8 bytes in hex'],
    [`{${ids},"name":{}}`, 'name is not a string'],
    [`{${ids},"attributes":"none"}`, 'attributes is not an array'],
    [`{${ids},"startTimeUnixNano":-1}`, 'startTimeUnixNano is not an unsigned 64-bit integer'],
    [
      `{${ids},"endTimeUnixNano":"18446744073709551616"}`,
      'endTimeUnixNano is not an unsigned 64-bit integer',
    ],
    [`{${ids},"endTimeUnixNano":true}`, 'endTimeUnixNano is not an integer'],
    [`{${ids},"status":2}`, 'status is not an object'],
    [`{${ids},"status":{"code":[]}}`, 'status is an object whose code is not a number or a name'],
    [`{${ids},"kind":[]}`, 'kind is not a number or a name'],
    ['null', 'a span is not an object'],
    ['"text"', 'a span is not an object'],
  ])('%s is rejected alone', (bad, reason) => {
    const { result, spans } = scan(request(`{${ids}}`, bad, `{${ids}}`))
    expect(result).toEqual({ accepted: 2, rejected: [{ reason: `${reason} (span 2)`, count: 1 }] })
    expect(spans).toHaveLength(2)
  })

  test.each([
    ['a value', `"attributes":[{"key":"k","value":${nested(33)}}]`],
    ['a value of 10,000 levels', `"attributes":[{"key":"k","value":${nested(10_000)}}]`],
    ['an event', `"events":[{"attributes":[{"key":"k","value":${nested(33)}}]}]`],
    ['a link', `"links":[{"attributes":[{"key":"k","value":${nested(33)}}]}]`],
    ['an empty innermost list', `"attributes":[{"key":"k","value":${nested(32, '{"kvlistValue":{}}')}}]`],
  ])('for the nesting of %s is rejected alone, with the attribute', (_, members) => {
    expect(scan(request(`{${ids},${members}}`, `{${ids}}`)).result).toEqual({
      accepted: 1,
      rejected: [{ reason: 'a value is nested deeper than 32 levels (span 1, attribute "k")', count: 1 }],
    })
  })

  test.each([
    ['a status', `"status":{"message":${nested(60)}}`],
    ['an unknown field of 10,000 levels', `"x":${'['.repeat(10_000)}${']'.repeat(10_000)}`],
  ])('for the nesting of %s is rejected alone', (_, members) => {
    expect(scan(request(`{${ids},${members}}`, `{${ids}}`)).result).toEqual({
      accepted: 1,
      rejected: [{ reason: 'its values are nested deeper than 144 brackets (span 1)', count: 1 }],
    })
  })

  test('for its size is named', () => {
    const body = Buffer.from(request(`{${ids},"name":"big","x":"${'x'.repeat(100)}"}`, `{${ids}}`))
    expect(scanJsonTraces(body, { ...limits, spanBytes: 100 })).toEqual({
      accepted: 1,
      rejected: [{ reason: 'a span is larger than 100 bytes (span 1 "big")', count: 1 }],
    })
  })

  test('for its resource takes those of the same one with it', () => {
    const deep = `{"attributes":[{"key":"k","value":${nested(60)}}]}`
    const spans = `"scopeSpans":[{"spans":[{${ids}},{${ids}}]}]`
    expect(scan(`{"resourceSpans":[{${spans},"resource":${deep}},{${spans},"resource":{}}]}`).result).toEqual(
      {
        accepted: 2,
        rejected: [
          {
            reason: 'in its resource, a value is nested deeper than 32 levels (first: span 1)',
            count: 2,
          },
        ],
      },
    )
  })

  test('is not one that protobuf would take: every allowed level of a kvlist fits', () => {
    const deep = `${'{"kvlistValue":{"values":[{"key":"k","value":'.repeat(32)}{}${'}]}}'.repeat(32)}`
    for (const value of [deep, nested(32), nested(31, '{"arrayValue":{}}')]) {
      expect(seeAll('json', requestWithValue(value)).result).toEqual({ accepted: 1, rejected: [] })
    }
  })

  test('is bounded in its nesting whatever the limit says, and what is taken can be decoded', () => {
    const wide = { ...limits, spanBytes: 1e9, depth: 1e9 }
    let taken = 0
    for (const levels of [249, 250, 251, 400]) {
      taken += seeAll('json', requestWithValue(nested(levels)), wide).result.accepted
    }
    expect(taken).toBe(2)
  })
})

describe('a malformed JSON body', () => {
  test.each([
    ['', /it ends too early at byte 0/],
    ['nonsense', /the message is not an object at byte 0/],
    ['{"a":nonsense}', /null was expected at byte 6/],
    ['[]', /the message is not an object at byte 0/],
    ['{', /it ends too early at byte 1/],
    ['{"a"}', /a colon was expected at byte 4/],
    ['{"a":1,}', /a key was expected at byte 7/],
    ['{"a":1 "b":2}', /a comma or } was expected at byte 7/],
    ['{"a":[1,]}', /a value was expected at byte 8/],
    ['{"a":[1}', /a comma or ] was expected at byte 7/],
    ['{"a":01}', /a comma or } was expected at byte 6/],
    ['{"a":-}', /a value was expected at byte 6/],
    ['{"a":1.}', /a digit was expected at byte 7/],
    ['{"a":1e+}', /a digit was expected at byte 8/],
    ['{"a":tru}', /true was expected at byte 8/],
    ['{"a":"\u0001"}', /a control character stands in a string at byte 6/],
    ['{"a":"\\x"}', /an escape is unknown at byte 7/],
    ['{"a":"\\u12g4"}', /four hex digits at byte 10/],
    ['{"a":"open', /it ends too early at byte 10/],
    ['{} {}', /more text follows the message at byte 3/],
    ['{"resourceSpans":"text"}', /resourceSpans is not an array at byte 17/],
    ['{"resourceSpans":{}}', /resourceSpans is not an array/],
    ['{"resourceSpans":["text"]}', /an element of resourceSpans is not an object at byte 18/],
    ['{"resourceSpans":[{"scopeSpans":[[]]}]}', /an element of scopeSpans is not an object/],
    ['{"resourceSpans":[{"scopeSpans":[{"spans":7}]}]}', /spans is not an array/],
    ['{"resourceSpans":[{"resource":"text"}]}', /resource is not an object/],
    ['{"resourceSpans":[{"scopeSpans":[{"scope":[]}]}]}', /scope is not an object/],
  ])('%s is refused', (text, what) => {
    expect(() => scan(text)).toThrow(what)
    expect(() => scan(text)).toThrow(expect.objectContaining({ code: 'AGL_BAD_BODY' }))
  })

  test('shows none of its spans', () => {
    let seen = 0
    const text = request(`{${ids}}`).slice(0, -1)
    expect(() => scanJsonTraces(Buffer.from(text), limits, () => seen++)).toThrow(/ends too early/)
    expect(seen).toBe(0)
  })

  test('is one that nests too deep outside of its spans', () => {
    const text = `{"x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`
    expect(() => scan(text)).toThrow(/nested deeper than 144 brackets at byte 5/)
  })

  test('of ten million open brackets overflows no stack', () => {
    const open = Buffer.alloc(10_000_000, '[')
    const body = Buffer.concat([Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"x":`), open])
    expect(() => scanJsonTraces(body, limits)).toThrow(/it ends too early/)
    expect(() => scanJsonTraces(open, limits)).toThrow(/is not an object/)
  })
})

test('mutated bodies are refused exactly where JSON.parse refuses them, or can be decoded', () => {
  const random = new Random(77)
  const counts = { refused: 0, misshapen: 0, taken: 0 }
  for (let round = 0; round < 4000; round++) {
    const made = randomRequest(random)
    const body = mutate(random.chance(2) ? plainJson(made) : variedJson(made, random), random)
    const text = body.toString().replace(/^\ufeff/, '')
    const valid = parses(text)
    try {
      const { accepted, rejected } = seeAll('json', body).result
      expect(valid, text).toBe(true)
      counts.taken++
      const total = rejected.reduce((sum, { count }) => sum + count, accepted)
      expect(total, text).toBe(spansByParse(text).length)
    } catch (error) {
      expect(error, text).toMatchObject({ code: 'AGL_BAD_BODY' })
      if (valid) {
        expect(String(error), text).toMatch(/is not an (object|array)/)
        counts.misshapen++
      } else counts.refused++
    }
  }
  expect(counts.refused).toBeGreaterThan(1000)
  expect(counts.taken).toBeGreaterThan(500)
  expect(counts.misshapen).toBeGreaterThan(3)
})

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function mutate(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes)
  const at = random.int(copy.length)
  const token = Buffer.from(
    random.pick(['{', '}', '[', ']', ',', ':', '"', '\\', '0', '-', 'null', '{}', '[]', ' ']),
  )
  switch (random.int(6)) {
    case 0:
      copy[at] = copy[at]! ^ (1 << random.int(8))
      return copy
    case 1:
      return copy.subarray(0, at)
    case 2:
      return Buffer.concat([copy.subarray(0, at), token, copy.subarray(at)])
    case 4:
      return Buffer.from(copy.toString().replace('[]', random.pick(['{}', '""', 'null', '[1]'])))
    case 3:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + 1 + random.int(3))])
    default:
      return Buffer.concat([copy.subarray(0, at), token, copy.subarray(at + token.length)])
  }
}
