import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { type ModelServer, startModelServer } from '../support/model-server.ts'
import { nodeEnvironment } from '../support/node-client.ts'
import { type Ended, runProgram } from '../support/run-program.ts'
import { spansOf } from './goldens/golden.ts'
import { type RecordingProxy, startProxy } from './goldens/proxy.ts'
import { comparable, type WholeSpan } from './otlp.ts'
import { expectViewsToAgree, type Held, readBack } from './read-back.ts'

const folder = await requireMeans('agentops-js-0.1.0', () => nodeEnvironment('agentops-0.1.0'))

describe.runIf(folder)('AgentOps JS 0.1.0', () => {
  let server: TestServer
  let model: ModelServer
  let proxy: RecordingProxy
  let run: Ended
  let sent: WholeSpan[]
  let held: Held

  beforeAll(async () => {
    server = await startServer({ args: ['--store', 'sqlite'] })
    model = await startModelServer()
    proxy = await startProxy(server.url)
    run = await runProgram(process.execPath, ['program.mjs'], {
      cwd: folder as string,
      env: {
        PATH: process.env.PATH,
        AGL_TEST_RUN: process.env.AGL_TEST_RUN,
        AGL_TEST_URL: proxy.url,
        OPENAI_API_KEY: 'local',
        OPENAI_BASE_URL: model.url,
      },
      timeoutMs: 100_000,
    })
    const exports = proxy.passed.filter(({ url }) => url === '/v1/traces')
    sent = exports.flatMap(({ method, url, body }) =>
      spansOf({ method, url, headers: {}, body: body.toString('utf8') }),
    )
    held = await readBack(server.url)
  })

  afterAll(async () => {
    await proxy?.close()
    await model?.close()
    await server?.stop()
  })

  it('ends well, fetches its token and sends OTLP as JSON', () => {
    expect(run.code, run.stderr).toBe(0)
    expect(run.stdout).toContain('answer: You said: How is the weather in Zürich? 漢字 🚀')
    expect(proxy.passed.filter(({ status }) => status !== 200)).toEqual([])
    expect(proxy.passed[0]).toMatchObject({ method: 'POST', url: '/v3/auth/token' })
    const types = new Set(proxy.passed.map(({ headers }) => headers['content-type']))
    expect([...types]).toEqual(['application/json'])
  })

  it('reaches nothing outside but the vendor of the agent framework', () => {
    const kept = run.stdout.split('\n').filter((line) => line.startsWith('kept from'))
    expect([...new Set(kept)]).toEqual(['kept from api.openai.com'])
  })

  it('every span is there once, with everything on it', () => {
    expect(sent.map(({ span }) => span.name).toSorted()).toEqual([
      'Ada',
      'Agent workflow',
      'Generation',
      'inner',
      'outer',
    ])
    expect(comparable(held.spans)).toEqual(comparable(sent))
  })

  it('lists, trees and single spans agree with what is exported', async () => {
    await expectViewsToAgree(server.url, held)
    const agentRun = held.traces.find(({ name }) => name === 'Agent workflow')
    expect(agentRun).toMatchObject({ status: 'ok', rootKnown: true, calls: 1, service: 'agentops' })
  })

  it('all of it is there after kill -9 and a restart', async () => {
    await server.kill()
    server = await startServer({ args: ['--store', 'sqlite'], dataDir: server.dataDir })
    expect(await readBack(server.url)).toEqual(held)
  })
})
