import { randomBytes } from 'node:crypto'
import { Agent } from 'node:http'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { type Answer, openConnection, postTraces, request } from '../support/http.ts'
import { peakResidentBytes } from '../support/memory.ts'
import { newTraceId, protobufBody, readStatusMessage, someSpan } from '../support/otlp-bodies.ts'
import { readTrace, settled } from '../support/read-traces.ts'

const MEBIBYTE = 2 ** 20
const BODY_LIMIT = 64 * MEBIBYTE
const SPAN_BYTES = 15 * MEBIBYTE

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})

/** A batch of exactly `bytes`, in four spans. */
function bodyOf(traceId: string, bytes: number): Buffer {
  const spans = Array.from({ length: 4 }, () => someSpan({ traceId }))
  const fill = (last: number) =>
    protobufBody(
      spans.map((span, at) => ({ ...span, attributes: { text: 'x'.repeat(at === 0 ? last : SPAN_BYTES) } })),
    )
  // What the frame takes is known once it is there.
  const body = fill(SPAN_BYTES + bytes - fill(SPAN_BYTES).length)
  expect(body.length).toBe(bytes)
  return body
}

function expectTooLarge(answer: Answer): void {
  expect([answer.status, answer.headers['x-agl-error']]).toEqual([413, 'AGL_BODY_TOO_LARGE'])
  const { code, message } = readStatusMessage(answer.body)
  expect(code).toBe(8)
  expect(message).toMatch(/^The body is larger than \d+ bytes/)
}

describe('the size of a body', { timeout: 120_000 }, () => {
  it.each([false, true])('64 MiB are recorded (chunked: %s)', async (chunked) => {
    const traceId = newTraceId()
    const answer = await postTraces(server, bodyOf(traceId, BODY_LIMIT), { chunked })
    expect(answer.status).toBe(200)
    await settled(server)
    expect((await readTrace(server, traceId))?.spans).toHaveLength(4)
  })

  it.each([false, true])('one byte more is refused with 413 (chunked: %s)', async (chunked) => {
    const traceId = newTraceId()
    const body = bodyOf(traceId, BODY_LIMIT + 1)
    expectTooLarge(await postTraces(server, body, { chunked }))
    await settled(server)
    expect(await readTrace(server, traceId)).toBeUndefined()
  })

  it('a client that sends everything before it reads sees the answer and no reset', async () => {
    const connection = await openConnection(server)
    const length = BODY_LIMIT + MEBIBYTE
    await connection.send(
      'POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n' +
        `content-length: ${length}\r\n\r\n`,
    )
    const piece = Buffer.alloc(MEBIBYTE)
    for (let sent = 0; sent < length; sent += piece.length) await connection.send(piece)
    await expect.poll(() => connection.received()).toMatch(/^HTTP\/1\.1 413 .*AGL_BODY_TOO_LARGE/is)
    connection.socket.destroy()
  })

  it('the connection goes on after a refusal', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (const chunked of [false, true]) {
      expectTooLarge(await postTraces(server, Buffer.alloc(BODY_LIMIT + MEBIBYTE), { chunked, agent }))
      expect((await request(server, { path: '/health', agent })).status).toBe(200)
    }
    agent.destroy()
  })

  it('far more is refused at the first header, or once it is too much', async () => {
    // A connection of its own: what follows on it would count as the body.
    const agent = new Agent()
    const announced = await request(server, {
      agent,
      method: 'POST',
      path: '/v1/traces',
      headers: { 'content-length': String(2 ** 40), 'content-type': 'application/x-protobuf' },
      body: 'x',
    })
    expectTooLarge(announced)
    agent.destroy()
    const before = peakResidentBytes(server.pid)
    expectTooLarge(await postTraces(server, Buffer.alloc(256 * MEBIBYTE), { chunked: true }))
    expect((peakResidentBytes(server.pid) - before) / MEBIBYTE).toBeLessThan(150)
  })

  it('20 MiB compressed are taken, one byte more is refused', async () => {
    const traceId = newTraceId()
    const headers = { 'content-encoding': 'gzip' }
    // Stored blocks: hardly smaller than what is in them.
    const text = { text: randomBytes(17 * MEBIBYTE) }
    const body = protobufBody([
      someSpan({ traceId, attributes: text }),
      someSpan({ traceId, attributes: { text: randomBytes(2 * MEBIBYTE) } }),
    ])
    const compressed = gzipSync(body, { level: 0 })
    expect(compressed.length).toBeLessThan(20 * MEBIBYTE)
    expect((await postTraces(server, compressed, { headers })).status).toBe(200)
    await settled(server)
    expect((await readTrace(server, traceId))?.spans).toHaveLength(2)
    const oneMore = Buffer.concat([compressed, Buffer.alloc(20 * MEBIBYTE + 1 - compressed.length)])
    expectTooLarge(await postTraces(server, oneMore, { headers }))
  })

  it('the server holds none of it afterwards', async () => {
    const traceId = newTraceId()
    expect((await postTraces(server, protobufBody([someSpan({ traceId })]))).status).toBe(200)
    await settled(server)
    expect((await readTrace(server, traceId))?.spans).toHaveLength(1)
  })
})
