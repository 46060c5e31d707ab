import { beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { type Answer, postTraces, request } from '../support/http.ts'
import {
  jsonBody,
  nestedAttribute,
  nestedJsonAttribute,
  newSpanId,
  newTraceId,
  protobufBody,
  readPartialSuccess,
  someSpan,
} from '../support/otlp-bodies.ts'
import { exportTrace, readTrace, settled } from '../support/read-traces.ts'

const SPAN_LIMIT = 20 * 2 ** 20
const json = { 'content-type': 'application/json' }

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})

async function recordedSpans(traceId: string): Promise<number> {
  await settled(server)
  return (await readTrace(server, traceId))?.spans.length ?? 0
}

function rejection(answer: Answer): { rejectedSpans: number; errorMessage: string } | undefined {
  expect(answer.status, answer.body.toString()).toBe(200)
  if (!answer.headers['content-type']?.startsWith('application/json')) return readPartialSuccess(answer.body)
  const { partialSuccess } = JSON.parse(answer.body.toString()) as {
    partialSuccess?: { rejectedSpans: string; errorMessage: string }
  }
  return (
    partialSuccess && {
      rejectedSpans: Number(partialSuccess.rejectedSpans),
      errorMessage: partialSuccess.errorMessage,
    }
  )
}

describe('a span above 20 MiB', () => {
  it('is rejected alone, the others of its batch are kept', async () => {
    for (const [headers, make] of [
      [{}, protobufBody],
      [json, jsonBody],
    ] as const) {
      const traceId = newTraceId()
      const text = 'x'.repeat(SPAN_LIMIT)
      const spans = [someSpan({ traceId }), someSpan({ traceId, name: 'huge', attributes: { text } })]
      const rejected = rejection(await postTraces(server, make(spans), { headers }))
      expect(rejected?.rejectedSpans).toBe(1)
      expect(rejected?.errorMessage).toMatch(/a span is larger than 20971520 bytes \(span 2/)
      expect(await recordedSpans(traceId)).toBe(1)
    }
  })

  it('just below the limit is recorded and comes back whole', async () => {
    const traceId = newTraceId()
    const text = 'x'.repeat(SPAN_LIMIT - 1000)
    const answer = await postTraces(server, protobufBody([someSpan({ traceId, attributes: { text } })]))
    expect(rejection(answer)).toBeUndefined()
    expect(await recordedSpans(traceId)).toBe(1)
    const [whole] = await exportTrace(server, traceId)
    expect(whole?.span.attributes?.[0]?.value.stringValue?.length).toBe(text.length)
  })
})

describe('nesting of values', () => {
  /** Posts a span whose attribute is so deep, beside one that is flat. */
  async function postNested(encoding: 'protobuf' | 'json', traceId: string, levels: number): Promise<Answer> {
    const flat = someSpan({ traceId })
    if (encoding === 'protobuf') {
      const deep = someSpan({ traceId, rest: nestedAttribute('deep', levels) })
      return postTraces(server, protobufBody([flat, deep]))
    }
    const times = '"startTimeUnixNano":"1","endTimeUnixNano":"2"'
    const ids = `"traceId":"${traceId}","spanId":"${newSpanId()}",${times}`
    const deep = `{${ids},"attributes":[${nestedJsonAttribute('deep', levels)}]}`
    const body = jsonBody([flat]).toString().replace('"spans":[', `"spans":[${deep},`)
    return postTraces(server, body, { headers: json })
  }

  it.each(['protobuf', 'json'] as const)('of 32 levels is recorded and comes back (%s)', async (encoding) => {
    const traceId = newTraceId()
    expect(rejection(await postNested(encoding, traceId, 32))).toBeUndefined()
    expect(await recordedSpans(traceId)).toBe(2)
    const spans = JSON.stringify(await exportTrace(server, traceId))
    expect(spans.match(/"arrayValue"/g)).toHaveLength(32)
    expect(spans).toContain('"bottom"')
  })

  it.each([
    ['protobuf', 33, /deeper than 32 levels/],
    ['protobuf', 10_000, /deeper than 32 levels/],
    ['json', 33, /deeper than 32 levels/],
    ['json', 10_000, /deeper than 32 levels/],
  ] as const)('that is deeper rejects the span alone (%s, %d levels)', async (encoding, levels, reason) => {
    const traceId = newTraceId()
    const rejected = rejection(await postNested(encoding, traceId, levels))
    expect(rejected?.rejectedSpans).toBe(1)
    expect(rejected?.errorMessage).toMatch(reason)
    expect(await recordedSpans(traceId)).toBe(1)
  })

  it('of brackets alone stops nothing', async () => {
    const answer = await postTraces(server, '['.repeat(5_000_000), { headers: json })
    expect(answer.status).toBe(400)
    expect((await request(server, { path: '/health' })).status).toBe(200)
  })
})

describe('the number of things in a span', () => {
  it('100,000 attributes, events or spans of a batch stop nothing', { timeout: 120_000 }, async () => {
    const traceId = newTraceId()
    const attributes = Object.fromEntries(
      Array.from({ length: 100_000 }, (_, at) => [`key.${at}`, BigInt(at)]),
    )
    const wide = await postTraces(server, protobufBody([someSpan({ traceId, attributes })]))
    expect(wide.status).toBe(200)
    const many = Array.from({ length: 20_000 }, () => someSpan({ traceId }))
    expect((await postTraces(server, protobufBody(many))).status).toBe(200)
    expect(await recordedSpans(traceId)).toBe(20_001)
  })
})
