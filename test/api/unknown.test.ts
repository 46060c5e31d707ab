// Requests that no route answers: counted by route, with one example each that holds no secret.
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, it } from 'vitest'
import { runAgl, startServer, type TestServer, until } from '../support/agl.ts'
import { request } from '../support/http.ts'
import { residentBytes } from '../support/memory.ts'
import { getJson } from '../support/read-traces.ts'

interface Route {
  readonly what: string
  readonly count: number
  readonly example?: { method: string; path: string; contentType: string; userAgent: string; body: string }
}

const secret = '11111111-2222-4333-8444-555555555555'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})

const post = (path: string, body: Buffer | string, headers: Record<string, string> = {}) =>
  request(server, { method: 'POST', path, body, headers: { 'content-type': 'application/json', ...headers } })

/** The route, once its example is there. */
function routeOf(what: string): Promise<Route> {
  return until(`an example of ${what}`, async () => {
    const { requests } = await getJson<{ requests: { unknown: Route[] } }>(server, '/api/v1/status')
    return requests.unknown.find((route) => route.what === what && route.example)
  })
}

it('a route is counted however often it comes, and its first request is the example', async () => {
  const body = JSON.stringify({ api_key: secret, name: 'x'.repeat(600) })
  const headers = {
    authorization: `Bearer ${secret}`,
    'x-agentops-api-key': secret,
    'user-agent': 'my-sdk/1',
  }
  const path = `/v2/sessions/0d56da57-7a4c-4b6a-8d1e-0123456789ab/archive?api_key=${secret}&deep=1`
  for (let count = 0; count < 3; count++) expect((await post(path, body, headers)).status).toBe(200)
  const route = await routeOf('POST /v2/sessions/:id/archive')
  expect(route.count).toBe(3)
  expect(route.example).toMatchObject({
    method: 'POST',
    path: '/v2/sessions/0d56da57-7a4c-4b6a-8d1e-0123456789ab/archive?api_key=(removed)&deep=1',
    contentType: 'application/json',
    userAgent: 'my-sdk/1',
    body: expect.stringMatching(/^{"api_key":"\(removed\)","name":"x+…$/),
  })
  expect(JSON.stringify(route)).not.toContain(secret)
})

it('what is answered with 404 is counted as well', async () => {
  expect((await post('/otlp/v1/traces', '{}')).status).toBe(404)
  expect((await routeOf('POST /otlp/v1/traces')).example?.body).toBe('{}')
})

it('a body that is no text is told by its size', async () => {
  await post('/v4/binary', Buffer.from([0, 1, 2, 0xff, 0xfe]))
  await post('/v4/compressed', gzipSync('text'), { 'content-encoding': 'gzip' })
  expect((await routeOf('POST /v4/binary')).example?.body).toBe('(5 bytes)')
  expect((await routeOf('POST /v4/compressed')).example?.body).toMatch(/^\(\d+ bytes, gzip\)$/)
})

it('`agl agentops status` shows it, also as JSON', async () => {
  await post('/v4/shown', '{"a":1}')
  await routeOf('POST /v4/shown')
  const text = await runAgl(['agentops', 'status', '--data-dir', server.dataDir])
  expect(text.stdout).toMatch(/POST \/v4\/shown[\s\S]*\{"a":1\}/)
  const { stdout } = await runAgl(['agentops', 'status', '--json', '--data-dir', server.dataDir])
  const { details } = JSON.parse(stdout) as { details: { requests: { unknown: Route[] } } }
  expect(details.requests.unknown.find(({ what }) => what === 'POST /v4/shown')?.example?.body).toBe(
    '{"a":1}',
  )
})

it('large bodies and thousands of routes cost no memory', async () => {
  const large = Buffer.alloc(8 * 2 ** 20, 'a')
  for (let count = 0; count < 5; count++) await post(`/v4/warm${count}`, large)
  const before = residentBytes(server.pid)
  for (let count = 0; count < 50; count++) await post(`/v4/large${count}`, large)
  for (let count = 0; count < 1000; count++) await post(`/v4/many-${count}-x`, '{"a":1}')
  expect((residentBytes(server.pid) - before) / 2 ** 20).toBeLessThan(150)
  const { requests } = await getJson<{ requests: { unknown: Route[] } }>(server, '/api/v1/status')
  expect(requests.unknown).toHaveLength(200)
  expect(requests.unknown.at(-1)?.what).toBe('other routes')
  expect((await request(server, { path: '/health' })).status).toBe(200)
})
