import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { openConnection, postTraces, type RawConnection, request } from '../support/http.ts'
import { residentBytes } from '../support/memory.ts'
import { newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { readStatus, readTrace, settled } from '../support/read-traces.ts'
import { timed } from '../support/timed.ts'

const MEBIBYTE = 2 ** 20

const head = (length: number | string) =>
  `POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${length}\r\n\r\n`

let server: TestServer
const open: RawConnection[] = []
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => {
  for (const { socket } of open) socket.destroy()
})

async function connections(count: number): Promise<RawConnection[]> {
  const made = await Promise.all(Array.from({ length: count }, () => openConnection(server)))
  open.push(...made)
  return made
}

/** Posts 50 batches one after the other; each must be recorded. What waits for a slow client waits for a minute or more. */
async function expectServed(): Promise<void> {
  const traceId = newTraceId()
  await timed('50 batches beside slow clients', async () => {
    for (let count = 0; count < 50; count++) {
      const answer = await postTraces(server, protobufBody([someSpan({ traceId })]))
      expect(answer.status, answer.body.toString()).toBe(200)
    }
  })
  await settled(server)
  expect((await readTrace(server, traceId))?.spans).toHaveLength(50)
}

describe('clients that keep the server waiting do not slow others down', { timeout: 120_000 }, () => {
  it('1,000 idle connections', async () => {
    await connections(1000)
    await expectServed()
  })

  it('200 requests whose header never ends', async () => {
    for (const { send } of await connections(200)) await send('POST /v1/traces HTTP/1.1\r\nhost: localh')
    await expectServed()
  })

  it('200 requests whose body stalls', async () => {
    for (const { send } of await connections(200))
      await send(Buffer.concat([Buffer.from(head(1000)), Buffer.alloc(10)]))
    await expectServed()
  })

  it('20 requests that announce 64 MiB and send nothing', async () => {
    const before = residentBytes(server.pid)
    for (const { send } of await connections(20)) await send(head(64 * MEBIBYTE))
    await expectServed()
    expect((residentBytes(server.pid) - before) / MEBIBYTE).toBeLessThan(100)
  })

  it('a body that comes byte by byte is recorded when it is whole', async () => {
    const traceId = newTraceId()
    const body = protobufBody([someSpan({ traceId })])
    const [connection] = (await connections(1)) as [RawConnection]
    for (const byte of Buffer.concat([Buffer.from(head(body.length)), body]))
      await connection.send(Buffer.of(byte))
    await expect.poll(() => connection.received()).toMatch(/^HTTP\/1\.1 200 /)
    await settled(server)
    expect((await readTrace(server, traceId))?.spans).toHaveLength(1)
  })

  it('an answer that nobody reads', async () => {
    const traceId = newTraceId()
    const attributes = { text: 'x'.repeat(10 * MEBIBYTE) }
    await postTraces(
      server,
      protobufBody([someSpan({ traceId, attributes }), someSpan({ traceId, attributes })]),
    )
    await settled(server)
    for (const { socket, send } of await connections(4)) {
      socket.pause()
      await send(`GET /api/v1/traces/${traceId}/export HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    }
    await expectServed()
  })
})

describe('clients that leave in the middle', () => {
  it('of a body are forgotten, with what they had sent', async () => {
    const traceId = newTraceId()
    const body = protobufBody([someSpan({ traceId, attributes: { text: 'x'.repeat(MEBIBYTE) } })])
    for (const { send, socket, closed } of await connections(50)) {
      await send(Buffer.concat([Buffer.from(head(body.length)), body.subarray(0, body.length / 2)]))
      socket.resetAndDestroy()
      await closed
    }
    await expectServed()
    expect(await readTrace(server, traceId)).toBeUndefined()
    expect((await readStatus(server)).index.setAsideCount).toBe(0)
  })

  it('of a large answer do no harm', async () => {
    const traceId = newTraceId()
    const attributes = { text: 'x'.repeat(10 * MEBIBYTE) }
    await postTraces(server, protobufBody([someSpan({ traceId, attributes })]))
    await settled(server)
    for (const { send, socket, closed } of await connections(20)) {
      await send(`GET /api/v1/traces/${traceId}/export HTTP/1.1\r\nhost: localhost\r\n\r\n`)
      socket.resetAndDestroy()
      await closed
    }
    await expectServed()
    expect((await request(server, { path: '/health' })).status).toBe(200)
  })
})

describe('requests that are no HTTP', () => {
  it.each([
    '\x16\x03\x01\x02\x00\x01\x00',
    'GET\r\n\r\n',
    `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'x'.repeat(100)}`,
    'PRI / HTTP/1.1\r\nhost: localhost\r\n\r\n',
    '\0'.repeat(100),
  ])('are refused or cut off (%j)', async (text) => {
    const [connection] = (await connections(1)) as [RawConnection]
    await connection.send(text)
    await connection.closed
    // What begins as HTTP/2 is answered in its frames before it is cut off.
    const isHttp2 = text.startsWith('PRI') && connection.received().startsWith('\0\0')
    if (!isHttp2) expect(connection.received()).toMatch(/^$|^HTTP\/1\.1 4\d\d /)
    await expectServed()
  })

  it('a header of 100 kB is refused', async () => {
    const [connection] = (await connections(1)) as [RawConnection]
    await connection.send(`GET /health HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)
    await connection.closed
    expect(connection.received()).toMatch(/^$|^HTTP\/1\.1 431 /)
  })
})
