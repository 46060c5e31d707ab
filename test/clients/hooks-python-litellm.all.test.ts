import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer, tempDir } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import { hooksSite } from '../support/python-hooks.ts'
import { type Sent, startTokenServer, type TokenServer } from '../support/token-server.ts'
import { type ClientRun, runPythonClient } from './client-run.ts'
import { expectIds, seenBy } from './hooks-python-suite.ts'
import type { WholeSpan } from './otlp.ts'
import { readBack } from './read-back.ts'

const found = await requireMeans('hooks-litellm', () => pythonEnvironment('hooks-litellm'))

describe.runIf(found)('the Python hooks with the OpenTelemetry callback of LiteLLM 1.106.2', () => {
  let server: TestServer
  let model: TokenServer
  let run: ClientRun
  let spans: readonly WholeSpan[]

  const runWith = (pythonPath: string): Promise<ClientRun> =>
    runPythonClient(found as PythonEnvironment, tempDir(), {
      PYTHONPATH: pythonPath,
      AGL_SERVER_URL: server.url,
      OPENAI_BASE_URL: model.url,
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
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

  const ways = ['openai', 'hosted_vllm'].flatMap((way) => [`plain-${way}`, `stream-${way}`, `n-${way}`])
  it.each(ways)('the span of «%s» has the ids that were sent, exactly and once', (name) => {
    expect(run.code, run.stderr).toBe(0)
    const sent = model.sent.filter(({ asked }) => asked === `case ${name}`)
    expect(sent).toHaveLength(1)
    const own = spans.filter(({ span }) => span.name !== 'raw_gen_ai_request')
    expectIds(own, sent[0] as Sent)
  })

  it('the program sees what it sees without the hooks', async () => {
    const bare = await runWith((found as PythonEnvironment).shared)
    expect(seenBy(bare).size).toBe(1)
    expect(seenBy(run)).toEqual(seenBy(bare))
  })
})
