import { describe, expect, it } from 'vitest'
import { startServer, type TestServer, until } from '../support/agl.ts'
import { postTraces, request } from '../support/http.ts'
import { newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { exportTrace, listTraces, readStatus, readTrace, settled } from '../support/read-traces.ts'

const MEGABYTE = 1_000_000

describe('the cap on the size of the data directory', { timeout: 120_000 }, () => {
  const text = { text: 'x'.repeat(4 * MEGABYTE) }

  async function post(server: TestServer, traceId: string): Promise<void> {
    const answer = await postTraces(server, protobufBody([someSpan({ traceId, attributes: text })]))
    expect(answer.status).toBe(200)
  }

  it('is kept by removing the oldest segments, with their traces, while the server goes on', async () => {
    const server = await startServer({ args: ['--max-disk', '100MB'] })
    // One trace that begins in the oldest segment and goes on to the newest: on a slow machine the cap is kept more
    // than once meanwhile, and a trace of which nothing is left would begin anew.
    const [long, oldest] = [newTraceId(), newTraceId()]
    await post(server, oldest)
    await post(server, long)
    const others: string[] = []
    for (let count = 0; count < 48; count++) {
      const traceId = newTraceId()
      others.push(traceId)
      await post(server, traceId)
      if (count % 6 === 5) await post(server, long)
    }
    await settled(server)
    await until(
      'the size is below the cap',
      async () => (await readStatus(server)).log.bytes < 100 * MEGABYTE,
      60_000,
    )

    expect(await readTrace(server, oldest)).toBeUndefined()
    expect((await listTraces(server)).map(({ traceId }) => traceId)).not.toContain(oldest)
    const kept = await readTrace(server, long)
    expect(kept?.trace).toMatchObject({ pruned: true, spans: 9 })
    expect(kept?.spans.length).toBeGreaterThan(0)
    expect(kept?.spans.length).toBeLessThan(9)
    const newest = others.at(-1) as string
    expect(await exportTrace(server, newest)).toHaveLength(1)
    await post(server, newTraceId())
    const { index, log } = await readStatus(server)
    expect(index.setAsideCount).toBe(0)
    expect(log.segments).toBeGreaterThan(0)

    // And so it is after a restart.
    await settled(server)
    const before = (await listTraces(server)).map(({ traceId }) => traceId)
    await server.kill()
    const again = await startServer({ dataDir: server.dataDir, args: ['--max-disk', '100MB'] })
    await settled(again)
    expect((await listTraces(again)).map(({ traceId }) => traceId)).toEqual(before)
    expect((await request(again, { path: `/api/v1/traces/${oldest}` })).status).toBe(404)
  })
})
