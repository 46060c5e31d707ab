// Hosts that are written into libraries: under the hooks the real libraries reach the local server in their place.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { type ModelServer, startModelServer } from '../support/model-server.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import { getJson } from '../support/read-traces.ts'
import type { ClientRun } from './client-run.ts'
import { runHooked } from './hooked-run.ts'
import { readBack } from './read-back.ts'

const names = ['agentops-0.4.13', 'agentops-0.4.21', 'hooks-litellm'] as const
const found = await requireMeans('hosts of Python libraries', () =>
  Promise.all(names.map((name) => pythonEnvironment(name))),
)

describe.runIf(found)('under the Python hooks', () => {
  const [metrics, validation, litellm] = (found ?? []) as [
    PythonEnvironment,
    PythonEnvironment,
    PythonEnvironment,
  ]
  let server: TestServer
  let model: ModelServer

  beforeAll(async () => {
    server = await startServer({ args: ['--store', 'sqlite'] })
    model = await startModelServer()
  })

  afterAll(async () => {
    await model?.close()
    await server?.stop()
  })

  const ran = (environment: PythonEnvironment, program: string, env = {}): Promise<ClientRun> =>
    runHooked(environment, { server, model }, { program, env })

  it('metrics of AgentOps 0.4.13 come to the server, and without them they would leave', async () => {
    const run = await ran(metrics, 'metrics.py')
    expect(run, run.stderr).toMatchObject({ code: 0, outside: [] })
    expect(run.stderr).toContain(`metrics would go to https://otlp.agentops.ai; turned to ${server.url}`)
    const listed = () => getJson<{ series: { name: string }[] }>(server, '/api/v1/metrics')
    const seriesNames = async () => (await listed()).series.map(({ name }) => name)
    await expect.poll(seriesNames, { timeout: 30_000 }).toContain('gen_ai.client.token.usage')
    const bare = await ran(metrics, 'metrics.py', { PYTHONPATH: metrics.shared })
    expect(bare.outside).toEqual(['otlp.agentops.ai:443'])
  })

  it('agentops.validation of 0.4.21 asks the server', async () => {
    const run = await ran(validation, 'validation.py')
    expect(run, run.stderr).toMatchObject({ code: 0, outside: [] })
    const lines = run.stdout.split('\n').filter((line) => line.startsWith('['))
    expect((JSON.parse(lines[0] ?? '[]') as string[]).toSorted()).toEqual([
      'openai.chat.completion',
      'validated.session',
    ])
    expect(run.stderr).toContain('agentops.validation would go to https://api.agentops.ai')
  })

  it('spans of the `agentops` callback of LiteLLM 1.106.2 come to the server', async () => {
    const env = { LITELLM_LOCAL_MODEL_COST_MAP: 'True' }
    const run = await ran(litellm, 'litellm_agentops.py', env)
    expect(run, run.stderr).toMatchObject({ code: 0, outside: [] })
    const { spans } = await readBack(server.url)
    expect(spans.map(({ span }) => span.name)).toContain('litellm_request')
    expect(run.stderr).toContain("LiteLLM's agentops callback would go to https://otlp.agentops.cloud")
  })
})
