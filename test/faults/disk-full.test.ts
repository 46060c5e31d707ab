import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startServer, type TestServer, until } from '../support/agl.ts'
import { type Answer, postTraces, request } from '../support/http.ts'
import { requireMeans } from '../support/means.ts'
import { newTraceId, protobufBody, readStatusMessage, someSpan } from '../support/otlp-bodies.ts'
import { exportTrace, readStatus, readTrace, settled } from '../support/read-traces.ts'
import { findSmallDisk, unmountAfterTests } from '../support/small-disk.ts'

const MEBIBYTE = 2 ** 20

const mountSmallDisk = await requireMeans('a full disk', findSmallDisk)
const servers: TestServer[] = []
unmountAfterTests(() => Promise.all(servers.map((server) => server.kill())))

async function startOn(megabytes: number): Promise<TestServer> {
  const disk = (mountSmallDisk as (megabytes: number) => string)(megabytes)
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(24 * MEBIBYTE))
  const server = await startServer({ dataDir: join(disk, 'data') })
  servers.push(server)
  return server
}

async function post(server: TestServer, traceId: string): Promise<Answer> {
  const attributes = { bytes: randomBytes(MEBIBYTE) }
  try {
    return await postTraces(server, protobufBody([someSpan({ traceId, attributes })]))
  } catch (error) {
    const { exitCode, signalCode } = server.child
    const state = exitCode ?? signalCode ?? 'running'
    throw new Error(`no answer; the server is ${state}:\n${server.output().slice(-4000)}`, { cause: error })
  }
}

/** Posts spans of 1 MiB, each with a trace of its own, until one is refused. */
async function fill(server: TestServer, atMost: number): Promise<{ recorded: string[]; refused: Answer }> {
  const recorded: string[] = []
  for (;;) {
    const traceId = newTraceId()
    const answer = await post(server, traceId)
    if (answer.status !== 200) return { recorded, refused: answer }
    recorded.push(traceId)
    if (recorded.length > atMost) throw new Error('the disk did not fill up')
  }
}

async function expectWhole(server: TestServer, traceIds: readonly string[]): Promise<void> {
  await settled(server)
  for (const traceId of traceIds) expect(await exportTrace(server, traceId)).toHaveLength(1)
}

describe.runIf(mountSmallDisk !== undefined)('a full disk', { timeout: 120_000 }, () => {
  it('refuses with 429, keeps what was acknowledged, and goes on when space is free again', async () => {
    const server = await startOn(80)
    const { recorded, refused } = await fill(server, 80)
    expect([refused.status, refused.headers['x-agl-error']]).toEqual([429, 'AGL_DISK_FULL'])
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(readStatusMessage(refused.body)).toMatchObject({
      code: 8,
      message: expect.stringMatching(/disk .*is full/),
    })
    // Still full, still alive.
    for (let times = 0; times < 20; times++) {
      const traceId = newTraceId()
      const { status } = await post(server, traceId)
      expect([200, 429]).toContain(status)
      if (status === 200) recorded.push(traceId)
    }
    expect((await request(server, { path: '/health' })).status).toBe(200)
    await expectWhole(server, recorded)

    rmSync(join(server.dataDir, '..', 'ballast'))
    const later: string[] = []
    await until('spans are recorded again', async () => {
      const traceId = newTraceId()
      const { status } = await post(server, traceId)
      if (status === 200) later.push(traceId)
      return status === 200
    })
    await expectWhole(server, [...recorded, ...later])
    const { index } = await readStatus(server)
    expect([index.setAsideCount, index.spans]).toEqual([0, recorded.length + later.length])
  })

  it('starts again while it is full, with everything', async () => {
    const server = await startOn(80)
    const { recorded } = await fill(server, 80)
    await server.kill()
    const again = await startServer({ dataDir: server.dataDir })
    servers.push(again)
    await expectWhole(again, recorded)
    expect([200, 429]).toContain((await post(again, newTraceId())).status)
  })

  it('sets nothing aside when it is the index that finds no room', async () => {
    const server = await startOn(80)
    let recorded = 0
    // Small spans take more of the index than of the log.
    const spans = () =>
      Array.from({ length: 2000 }, () => someSpan({ name: randomBytes(100).toString('hex') }))
    await until('the disk is full', async () => {
      const { status } = await postTraces(server, protobufBody(spans()))
      if (status === 200) recorded += 2000
      return status === 429
    })
    // For a while: a record is to blame only for what it does by itself.
    await sleep(2000)
    expect((await request(server, { path: '/health' })).status).toBe(200)
    rmSync(join(server.dataDir, '..', 'ballast'))
    await settled(server)
    const { index } = await readStatus(server)
    expect([index.setAsideCount, index.spans]).toEqual([0, recorded])
  })

  it('removes the oldest segment when there is one, in the reserve of 16 MB, and goes on', async () => {
    const server = await startOn(150)
    const first = newTraceId()
    expect((await post(server, first)).status).toBe(200)
    let recorded = 1
    let newest = first
    await until(
      'more is recorded than the disk holds',
      async () => {
        const traceId = newTraceId()
        const { status } = await post(server, traceId)
        expect([200, 429]).toContain(status)
        if (status === 200) {
          recorded++
          newest = traceId
        }
        return recorded > 160
      },
      90_000,
    )
    await expectWhole(server, [newest])
    expect(await readTrace(server, first)).toBeUndefined()
    expect((await readStatus(server)).index.setAsideCount).toBe(0)
  })
})
