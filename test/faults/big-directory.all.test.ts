import { describe, expect, it } from 'vitest'
import { startServer, tempDir } from '../support/agl.ts'
import { postTraces, request } from '../support/http.ts'
import { writeRecords } from '../support/log-files.ts'
import { newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { readStatus, settled } from '../support/read-traces.ts'

const MEBIBYTE = 2 ** 20
const RECORDS = 1024

function* records(): Generator<{ payload: Buffer }> {
  for (let count = 0; count < RECORDS; count++) {
    const traceId = newTraceId()
    const attributes = { text: 'x'.repeat(MEBIBYTE / 8) }
    yield { payload: protobufBody(Array.from({ length: 8 }, () => someSpan({ traceId, attributes }))) }
  }
}

/** Milliseconds from the start of the process to the first answer, and to the first acknowledged span. */
async function measure(dataDir: string): Promise<{ answered: number; acknowledged: number }> {
  const started = performance.now()
  const server = await startServer({ dataDir })
  expect((await request(server, { path: '/health' })).status).toBe(200)
  const answered = performance.now() - started
  expect((await postTraces(server, protobufBody([someSpan()]))).status).toBe(200)
  const acknowledged = performance.now() - started
  await settled(server)
  expect((await readStatus(server)).index.lagBytes).toBe(0)
  await server.stop()
  return { answered: Math.round(answered), acknowledged: Math.round(acknowledged) }
}

describe('a data directory of 1 GB', { timeout: 300_000 }, () => {
  it('is opened about as fast as an empty one, indexed or not', async () => {
    const empty = await measure(tempDir())
    const dataDir = tempDir()
    await writeRecords(dataDir, records())
    const notIndexed = await measure(dataDir)
    const indexed = await measure(dataDir)
    process.stdout.write(`start in ms: ${JSON.stringify({ empty, notIndexed, indexed })}\n`)
    // A thread that read the whole directory first would need far longer.
    for (const { acknowledged } of [notIndexed, indexed]) expect(acknowledged).toBeLessThan(40_000)
  })
})
