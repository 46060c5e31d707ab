import { describe, expect, it } from 'vitest'
import { requireMeans } from '../support/means.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import type { Sent } from '../support/token-server.ts'
import { recordHooked, runHooked } from './hooked-run.ts'
import { expectIds, seenBy } from './hooks-python-suite.ts'

const found = await requireMeans('hooks-litellm', () => pythonEnvironment('hooks-litellm'))

describe.runIf(found)('the Python hooks with the OpenTelemetry callback of LiteLLM 1.106.2', () => {
  const environment = found as PythonEnvironment
  const env = { LITELLM_LOCAL_MODEL_COST_MAP: 'True' }
  const hooked = recordHooked(environment, 'vllm', { env })

  const kinds = ['plain', 'stream', 'n', 'async', 'async-stream']
  const names = ['openai', 'hosted_vllm'].flatMap((way) => kinds.map((kind) => `${kind}-${way}`))
  it.each(names)('the span of «%s» has the ids that were sent, exactly and once', (name) => {
    const { model, run, spans } = hooked
    expect(run.code, run.stderr).toBe(0)
    const sent = model.sent.filter(({ asked }) => asked === `case ${name}`)
    expect(sent).toHaveLength(1)
    const own = spans.filter(({ span }) => span.name !== 'raw_gen_ai_request')
    expectIds(own, sent[0] as Sent)
  })

  it('the program sees what it sees without the hooks', async () => {
    const bare = await runHooked(environment, hooked, { env: { ...env, PYTHONPATH: environment.shared } })
    expect(seenBy(bare).size).toBe(1)
    expect(seenBy(hooked.run)).toEqual(seenBy(bare))
  })
})
