import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { request } from '../support/http.ts'
import { listTraces, settled } from '../support/read-traces.ts'
import { type StandIn, startStandIn } from './stand-in.ts'

let upstream: StandIn
let server: TestServer
beforeAll(async () => {
  upstream = await startStandIn()
  server = await startServer({ args: ['--upstream', upstream.url] })
})
afterAll(() => upstream.close())

// JSON that can be parsed, and is too deep to be written again by what recurses.
test.each([400, 600, 20_000])(
  'a request of %d levels is passed on, recorded and read back',
  async (levels) => {
    const content = '['.repeat(levels) + ']'.repeat(levels)
    const body = `{"model":"tiny","messages":[{"role":"user","content":${content}}]}`
    const answer = await request(server, { method: 'POST', path: '/gateway/v1/chat/completions', body })
    expect(answer.status).toBe(200)
    expect(upstream.seen.at(-1)?.body).toContain(content)
    await settled(server)
    const id = answer.headers['x-agl-call-id'] as string
    const detail = await request(server, { path: `/api/v1/calls/${id}` })
    expect(detail.status).toBe(200)
    expect(JSON.stringify((JSON.parse(detail.body.toString()) as { request: unknown }).request)).toContain(
      content,
    )
    for (const path of ['/api/v1/calls/export', '/api/v1/calls/export?messages=1'])
      expect((await request(server, { path })).body.toString()).toContain(id)
    for (const { traceId } of await listTraces(server))
      expect((await request(server, { path: `/api/v1/traces/${traceId}/export` })).status).toBe(200)
  },
)
