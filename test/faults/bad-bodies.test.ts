import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { type Answer, postTraces, request } from '../support/http.ts'
import {
  jsonBody,
  newTraceId,
  protobufBody,
  readPartialSuccess,
  readStatusMessage,
  someSpan,
} from '../support/otlp-bodies.ts'
import { runSeed, seededRandom } from '../support/random.ts'
import { readStatus, readTrace, settled } from '../support/read-traces.ts'

const json = { 'content-type': 'application/json' }

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})

async function expectRecorded(traceId: string, spans: number): Promise<void> {
  await settled(server)
  expect((await readTrace(server, traceId))?.spans).toHaveLength(spans)
}

function expectError(answer: Answer, status: number, code: string, message: RegExp): void {
  const isJson = answer.headers['content-type']?.startsWith('application/json')
  const said = isJson
    ? (JSON.parse(answer.body.toString()) as { code: number; message: string })
    : readStatusMessage(answer.body)
  expect({ status: answer.status, code: answer.headers['x-agl-error'] }).toEqual({ status, code })
  expect(said.message).toMatch(message)
  expect(said.code).toBeGreaterThan(0)
}

describe('a body that is no OTLP message', () => {
  it('cut off anywhere, is answered with 400 and recorded nowhere', async () => {
    const traceId = newTraceId()
    const span = someSpan({ traceId, attributes: { text: 'x'.repeat(50), count: 7n, exact: true } })
    for (const [headers, body] of [
      [{}, protobufBody([span], { 'service.name': 'cut' })],
      [json, jsonBody([span], { 'service.name': 'cut' })],
    ] as const) {
      for (let length = 1; length < body.length; length += 3) {
        const answer = await postTraces(server, body.subarray(0, length), { headers })
        expectError(answer, 400, 'AGL_BAD_BODY', /^The body is not a valid OTLP .+ at byte \d+\./)
      }
    }
    await settled(server)
    expect(await readTrace(server, traceId)).toBeUndefined()
  })

  it('is answered in the encoding of the request', async () => {
    const asProtobuf = await postTraces(server, Buffer.from([0xff]))
    expect(asProtobuf.headers['content-type']).toBe('application/x-protobuf')
    expect(readStatusMessage(asProtobuf.body)).toMatchObject({ code: 3 })
    const asJson = await postTraces(server, '[]', { headers: json })
    expect(asJson.headers['content-type']).toMatch(/^application\/json/)
    expect(JSON.parse(asJson.body.toString())).toMatchObject({
      code: 3,
      message: expect.stringMatching(/the message is not an object at byte 0/),
    })
  })

  it('made of garbage, never gets a 5xx, and the server goes on', async () => {
    const random = seededRandom(runSeed('garbage bodies'))
    const valid = protobufBody([someSpan({ attributes: { a: 'b' } })])
    for (let round = 0; round < 300; round++) {
      const garbage = round % 2 === 0 ? Buffer.alloc(1 + random() * 200) : Buffer.from(valid)
      if (round % 2 === 0) for (let at = 0; at < garbage.length; at++) garbage[at] = random() * 256
      else
        for (let flips = 1 + random() * 4; flips > 0; flips--)
          garbage[Math.floor(random() * garbage.length)] = random() * 256
      const headers = random() < 0.5 ? json : {}
      const { status } = await postTraces(server, garbage, { headers })
      expect([200, 400], garbage.toString('hex')).toContain(status)
    }
    const traceId = newTraceId()
    await postTraces(server, protobufBody([someSpan({ traceId })]))
    await expectRecorded(traceId, 1)
    expect((await readStatus(server)).index.setAsideCount).toBe(0)
  })

  it('is counted, with an example that says who sent it', async () => {
    await postTraces(server, Buffer.from([0xff]), { headers: { 'user-agent': 'broken-exporter/1' } })
    const { requests } = await readStatus(server)
    const counted = requests.refused.find(({ what }) => what === 'AGL_BAD_BODY')
    expect(counted?.count).toBeGreaterThan(0)
    expect(counted?.example).toContain('broken-exporter/1')
  })
})

describe('a body that is empty', () => {
  it('is a batch without spans', async () => {
    const protobuf = await postTraces(server, Buffer.alloc(0))
    expect([protobuf.status, protobuf.body.length]).toEqual([200, 0])
    const asJson = await postTraces(server, '{}', { headers: json })
    expect([asJson.status, asJson.body.toString()]).toEqual([200, '{}'])
  })
})

