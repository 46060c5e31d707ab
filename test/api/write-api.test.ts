// The AgentOps routes of this server as a client sees them.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { request } from '../support/http.ts'
import { getJson, readStatus } from '../support/read-traces.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  request(server, { method: 'POST', path, body, headers: { 'content-type': 'application/json', ...headers } })

const json = (body: Buffer) => JSON.parse(body.toString()) as Record<string, unknown>

test.each(['/v3/auth/token', '//v3/auth/token', '/v3/auth/token/'])(
  '%s gives a token for any key',
  async (path) => {
    const reply = await post(path, '{"api_key":"dummy"}')
    expect(reply.status).toBe(200)
    // aiohttp of AgentOps 0.4.19+ refuses any other content type.
    expect(reply.headers['content-type']).toMatch(/^application\/json/)
    expect(json(reply.body)).toEqual({
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      project_id: '00000000-0000-0000-0000-000000000000',
      project_prem_status: 'pro',
    })
  },
)

test('the token says what it is, and what is wrong with another', async () => {
  const { token } = json((await post('/v3/auth/token', '{"api_key":"k"}')).body)
  const ask = (authorization?: string) =>
    request(server, { path: '/v3/auth/token', headers: authorization === undefined ? {} : { authorization } })
  expect(json((await ask(`Bearer ${token}`)).body)).toMatchObject({ message: 'JWT token is valid' })
  for (const [header, detail] of [
    [undefined, 'Authorization header missing'],
    ['Basic x', 'Invalid authentication scheme'],
    ['Bearer', 'Invalid token format'],
    ['Bearer abc', 'Invalid token'],
  ] as const) {
    const reply = await ask(header)
    expect([reply.status, json(reply.body)]).toEqual([401, { detail }])
  }
})

test('a token request without a key says which field is missing', async () => {
  const missing = await post('/v3/auth/token', '{}')
  expect(missing.status).toBe(422)
  expect(json(missing.body)).toMatchObject({ detail: [{ loc: ['body', 'api_key'] }] })
  const empty = await post('/v3/auth/token', '{"api_key":""}')
  expect([empty.status, json(empty.body)]).toEqual([400, { error: 'Invalid API key format' }])
  const broken = await post('/v3/auth/token', '{')
  expect(broken.status).toBe(400)
  expect(String(json(broken.body).error)).toContain('not JSON')
})

test('the projects of UUID keys appear, and survive the process', async () => {
  const { project_id } = json(
    (await post('/v3/auth/token', '{"api_key":"6b7a1469-bdcb-4d47-85ba-c4824bc8486e"}')).body,
  )
  await getJson(server, '/api/v1/position?wait=1')
  const status = (await getJson(server, '/api/v1/status')) as { index: { projects: { id: string }[] } }
  expect(status.index.projects.map(({ id }) => id)).toContain(project_id)
})

const traceId = 'b750f073b66ee4c2d9349e5ad827d846'
const decimal = BigInt(`0x${traceId}`).toString()

test.each([
  ['a JSON string, as 0.4.7–0.4.18 sends it', '"line one\\n"', 'line one\n'],
  ['an object, as 0.4.19–0.4.21 sends it', '{"body":"line two\\n"}', 'line two\n'],
  ['an empty string, as 0.4.8 sends it', '""', ''],
])('console text as %s is kept, and the answered URL works', async (_, body, text) => {
  const reply = await post('/v4/logs/upload/', body, {
    'trace-id': decimal,
    'user-agent': 'agentops-python/0.4.21',
  })
  expect(reply.status).toBe(200)
  const { url, size } = json(reply.body) as { url: string; size: number }
  expect(size).toBe(Buffer.byteLength(body))
  await getJson(server, '/api/v1/position?wait=1')
  const read = (await (await fetch(url)).json()) as { content: string; trace_id: string }
  expect(read.trace_id).toBe(traceId)
  expect(read.content.endsWith(text)).toBe(true)
})

test('later console text is appended and not written over', async () => {
  const read = (await getJson(server, `/v4/logs/${traceId}`)) as { content: string }
  expect(read.content).toBe('line one\nline two\n')
})

test('an upload without a usable Trace-Id is refused in the words of the hosted API', async () => {
  const none = await post('/v4/logs/upload/', '""')
  expect([none.status, json(none.body)]).toEqual([400, { detail: 'No trace ID provided' }])
  const bad = await post('/v4/logs/upload/', '""', { 'trace-id': 'a b' })
  expect([bad.status, json(bad.body)]).toEqual([400, { detail: 'Trace ID contains invalid characters' }])
})

test('an object comes back at once from its URL, byte for byte, and cannot run as a page', async () => {
  const bytes = Buffer.from([0, 1, 255, 254])
  const reply = await post('/v4/objects/upload/', bytes, { 'content-type': 'text/html' })
  const { url, size } = json(reply.body) as { url: string; size: number }
  expect(size).toBe(4)
  const read = await fetch(url)
  expect(Buffer.from(await read.arrayBuffer())).toEqual(bytes)
  expect(read.headers.get('content-security-policy')).toContain('sandbox')
})

test('what is not known under the emulated prefixes gets the echo of the original, and is counted', async () => {
  const reply = await post('/v4/nothing%2Fhere?x=1', '{}')
  expect([reply.status, json(reply.body)]).toEqual([200, { path: 'v4/nothing/here' }])
  const head = await request(server, { method: 'HEAD', path: '/opsboard/users/me' })
  expect([head.status, head.body.length]).toEqual([200, 0])
  const { requests } = (await readStatus(server)) as unknown as { requests: { unknown: { what: string }[] } }
  expect(requests.unknown.map(({ what }) => what)).toContain('POST /v4/nothing%2Fhere')
})

test.each(['PUT', 'PATCH', 'DELETE'])('%s gets 405 with Allow', async (method) => {
  const reply = await request(server, { method, path: '/v3/auth/token' })
  expect(reply.status).toBe(405)
  expect(reply.headers.allow).toBe('GET, HEAD, OPTIONS, POST')
})

test.each(['/v1/traces', '/v1/traces/', '/traces', '//traces', '/api/v1/traces', '/v1/traces/v1/traces'])(
  'spans are taken at %s',
  async (path) => {
    const reply = await post(path, '{"resourceSpans":[]}')
    expect([reply.status, reply.body.toString()]).toEqual([200, '{}'])
  },
)
