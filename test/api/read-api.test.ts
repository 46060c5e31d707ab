// The read API: pages, filters, exactness, waiting, and what wrong requests are told.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { postTraces, request } from '../support/http.ts'
import { newTraceId, protobufBody, type SpanInput, someSpan } from '../support/otlp-bodies.ts'
import { getJson } from '../support/read-traces.ts'

interface Listed {
  traces: { traceId: string; name: string; change: number }[]
  cursor: string | null
}

let server: TestServer
const start = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n
const bigTrace = newTraceId()
const traces = Array.from({ length: 25 }, (_, i) =>
  someSpan({
    name: `job ${i}`,
    startNs: start + BigInt(i) * 1_000_000_000n,
    endNs: start + BigInt(i) * 1_000_000_000n + 5n,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': i % 5 === 0 ? 'model-a' : 'model-b',
      'gen_ai.usage.input_tokens': BigInt(i),
      'session.id': `session-${i % 2}`,
    },
  }),
)

beforeAll(async () => {
  server = await startServer()
  await postTraces(server, protobufBody(traces, { 'service.name': 'api test' }))
  const spans: SpanInput[] = Array.from({ length: 3000 }, () =>
    someSpan({ traceId: bigTrace, name: 'many', attributes: { text: 'x'.repeat(2000) } }),
  )
  await postTraces(server, protobufBody(spans))
  await getJson(server, '/api/v1/position?wait=1')
})
afterAll(() => server.stop())

test('pages follow one another without gap or repetition, newest first', async () => {
  const names: string[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page: Listed = await getJson(server, `/api/v1/traces?limit=7&service=api%20test${query}`)
    names.push(...page.traces.map(({ name }) => name))
    cursor = page.cursor
  } while (cursor !== null)
  expect(names).toEqual(traces.map(({ name }) => name).toReversed())
})

test.each([
  ['model=model-a', 5],
  ['session=session-1', 12],
  ['name=JOB%201', 11],
  ['status=error', 0],
  [`until=${start + 3_000_000_000n}&since=${start + 1_000_000_000n}`, 2],
])('%s finds %i traces', async (query, count) => {
  const page = await getJson<Listed>(server, `/api/v1/traces?service=api%20test&limit=100&${query}`)
  expect(page.traces).toHaveLength(count)
})

test('traces are counted, and the values of a field named, by the same filters', async () => {
  const count = await getJson(server, '/api/v1/count?service=api%20test&model=model-a')
  expect(count).toEqual({ traces: 5, errors: 0, running: 0, complete: true })
  expect(await getJson(server, '/api/v1/count?service=api%20test&most=7')).toMatchObject({
    traces: 7,
    complete: false,
  })
  expect(await getJson(server, '/api/v1/facets?field=model&service=api%20test')).toEqual({
    field: 'model',
    values: [
      { value: 'model-b', count: 20 },
      { value: 'model-a', count: 5 },
    ],
    complete: true,
  })
  const part = await getJson(server, '/api/v1/facets?field=session&part=SION-1')
  expect(part).toMatchObject({ values: [{ value: 'session-1', count: 12 }] })
})

test('traces are counted over time by the same filters, in round bars', async () => {
  type Bars = {
    fromNs: string
    widthNs: string
    bars: { traces: number; errors: number }[]
    complete: boolean
  }
  const path = '/api/v1/histogram?service=api%20test'
  const all = await getJson<Bars>(server, path)
  expect(all).toMatchObject({ fromNs: String(start), widthNs: '1000000000', complete: true })
  expect(all.bars).toEqual(traces.map(() => ({ traces: 1, errors: 0 })))
  const within = `since=${start + 2_000_000_000n}&until=${start + 12_000_000_000n}`
  const some = await getJson<Bars>(server, `${path}&model=model-a&bars=5&${within}`)
  expect([some.fromNs, some.widthNs]).toEqual([String(start + 2_000_000_000n), '2000000000'])
  expect(some.bars.map((bar) => bar.traces)).toEqual([0, 1, 0, 0, 1])
})

test('a trace that was deleted is told in the feed, and a link to it says so', async () => {
  const gone = someSpan({ name: 'to be deleted' })
  await postTraces(server, protobufBody([gone]))
  await getJson(server, '/api/v1/position?wait=1')
  const { change } = await getJson<{ change: number }>(server, '/api/v1/changes?after=1000000')
  expect((await request(server, { method: 'DELETE', path: `/api/v1/traces/${gone.traceId}` })).status).toBe(
    200,
  )
  expect(await getJson(server, `/api/v1/changes?after=${change}`)).toMatchObject({
    traces: [],
    removed: [gone.traceId],
    complete: true,
  })
  const answer = await request(server, { path: `/api/v1/traces/${gone.traceId}` })
  expect(answer.status).toBe(404)
  const { error } = JSON.parse(answer.body.toString()) as { error: { code: string; message: string } }
  expect(error.code).toBe('AGL_TRACE_DELETED')
  expect(error.message).toMatch(/was deleted at 20\d\d-/)
})

test('a trace is found by the beginning of its id; an ambiguous one is said to be so', async () => {
  const { traceId, spanId } = traces[3] as SpanInput
  const found = await getJson<{ trace: object; spans: object[] }>(
    server,
    `/api/v1/traces/${traceId.slice(0, 12)}`,
  )
  expect(found.trace).toMatchObject({
    traceId,
    name: 'job 3',
    startNs: String(start + 3_000_000_000n),
    endNs: String(start + 3_000_000_005n),
    calls: 1,
    inputTokens: 3,
    models: ['model-b'],
    service: 'api test',
  })
  expect(found.spans).toMatchObject([{ spanId, type: 'llm', fields: { requestModel: 'model-b' } }])
  const digits = new Map<string, number>()
  for (const trace of traces)
    digits.set(trace.traceId[0] as string, (digits.get(trace.traceId[0] as string) ?? 0) + 1)
  const shared = [...digits].find(([, count]) => count > 1)?.[0] as string
  const reply = await request(server, { path: `/api/v1/traces/${shared}` })
  expect([reply.status, reply.headers['x-agl-error']]).toEqual([400, 'AGL_AMBIGUOUS_ID'])
})

