import { beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { type Answer, postTraces, request } from '../support/http.ts'
import { newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'

const KEY = 'a-key-of-this-server'

const codeOf = (answer: Answer) => [answer.status, answer.headers['x-agl-error']]

describe('the Host of a request', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ args: ['--allow-host', 'traces.example'] })
  })

  it.each([
    'localhost',
    'localhost:1234',
    '127.0.0.1',
    '[::1]:8002',
    'my.localhost',
    'LOCALHOST',
    'traces.example:80',
  ])('%s is answered', async (host) => {
    expect((await request(server, { path: '/health', headers: { host } })).status).toBe(200)
  })

  it.each(['evil.example', 'localhost.evil.example', 'evil.example:8002', 'xtraces.example'])(
    '%s is refused on every route, and the refusal names the flag',
    async (host) => {
      for (const path of ['/health', '/api/v1/traces', '/v3/auth/token', '/', '/nothing', '/v1/nothing']) {
        const answer = await request(server, { path, headers: { host } })
        expect(codeOf(answer), path).toEqual([403, 'AGL_HOST_REFUSED'])
        expect(answer.body.toString()).toContain(`--allow-host ${host.split(':')[0]}`)
      }
      const posted = await postTraces(server, protobufBody([someSpan()]), { headers: { host } })
      expect(codeOf(posted)).toEqual([403, 'AGL_HOST_REFUSED'])
    },
  )
})

describe('the Origin of a request', () => {
  const origin = 'http://app.example:3000'
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ args: ['--allow-origin', origin] })
  })

  it.each(['http://evil.example', 'null', 'http://localhost:1', 'http://app.example'])(
    'of another site (%s) is refused, for reading and writing',
    async (other) => {
      const headers = { origin: other }
      const read = await request(server, { path: '/api/v1/traces', headers })
      expect(codeOf(read)).toEqual([403, 'AGL_ORIGIN_REFUSED'])
      expect(read.headers['access-control-allow-origin']).toBeUndefined()
      const traceId = newTraceId()
      const written = await postTraces(server, protobufBody([someSpan({ traceId })]), { headers })
      expect(codeOf(written)).toEqual([403, 'AGL_ORIGIN_REFUSED'])
      const deleted = await request(server, { method: 'DELETE', path: `/api/v1/traces/${traceId}`, headers })
      expect(codeOf(deleted)).toEqual([403, 'AGL_ORIGIN_REFUSED'])
    },
  )

  it('that is allowed may read, and is asked first', async () => {
    const headers = { origin, 'access-control-request-headers': 'content-type' }
    const preflight = await request(server, { method: 'OPTIONS', path: '/v1/traces', headers })
    expect(preflight.status).toBe(200)
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'content-type',
    })
    const read = await request(server, { path: '/api/v1/traces', headers })
    expect([read.status, read.headers['access-control-allow-origin']]).toEqual([200, origin])
  })

  it('of the server itself is no other site', async () => {
    const own = { origin: `http://localhost:${server.port}`, host: `localhost:${server.port}` }
    expect((await request(server, { path: '/api/v1/traces', headers: own })).status).toBe(200)
  })
})

