import { describe, expect, it } from 'vitest'
import { startServer, until } from '../support/agl.ts'
import { openConnection, postTraces } from '../support/http.ts'
import { startLoad } from '../support/load.ts'
import { newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { seededRandom } from '../support/random.ts'
import { readTrace, settled } from '../support/read-traces.ts'

describe('a server that is told to stop', { timeout: 120_000 }, () => {
  it('under load ends soon with 0, answers no 5xx, and loses nothing that it acknowledged', async () => {
    const server = await startServer()
    const load = startLoad(server, 6, seededRandom(1))
    await until('some batches are acknowledged', () => load.acknowledged.length > 10)
    const started = performance.now()
    const gone = new Promise<number | null>((resolve) => server.child.once('exit', resolve))
    server.child.kill('SIGTERM')
    expect(await gone).toBe(0)
    expect(performance.now() - started).toBeLessThan(20_000)
    await load.stop()
    expect([...load.statuses.keys()].filter((status) => status !== 200 && status !== 429)).toEqual([])
    expect(load.acknowledged.length).toBeGreaterThan(10)

    const again = await startServer({ dataDir: server.dataDir })
    await settled(again)
    const expected = new Map<string, number>()
    for (const { traceId, spans } of load.acknowledged)
      expected.set(traceId, (expected.get(traceId) ?? 0) + spans)
    for (const [traceId, spans] of expected) {
      const found = await readTrace(again, traceId)
      const names = new Set(found?.spans.map(({ name }) => name.split('-')[0]))
      expect(found?.spans.length).toBeGreaterThanOrEqual(spans)
      for (const batch of load.acknowledged)
        if (batch.traceId === traceId) expect(names).toContain(String(batch.number))
    }
  })

  it('answers 429 with Retry-After to a request that was on its way', async () => {
    const server = await startServer()
    const traceId = newTraceId()
    const body = protobufBody([someSpan({ traceId })])
    const connection = await openConnection(server)
    await connection.send(
      'POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n' +
        `expect: 100-continue\r\ncontent-length: ${body.length}\r\n\r\n`,
    )
    const goOn = 'HTTP/1.1 100 Continue\r\n\r\n'
    await expect.poll(connection.received).toBe(goOn)
    await connection.send(body.subarray(0, 10))
    const gone = new Promise((resolve) => server.child.once('exit', resolve))
    server.child.kill('SIGTERM')
    await until('it is stopping', () => /stopping/i.test(server.output()))
    await connection.send(body.subarray(10))
    await gone
    await connection.closed
    expect(connection.received().slice(goOn.length)).toMatch(
      /^HTTP\/1\.1 429 .*retry-after: \d+.*AGL_DRAINING|^HTTP\/1\.1 429 .*AGL_DRAINING.*retry-after: \d+/is,
    )
  })

  it('refuses new connections, and is not held up by idle and stalled ones', async () => {
    const server = await startServer()
    await postTraces(server, protobufBody([someSpan()]))
    const idle = await Promise.all(Array.from({ length: 20 }, () => openConnection(server)))
    await idle[0]?.send('POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\nx')
    const started = performance.now()
    const gone = new Promise<number | null>((resolve) => server.child.once('exit', resolve))
    server.child.kill('SIGTERM')
    await until('new connections are refused', async () => {
      const error = await openConnection(server).then(
        ({ socket }) => void socket.destroy(),
        (reason: NodeJS.ErrnoException) => reason,
      )
      return error?.code === 'ECONNREFUSED'
    })
    expect(await gone).toBe(0)
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})
