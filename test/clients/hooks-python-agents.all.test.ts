// openai-agents under AgentOps makes two nested spans of one call, and sends traces of its own to its vendor.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer, tempDir } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import { hooksSite } from '../support/python-hooks.ts'
import { type Sent, startTokenServer, type TokenServer } from '../support/token-server.ts'
import { agentOpsEnv, type ClientRun, runPythonClient } from './client-run.ts'
import { expectIds, hasIds, spansOf } from './hooks-python-suite.ts'
import type { WholeSpan } from './otlp.ts'
import { readBack } from './read-back.ts'

const found = await requireMeans('hooks-agents', () => pythonEnvironment('hooks-agents'))

describe.runIf(found).each([
  ['after', {}],
  ['before', { AGL_TEST_FIRST: '1' }],
])('openai-agents 0.2.10, imported %s agentops.init()', (when, order) => {
  let server: TestServer
  let model: TokenServer
  let run: ClientRun
  let spans: readonly WholeSpan[]

  const runWith = (pythonPath: string): Promise<ClientRun> =>
    runPythonClient(found as PythonEnvironment, tempDir(), {
      ...agentOpsEnv(server.url),
      AGL_SERVER_URL: server.url,
      OPENAI_API_KEY: 'local',
      OPENAI_BASE_URL: model.url,
      PYTHONPATH: pythonPath,
      ...order,
    })

  beforeAll(async () => {
    server = await startServer({ args: ['--store', 'sqlite'] })
    model = await startTokenServer('vllm')
    run = await runWith(`${hooksSite}:${(found as PythonEnvironment).shared}`)
    spans = (await readBack(server.url)).spans
  })

  afterAll(async () => {
    await model?.close()
    await server?.stop()
  })

  it.each(['agent-plain', 'agent-stream'])('«%s» has its ids once, on the inner of its two spans', (name) => {
    expect(run.code, run.stderr).toBe(0)
    const { id } = model.sent.find(({ asked }) => asked === `case ${name}`) as Sent
    const both = spansOf(spans, id).map(({ span }) => span)
    expect(both).toHaveLength(2)
    expectIds(spans, model.sent.find((sent) => sent.id === id) as Sent)
    const inner = spansOf(spans, id).find(hasIds)?.span
    expect(both.map(({ spanId }) => spanId)).toContain(inner?.parentSpanId)
  })

  it('nothing goes outside, and what would have gone is said', async () => {
    expect(run.outside).toEqual([])
    const bare = await runWith((found as PythonEnvironment).shared)
    expect(bare.stdout.match(/^SAID .*$/gm)).toEqual(run.stdout.match(/^SAID .*$/gm))
    const leaks = bare.outside.some((host) => host.startsWith('api.openai.com'))
    expect(leaks).toBe(when === 'after')
    expect(run.stderr.includes('the agents SDK would send its traces to api.openai.com; switched off')).toBe(
      leaks,
    )
  })
})
