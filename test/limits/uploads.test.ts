import { beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { type Answer, request } from '../support/http.ts'
import { newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'

const UPLOAD_LIMIT = 25 * 2 ** 20

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})

function upload(path: string, body: Buffer | string, traceId: string): Promise<Answer> {
  return request(server, {
    method: 'POST',
    path,
    headers: { 'trace-id': traceId, 'content-type': 'application/octet-stream' },
    body,
  })
}

describe.each(['/v4/logs/upload/', '/v4/objects/upload/'])('an upload to %s', (path) => {
  it('of 25 MiB is kept, and its URL gives it back', { timeout: 120_000 }, async () => {
    const answer = await upload(path, Buffer.alloc(UPLOAD_LIMIT, 'a'), newTraceId())
    expect(answer.status).toBe(200)
    const { url, size } = JSON.parse(answer.body.toString()) as { url: string; size: number }
    expect(size).toBe(UPLOAD_LIMIT)
    if (!path.includes('objects')) return
    const back = await request(server, { path: new URL(url).pathname })
    expect(back.body.equals(Buffer.alloc(UPLOAD_LIMIT, 'a'))).toBe(true)
  })

  it('one byte above is refused with 413', async () => {
    const answer = await upload(path, Buffer.alloc(UPLOAD_LIMIT + 1, 'a'), newTraceId())
    expect([answer.status, answer.headers['x-agl-error']]).toEqual([413, 'AGL_BODY_TOO_LARGE'])
    expect(JSON.parse(answer.body.toString())).toEqual({
      detail: expect.stringContaining('larger than 26214400 bytes'),
    })
  })
})

describe('uploaded console text', () => {
  it('that comes before the spans of its trace is read with them', async () => {
    const traceId = newTraceId()
    const uploaded = await upload('/v4/logs/upload/', 'first line\n', traceId)
    const position = uploaded.headers['x-agl-position']
    expect(position).toMatch(/^\d+-\d+$/)
    const posted = await request(server, {
      method: 'POST',
      path: '/v1/traces',
      body: protobufBody([someSpan({ traceId })]),
    })
    const after = posted.headers['x-agl-position']
    const logs = await request(server, { path: `/api/v1/traces/${traceId}/console?after=${after}` })
    expect(JSON.parse(logs.body.toString())).toMatchObject({ logs: [{ text: 'first line\n' }] })
  })
})