test('one span comes with resource and scope, in OTLP JSON form', async () => {
  const { traceId, spanId } = traces[7] as SpanInput
  const whole = await getJson(server, `/api/v1/traces/${traceId}/spans/${spanId}`)
  expect(whole).toMatchObject({
    span: {
      traceId,
      spanId,
      name: 'job 7',
      attributes: expect.arrayContaining([{ key: 'gen_ai.usage.input_tokens', value: { intValue: '7' } }]),
    },
    resource: { attributes: [{ key: 'service.name', value: { stringValue: 'api test' } }] },
    scope: { name: 'test', version: '1' },
    origin: 'client',
  })
})

test('an export streams every span of a large trace, once', async () => {
  const reply = await request(server, { path: `/api/v1/traces/${bigTrace}/export` })
  expect(reply.headers['content-type']).toContain('application/x-ndjson')
  const lines = reply.body.toString().trimEnd().split('\n')
  const ids = lines.map((line) => (JSON.parse(line) as { span: { spanId: string } }).span.spanId)
  expect(ids).toHaveLength(3000)
  expect(new Set(ids).size).toBe(3000)
})

test('a tree is paged, without payloads', async () => {
  const first = await getJson<{ spans: object[]; cursor: string }>(
    server,
    `/api/v1/traces/${bigTrace}?limit=2000`,
  )
  expect(first.spans).toHaveLength(2000)
  expect(JSON.stringify(first)).not.toContain('xxxx')
  const path = `/api/v1/traces/${bigTrace}?limit=2000&cursor=${encodeURIComponent(first.cursor)}`
  const second = await getJson<{ spans: object[]; cursor: null }>(server, path)
  expect([second.spans.length, second.cursor]).toEqual([1000, null])
})

test('a write is readable where its position is waited for', async () => {
  for (let i = 0; i < 20; i++) {
    const span = someSpan({ name: `own write ${i}` })
    const reply = await postTraces(server, protobufBody([span]))
    const after = String(reply.headers['x-agl-position'])
    const found = await getJson<{ trace: { name: string } }>(
      server,
      `/api/v1/traces/${span.traceId}?after=${after}`,
    )
    expect(found.trace.name).toBe(`own write ${i}`)
  }
})

test('changes are waited for, and tell where to go on', async () => {
  const { change } = await getJson<{ change: number }>(server, '/api/v1/changes?limit=1000')
  const waiting = getJson<Listed & { change: number }>(server, `/api/v1/changes?after=${change}&wait=20`)
  const span = someSpan({ name: 'news' })
  await postTraces(server, protobufBody([span]))
  const news = await waiting
  expect(news.traces.map(({ traceId }) => traceId)).toEqual([span.traceId])
  expect(news.change).toBeGreaterThan(change)
})

test.each([
  ['/api/v1/traces?limit=0', 400, 'AGL_BAD_REQUEST'],
  ['/api/v1/traces?cursor=nonsense', 400, 'AGL_BAD_REQUEST'],
  ['/api/v1/traces/nothex', 400, 'AGL_BAD_REQUEST'],
  [`/api/v1/traces/${'0'.repeat(31)}1`, 404, 'AGL_NOT_FOUND'],
  [`/api/v1/traces/${'0'.repeat(31)}1/export`, 404, 'AGL_NOT_FOUND'],
  ['/api/v1/facets?field=name', 400, 'AGL_BAD_REQUEST'],
  ['/api/v1/count?most=0', 400, 'AGL_BAD_REQUEST'],
  ['/api/v1/histogram?bars=0', 400, 'AGL_BAD_REQUEST'],
  ['/api/v1/histogram?since=soon', 400, 'AGL_BAD_REQUEST'],
  ['/api/v1/nothing', 404, 'AGL_NOT_FOUND'],
  ['/nothing', 404, 'AGL_NOT_FOUND'],
])('%s answers %i with the code and what to do', async (path, status, code) => {
  const reply = await request(server, { path })
  const { error } = JSON.parse(reply.body.toString()) as { error: { code: string; action: string } }
  expect([reply.status, reply.headers['x-agl-error'], error.code]).toEqual([status, code, code])
  expect(error.action).not.toBe('')
})

test('OpenAPI describes every route that the server has', async () => {
  const document = await getJson<{ openapi: string; paths: Record<string, object> }>(
    server,
    '/api/v1/openapi.json',
  )
  expect(document.openapi).toBe('3.1.0')
  for (const path of [
    '/api/v1/traces',
    '/api/v1/traces/{id}',
    '/api/v1/changes',
    '/v1/traces',
    '/v3/auth/token',
  ]) {
    expect(Object.keys(document.paths)).toContain(path)
  }
  expect(document.paths['/api/v1/traces']).toMatchObject({
    get: { parameters: expect.arrayContaining([expect.objectContaining({ name: 'status', in: 'query' })]) },
  })
})

test('the stop route needs the secret of the state file', async () => {
  const reply = await request(server, { method: 'POST', path: '/api/v1/server/stop' })
  expect([reply.status, reply.headers['x-agl-error']]).toEqual([401, 'AGL_UNAUTHORIZED'])
})