describe('a server that demands its key', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ args: ['--api-key', KEY, '--require-key'] })
  })

  const right: [string, string, Record<string, string>][] = [
    ['as bearer token', '', { authorization: `Bearer ${KEY}` }],
    ['in X-API-Key', '', { 'x-api-key': KEY }],
    ['in the path', `/k/${KEY}`, {}],
  ]
  it.each(right)('takes it %s, for writing and reading', async (_, prefix, headers) => {
    const traceId = newTraceId()
    const written = await postTraces(server, protobufBody([someSpan({ traceId })]), {
      path: `${prefix}/v1/traces`,
      headers,
    })
    expect(written.status).toBe(200)
    const after = written.headers['x-agl-position']
    const read = await request(server, { path: `${prefix}/api/v1/traces/${traceId}?after=${after}`, headers })
    expect(read.status).toBe(200)
  })

  const wrong: [string, string, Record<string, string>][] = [
    ['none', '', {}],
    ['a wrong bearer token', '', { authorization: 'Bearer wrong' }],
    ['Bearer None', '', { authorization: 'Bearer None' }],
    ['a wrong X-API-Key', '', { 'x-api-key': `${KEY}x` }],
    ['a wrong one in the path', '/k/wrong', {}],
  ]
  it.each(wrong)('refuses %s with 401, on every route that reads or writes', async (_, prefix, headers) => {
    const traceId = newTraceId()
    const asked: [string, string][] = [
      ['POST', '/v1/traces'],
      ['POST', '/traces'],
      ['POST', '/api/v1/traces'],
      ['POST', '/v1/logs'],
      ['POST', '/v1/metrics'],
      ['POST', '/v4/logs/upload/'],
      ['POST', '/v4/objects/upload/'],
      ['GET', `/v4/logs/${traceId}`],
      ['GET', '/v4/objects/0123'],
      ['GET', '/api/v1/traces'],
      ['GET', `/api/v1/traces/${traceId}`],
      ['GET', `/api/v1/traces/${traceId}/spans/0123456789abcdef`],
      ['GET', `/api/v1/traces/${traceId}/export`],
      ['GET', `/api/v1/traces/${traceId}/logs`],
      ['GET', `/api/v1/traces/${traceId}/console`],
      ['GET', '/api/v1/logs'],
      ['GET', '/api/v1/logs/0123'],
      ['GET', '/api/v1/metrics'],
      ['GET', '/api/v1/metrics/points'],
      ['DELETE', `/api/v1/traces/${traceId}`],
      ['GET', '/api/v1/changes'],
      ['GET', '/api/v1/status'],
    ]
    for (const [method, path] of asked) {
      const answer = await request(server, {
        method,
        path: prefix + path,
        headers: { ...headers, 'trace-id': traceId },
        ...(method === 'POST' ? { body: protobufBody([someSpan({ traceId })]) } : {}),
      })
      expect(codeOf(answer), `${method} ${path}`).toEqual([401, 'AGL_UNAUTHORIZED'])
      expect(answer.body.toString()).toMatch(/Bearer KEY/)
    }
  })

  it('gives a token for it and for nothing else, and takes that token', async () => {
    const ask = (key: string) =>
      request(server, { method: 'POST', path: '/v3/auth/token', body: JSON.stringify({ api_key: key }) })
    expect((await ask('wrong')).status).toBe(403)
    const { token } = JSON.parse((await ask(KEY)).body.toString()) as { token: string }
    const headers = { authorization: `Bearer ${token}` }
    expect((await postTraces(server, protobufBody([someSpan()]), { headers })).status).toBe(200)
    const forged = { authorization: `Bearer ${token.slice(0, -3)}AAA` }
    expect((await postTraces(server, protobufBody([someSpan()]), { headers: forged })).status).toBe(401)
  })

  it('shows the key in no answer and no log line', async () => {
    await request(server, { path: `/k/${KEY}/nothing` })
    await postTraces(server, Buffer.from([0xff]), { path: `/k/${KEY}/v1/traces` })
    const status = await request(server, { path: '/api/v1/status', headers: { 'x-api-key': KEY } })
    expect(status.body.toString()).not.toContain(KEY)
    // What it prints for pasting holds the key; its log does not.
    const logged = server
      .output()
      .split('\n')
      .filter((line) => line.startsWith('['))
    expect(logged.join('\n')).not.toContain(KEY)
  })
})

describe('a server beyond loopback', () => {
  it('starts with a key, and demands it', async () => {
    const server = await startServer({ args: ['--host', '0.0.0.0', '--api-key', KEY] })
    expect((await request(server, { path: '/api/v1/traces' })).status).toBe(401)
    expect((await request(server, { path: '/api/v1/traces', headers: { 'x-api-key': KEY } })).status).toBe(
      200,
    )
  })
})
