// The hourly sums over HTTP.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { postTraces, request } from '../support/http.ts'
import { protobufBody, type SpanInput, someSpan } from '../support/otlp-bodies.ts'
import { getJson } from '../support/read-traces.ts'

const HOUR = 3_600_000_000_000n

let server: TestServer
const now = BigInt(Date.now()) * 1_000_000n

beforeAll(async () => {
  server = await startServer()
  const call = (startNs: bigint, ms: bigint): SpanInput =>
    someSpan({
      startNs,
      endNs: startNs + ms * 1_000_000n,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'model-a',
        'gen_ai.usage.input_tokens': 10n,
        'gen_ai.usage.output_tokens': 4n,
      },
    })
  const old = now - 48n * HOUR
  await postTraces(
    server,
    protobufBody([call(now, 900n), call(now, 900n), call(old, 2n)], { 'service.name': 'api' }),
  )
  await getJson(server, '/api/v1/position?wait=1')
})
afterAll(() => server.stop())

const lately = {
  hourNs: String((now / HOUR) * HOUR),
  service: 'api',
  model: 'model-a',
  spans: 2,
  errors: 0,
  calls: 2,
  inputTokens: 20,
  outputTokens: 8,
  totalTokens: 28,
  latency: [{ bucketMs: 1024, count: 2 }],
}

test('the last 24 hours are given when no range is', async () => {
  const { hours } = await getJson<{ hours: object[] }>(server, '/api/v1/hours')
  expect(hours).toMatchObject([lately])
})

test('a range reaches further back, newest first, or ends earlier', async () => {
  const week = await getJson<{ hours: object[] }>(server, '/api/v1/hours?since=7d')
  expect(week.hours).toMatchObject([lately, { spans: 1, latency: [{ bucketMs: 2, count: 1 }] }])
  const before = await getJson<{ hours: object[] }>(server, '/api/v1/hours?since=7d&until=25h')
  expect(before.hours).toMatchObject([{ spans: 1 }])
})

test('a time that is none is refused, and the parameter named', async () => {
  const answer = await request(server, { path: '/api/v1/hours?until=soon' })
  expect(answer.status).toBe(400)
  expect(answer.body.toString()).toContain('until')
})
