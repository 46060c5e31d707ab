import { describe, expect, it } from 'vitest'
import { startServer } from '../support/agl.ts'
import { openConnection, request } from '../support/http.ts'

describe('clients that never finish', () => {
  it('are cut off in the end: a header after one minute, a body after two', {
    timeout: 240_000,
  }, async () => {
    const server = await startServer()
    const [header, body] = await Promise.all([openConnection(server), openConnection(server)])
    await header.send('POST /v1/traces HTTP/1.1\r\nhost: localh')
    await body.send('POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\nx')
    const started = performance.now()
    const seconds = () => (performance.now() - started) / 1000
    const cut = await Promise.all([header.closed.then(seconds), body.closed.then(seconds)])
    expect(cut[0]).toBeLessThan(110)
    expect(cut[1]).toBeLessThan(160)
    expect((await request(server, { path: '/health' })).status).toBe(200)
    expect(await server.stop()).toBe(0)
  })
})
