import { randomBytes } from 'node:crypto'
import { closeSync, openSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { runAgl, startServer, type TestServer, tempDir, until } from '../support/agl.ts'
import { postTraces, request } from '../support/http.ts'
import { newSpanId, newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { exportTrace, listTraces, readStatus, readTrace, settled } from '../support/read-traces.ts'

/** A server with a dozen traces, of which some were sent twice, changed, or deleted. */
async function startWithHistory(dataDir: string): Promise<TestServer> {
  const server = await startServer({ dataDir })
  for (let count = 0; count < 12; count++) {
    const traceId = newTraceId()
    const root = someSpan({ traceId, name: `trace ${count}` })
    const child = someSpan({ traceId, parentSpanId: root.spanId, spanId: newSpanId() })
    await postTraces(server, protobufBody([child], { 'service.name': 'history' }))
    await postTraces(server, protobufBody([root], { 'service.name': 'history' }))
    if (count % 3 === 0) await postTraces(server, protobufBody([root]))
    if (count % 4 === 0) {
      await settled(server)
      const answer = await request(server, { method: 'DELETE', path: `/api/v1/traces/${traceId}` })
      expect(answer.status).toBe(200)
      await postTraces(server, protobufBody([someSpan({ traceId, name: 'too late' })]))
    }
  }
  await settled(server)
  return server
}

/** Everything that a reader of the API sees, but for the numbers of changes. */
async function everything(server: TestServer): Promise<unknown> {
  const traces = []
  for (const { traceId } of await listTraces(server)) {
    const found = await readTrace(server, traceId)
    traces.push({
      ...found,
      trace: { ...found?.trace, change: 0 },
      whole: await exportTrace(server, traceId),
    })
  }
  const { traces: count, spans, duplicates, dropped } = (await readStatus(server)).index
  return { traces, count, spans, duplicates, dropped }
}

const damages: [string, (index: string) => void][] = [
  ['filled with garbage', (index) => writeFileSync(index, randomBytes(statSync(index).size))],
  [
    'damaged in its middle',
    (index) => {
      const file = openSync(index, 'r+')
      writeSync(file, randomBytes(100_000), 0, 100_000, 4096)
      closeSync(file)
    },
  ],
  ['cut off', (index) => truncateSync(index, 5000)],
  ['empty', (index) => truncateSync(index, 0)],
  ['removed', (index) => rmSync(index)],
]

describe('an index that is', { timeout: 120_000 }, () => {
  it.each(damages)('%s is made anew at the start, with the same answers', async (_, damage) => {
    const dataDir = tempDir()
    const server = await startWithHistory(dataDir)
    const before = await everything(server)
    await server.stop()
    const index = join(dataDir, 'index.db')
    damage(index)
    const again = await startServer({ dataDir })
    await settled(again)
    expect(await everything(again)).toEqual(before)
    expect(await again.stop()).toBe(0)
  })
})

describe('agl reindex', { timeout: 120_000 }, () => {
  it('gives the same answers, deletions too, without a server', async () => {
    const dataDir = tempDir()
    const server = await startWithHistory(dataDir)
    const before = await everything(server)
    await server.stop()
    expect(await runAgl(['reindex', '--data-dir', dataDir])).toMatchObject({ code: 0 })
    const again = await startServer({ dataDir })
    await settled(again)
    expect(await everything(again)).toEqual(before)
  })

  it('gives the same answers in a running server, which takes spans meanwhile', async () => {
    const dataDir = tempDir()
    const server = await startWithHistory(dataDir)
    const before = await everything(server)
    const reindex = runAgl(['reindex', '--data-dir', dataDir])
    const posted: string[] = []
    let done = false
    void reindex.finally(() => {
      done = true
    })
    while (!done) {
      const traceId = newTraceId()
      const answer = await postTraces(server, protobufBody([someSpan({ traceId })]))
      expect(answer.status).toBe(200)
      posted.push(traceId)
      // However long it takes, the test has few to read back.
      await sleep(50)
    }
    expect(await reindex).toMatchObject({ code: 0 })
    await settled(server)
    for (const traceId of posted) expect((await readTrace(server, traceId))?.spans).toHaveLength(1)
    for (const traceId of posted)
      await request(server, { method: 'DELETE', path: `/api/v1/traces/${traceId}` })
    await until('the index is at rest', async () => (await listTraces(server)).length === 9)
    expect(await everything(server)).toEqual(before)
  })
})
