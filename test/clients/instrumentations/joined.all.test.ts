// Every recorder with its real program through the gateway, with nothing of ours in the program: a call is there once,
// from both sides, whether its recorder tells the response id or time alone says which span is meant.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer, tempDir } from '../../support/agl.ts'
import { requireMeans } from '../../support/means.ts'
import { type ModelServer, startModelServer } from '../../support/model-server.ts'
import { getJson } from '../../support/read-traces.ts'
import type { Ended } from '../../support/run-program.ts'
import { recorders } from './recorders.ts'

interface Call {
  readonly source: 'both' | 'gateway' | 'span'
  readonly stream?: boolean
  readonly error?: string
  readonly dialect?: string
  readonly responseId?: string
}

for (const recorder of recorders) {
  const made = await requireMeans(recorder.title, async () => {
    await recorder.prepare()
    return true
  })
  describe.runIf(made)(recorder.title, () => {
    let server: TestServer
    let model: ModelServer
    let run: Ended
    let calls: readonly Call[]

    beforeAll(async () => {
      model = await startModelServer()
      server = await startServer({ args: ['--upstream', model.url] })
      run = await recorder.run(tempDir(), { server: server.url, model: `${server.url}/gateway/v1` })
      await getJson(server, '/api/v1/position?wait=1')
      calls = (await getJson<{ calls: Call[] }>(server, '/api/v1/calls?limit=200')).calls
    })

    afterAll(async () => {
      await server?.stop()
      await model?.close()
    })

    it('each call that it names is there once, from both sides; each other one from each side', async () => {
      expect(run.code, run.stderr).toBe(0)
      const counts: Record<string, number> = {}
      for (const call of calls) {
        const kind = kindOf(call)
        counts[kind] = (counts[kind] ?? 0) + 1
      }
      expect(counts).toEqual(recorder.calls)
    })

    it('no reply is in two calls', () => {
      const told = calls.flatMap(({ responseId }) => (responseId === undefined ? [] : [responseId]))
      expect(told.length).toBeGreaterThan(0)
      expect(new Set(told).size).toBe(told.length)
    })
  })
}

/** Where it is from, and what was asked for: `both: chat, streamed`, or that it failed. A span alone does not tell. */
function kindOf({ source, dialect, stream, error }: Call): string {
  if (error !== undefined) return `${source}: failed`
  return source === 'span' ? source : `${source}: ${dialect}${stream ? ', streamed' : ''}`
}
