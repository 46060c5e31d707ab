import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer, tempDir } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { type ModelServer, startModelServer } from '../support/model-server.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import { agentOpsEnv, type ClientRun, runPythonClient } from './client-run.ts'
import { comparable } from './otlp.ts'
import { expectViewsToAgree, type Held, readBack } from './read-back.ts'

const environment = await requireMeans('agentops-0.4.6', () => pythonEnvironment('agentops-0.4.6'))

describe.runIf(environment)('Python AgentOps 0.4.6', () => {
  let server: TestServer
  let model: ModelServer
  let run: ClientRun
  let held: Held

  beforeAll(async () => {
    server = await startServer({ args: ['--store', 'sqlite'] })
    model = await startModelServer()
    run = await runPythonClient(environment as PythonEnvironment, tempDir(), {
      ...agentOpsEnv(server.url),
      OPENAI_API_KEY: 'local',
      OPENAI_BASE_URL: model.url,
    })
    held = await readBack(server.url)
  })

  afterAll(async () => {
    await model?.close()
    await server?.stop()
  })

  /** The session that it starts itself ends at exit, when its exporter has gone: this version never sends it. */
  const sent = () => run.spans.filter(({ span }) => span.name !== 'session.session')

  it('ends well and ends the spans that its program makes', () => {
    expect(run.code, run.stderr).toBe(0)
    expect(run.spans.map(({ span }) => span.name).toSorted()).toEqual([
      'Researcher.agent',
      'add.task',
      'add_later.task',
      'ask.task',
      'ask_streamed.task',
      'broken.task',
      'openai.chat.completion',
      'openai.chat.completion',
      'openai.chat.completion',
      'own_session.session',
      'pipeline.workflow',
      'session.session',
    ])
    expect(model.requests).toHaveLength(3)
  })

  it('reaches nothing outside but the host that its authors wrote into it', () => {
    expect(run.outside).toEqual(['otlp.agentops.ai:443'])
  })

  it('every span that it sends is there once, with everything on it', () => {
    expect(comparable(held.spans)).toEqual(comparable(sent()))
  })

  it('spans whose session never ended stay readable as what they are: without their root', () => {
    const ids = new Set(sent().map(({ span }) => span.spanId))
    const orphans = sent().filter(({ span }) => span.parentSpanId && !ids.has(span.parentSpanId))
    expect(orphans.map(({ span }) => span.name).toSorted()).toEqual([
      'own_session.session',
      'pipeline.workflow',
    ])
    const [unfinished] = held.traces.filter(({ rootKnown }) => !rootKnown)
    expect(unfinished?.traceId).toBe(orphans[0]?.span.traceId)
  })

  it('lists, trees and single spans agree with what is exported', async () => {
    await expectViewsToAgree(server.url, held)
  })

  it('all of it is there after kill -9 and a restart', async () => {
    await server.kill()
    server = await startServer({ args: ['--store', 'sqlite'], dataDir: server.dataDir })
    expect(await readBack(server.url)).toEqual(held)
  })
})