describe('what the headers say of a body', () => {
  it('a content type that is not of OTLP is refused with 415', async () => {
    const answer = await postTraces(server, 'a=b', { headers: { 'content-type': 'text/plain' } })
    expectError(answer, 415, 'AGL_MEDIA_TYPE', /text\/plain/)
  })

  it('without a content type the body itself tells', async () => {
    for (const make of [protobufBody, jsonBody]) {
      const traceId = newTraceId()
      const body = make([someSpan({ traceId })])
      const answer = await request(server, { method: 'POST', path: '/v1/traces', body })
      expect(answer.status).toBe(200)
      await expectRecorded(traceId, 1)
    }
  })

  it('gzip, deflate (both kinds) and zstd are taken', async () => {
    const encodings = [
      ['gzip', gzipSync],
      ['x-gzip', gzipSync],
      ['deflate', deflateSync],
      ['deflate', deflateRawSync],
      ['zstd', zstdCompressSync],
    ] as const
    for (const [encoding, compress] of encodings) {
      const traceId = newTraceId()
      const body = compress(protobufBody([someSpan({ traceId })]))
      const answer = await postTraces(server, body, { headers: { 'content-encoding': encoding } })
      expect(answer.status, encoding).toBe(200)
      await expectRecorded(traceId, 1)
    }
  })

  it('a content encoding that is not known is refused with 415', async () => {
    const answer = await postTraces(server, 'x', { headers: { 'content-encoding': 'br' } })
    expectError(answer, 415, 'AGL_CONTENT_ENCODING', /br .*not supported/)
  })

  it('compressed bytes that are cut off or are none get 400', async () => {
    const body = protobufBody([someSpan({ attributes: { text: 'x'.repeat(1000) } })])
    const cases = [
      ['gzip', gzipSync(body).subarray(0, -9)],
      ['gzip', body],
      ['deflate', deflateSync(body).subarray(0, -9)],
      ['zstd', zstdCompressSync(body).subarray(0, -4)],
      ['zstd', body],
      ['gzip', Buffer.alloc(0)],
    ] as const
    for (const [encoding, bytes] of cases) {
      const answer = await postTraces(server, bytes, { headers: { 'content-encoding': encoding } })
      expectError(answer, 400, 'AGL_BAD_ENCODING', new RegExp(`cannot be decoded as ${encoding}`))
    }
  })

  it('a method that is not offered gets 405 with Allow', async () => {
    for (const [method, path, allowed] of [
      ['PUT', '/v1/traces', 'POST'],
      ['DELETE', '/v1/traces', 'POST'],
      ['PUT', '/api/v1/traces', 'GET'],
      ['DELETE', '/health', 'GET'],
    ] as const) {
      const answer = await request(server, { method, path })
      expect([answer.status, answer.headers['x-agl-error']], path).toEqual([405, 'AGL_METHOD_NOT_ALLOWED'])
      expect(answer.headers.allow?.split(', ')).toContain(allowed)
    }
  })
})

describe('a batch with some bad spans', () => {
  const broken = [
    [{ traceId: '00'.repeat(16) }, /the trace id is all zero/],
    [{ traceId: 'ab'.repeat(15) }, /the trace id .*16 bytes/],
    [{ spanId: '00'.repeat(8) }, /the span id is all zero/],
    [{ spanId: 'ab' }, /the span id .*8 bytes/],
    [{ parentSpanId: 'abcd' }, /the parent span id .*8 bytes/],
  ] as const

  it('keeps the good ones, and says how many it did not take and why', async () => {
    for (const [change, reason] of broken) {
      const traceId = newTraceId()
      const spans = [
        someSpan({ traceId }),
        someSpan({ traceId, name: 'broken one', ...change }),
        someSpan({ traceId }),
      ]
      const answer = await postTraces(server, protobufBody(spans))
      expect(answer.status).toBe(200)
      const partial = readPartialSuccess(answer.body)
      expect(partial?.rejectedSpans).toBe(1)
      expect(partial?.errorMessage).toMatch(reason)
      expect(partial?.errorMessage).toContain('span 2 "broken one"')
      await expectRecorded(traceId, 2)
    }
  })

  it('does so in JSON too', async () => {
    const traceId = newTraceId()
    const body = jsonBody([someSpan({ traceId }), someSpan({ traceId, spanId: 'zz', name: 'broken one' })])
    const answer = await postTraces(server, body, { headers: json })
    expect(JSON.parse(answer.body.toString())).toEqual({
      partialSuccess: { rejectedSpans: '1', errorMessage: expect.stringMatching(/span id.*"broken one"/) },
    })
    await expectRecorded(traceId, 1)
  })

  it('counts what it did not take', async () => {
    const { requests } = await readStatus(server)
    const counted = requests.refused.find(({ what }) => what === 'AGL_SPAN_REJECTED')
    expect(counted?.count).toBeGreaterThanOrEqual(broken.length)
  })
})
