import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, startServer, type TestServer, tempDir } from '../support/agl.ts'
import { type Answer, postTraces } from '../support/http.ts'
import { MeansMissing, requireMeans } from '../support/means.ts'
import { newTraceId, protobufBody, readStatusMessage, someSpan } from '../support/otlp-bodies.ts'
import { exportTrace, readStatus, readTrace, settled } from '../support/read-traces.ts'
import { runProgram } from '../support/run-program.ts'

const shim = await requireMeans('a failed flush', async () => {
  const path = join(tempDir(), 'fail-flush.so')
  const source = join(root, 'test', 'support', 'fail-flush.c')
  const ended = await runProgram('cc', ['-shared', '-fPIC', '-o', path, source, '-ldl']).catch(
    () => undefined,
  )
  if (ended?.code !== 0) throw new MeansMissing(`no C compiler (cc): ${ended?.stderr.trim() ?? 'not found'}`)
  return path
})

interface Breakable {
  server: TestServer
  /** Lets the next flush of a segment fail. */
  breakOnce(): void
  /** True once it failed. */
  failed(): boolean
}

async function startBreakable(dataDir = tempDir()): Promise<Breakable> {
  const trigger = join(tempDir(), 'trigger')
  const server = await startServer({ dataDir, env: { LD_PRELOAD: shim, FAIL_FLUSH: trigger } })
  return { server, breakOnce: () => writeFileSync(trigger, ''), failed: () => !existsSync(trigger) }
}

function post(server: TestServer, traceId: string): Promise<Answer> {
  return postTraces(server, protobufBody([someSpan({ traceId })]))
}

describe.runIf(shim !== undefined)('a flush that fails', { timeout: 120_000 }, () => {
  it('is answered with 429 and never tried again on that file: a new segment is begun', async () => {
    const { server, breakOnce, failed } = await startBreakable()
    const [before, during, after] = [newTraceId(), newTraceId(), newTraceId()]
    const first = await post(server, before)
    breakOnce()
    const refused = await post(server, during)
    expect(failed()).toBe(true)
    expect([refused.status, refused.headers['x-agl-error']]).toEqual([429, 'AGL_FLUSH_FAILED'])
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(readStatusMessage(refused.body).message).toMatch(/refused the write \(EIO\)/)
    const again = await post(server, after)
    expect(again.status).toBe(200)
    const segment = (answer: Answer) => Number(String(answer.headers['x-agl-position']).split('-')[0])
    expect(segment(again)).toBe(segment(first) + 1)
    await settled(server)
    for (const traceId of [before, after]) expect(await exportTrace(server, traceId)).toHaveLength(1)
    expect(await readTrace(server, during)).toBeUndefined()
    await expect.poll(server.output).toMatch(/EIO/)
  })

  it('loses nothing that was acknowledged, also after kill -9 and a start', async () => {
    const { server, breakOnce, failed } = await startBreakable()
    const acknowledged: string[] = []
    const refused: string[] = []
    for (let round = 0; round < 5; round++) {
      breakOnce()
      const traceIds = Array.from({ length: 20 }, newTraceId)
      const answers = await Promise.all(traceIds.map((traceId) => post(server, traceId)))
      answers.forEach(({ status }, at) => {
        ;(status === 200 ? acknowledged : refused).push(traceIds[at] as string)
        expect([200, 429]).toContain(status)
      })
      expect(failed()).toBe(true)
    }
    expect(refused.length).toBeGreaterThanOrEqual(5)
    await server.kill()
    const again = await startServer({ dataDir: server.dataDir })
    await settled(again)
    for (const traceId of acknowledged) expect(await exportTrace(again, traceId)).toHaveLength(1)
    const { index } = await readStatus(again)
    expect(index.spans).toBe(acknowledged.length)
    expect(index.setAsideCount).toBe(0)
  })

  it('in the first segment of a new directory is survived as well', async () => {
    const { server, breakOnce } = await startBreakable()
    breakOnce()
    expect((await post(server, newTraceId())).status).toBe(429)
    const traceId = newTraceId()
    expect((await post(server, traceId)).status).toBe(200)
    await server.kill()
    const again = await startServer({ dataDir: server.dataDir })
    await settled(again)
    expect(await exportTrace(again, traceId)).toHaveLength(1)
  })
})
