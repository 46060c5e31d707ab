import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it } from 'vitest'
import { createLogger } from '../../packages/agentlightning/src/logger.ts'
import { defaultLimits } from '../../packages/agentlightning/src/server/config.ts'
import { IndexClient } from '../../packages/agentlightning/src/server/threads/index-client.ts'
import { tempDir } from '../support/agl.ts'
import { logDirOf, writeRecords } from '../support/log-files.ts'
import { newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { runSeed, seededRandom } from '../support/random.ts'

const SPANS_A_RECORD = 25

let client: IndexClient | undefined
afterEach(() => client?.close())

function openIndex(dataDir: string): IndexClient {
  mkdirSync(dataDir, { recursive: true })
  client = new IndexClient({
    logDir: logDirOf(dataDir),
    indexPath: join(dataDir, 'index.db'),
    limits: defaultLimits,
    logger: createLogger('silent'),
  })
  return client
}

function countSpans(dataDir: string): unknown {
  const database = new DatabaseSync(join(dataDir, 'index.db'), { readOnly: true })
  try {
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    return database.prepare('SELECT count(*) AS spans FROM span').get()?.spans
  } finally {
    database.close()
  }
}

describe('an index thread that is killed', { timeout: 120_000 }, () => {
  it('is started again, reaches the end of the log, and counts each span once', async () => {
    const random = seededRandom(runSeed('killed index thread'))
    const dataDir = tempDir()
    const records = Array.from({ length: 4000 }, () => {
      const traceId = newTraceId()
      return { payload: protobufBody(Array.from({ length: SPANS_A_RECORD }, () => someSpan({ traceId }))) }
    })
    const written = await writeRecords(dataDir, records)
    const end = written.at(-1)?.end as number
    const index = openIndex(dataDir)
    await index.open()
    index.follow(end)
    while (index.counts.restarts < 5 && !(await index.waitFor(end, random() * 150))) await index.kill()
    expect(await index.waitFor(end, 90_000)).toBe(true)
    expect(index.counts.restarts).toBeGreaterThan(0)
    expect(index.counts.setAside).toBe(0)
    await index.close()
    expect(countSpans(dataDir)).toBe(records.length * SPANS_A_RECORD)
  })

  it('is started again when it was idle, and follows what comes then', async () => {
    const dataDir = tempDir()
    const first = await writeRecords(dataDir, [{ payload: protobufBody([someSpan()]) }])
    const index = openIndex(dataDir)
    await index.open()
    index.follow(first.at(-1)?.end as number)
    expect(await index.waitFor(first.at(-1)?.end as number, 30_000)).toBe(true)
    await index.kill()
    const second = await writeRecords(dataDir, [{ payload: protobufBody([someSpan()]) }])
    index.follow(second.at(-1)?.end as number)
    expect(await index.waitFor(second.at(-1)?.end as number, 30_000)).toBe(true)
    expect(await index.checkpoint()).toBe(second.at(-1)?.end)
    await index.close()
    expect(countSpans(dataDir)).toBe(2)
  })
})
