// openai-agents under AgentOps makes two nested spans of one call, and sends traces of its own to its vendor.
import { describe, expect, it } from 'vitest'
import { requireMeans } from '../support/means.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import type { Sent } from '../support/token-server.ts'
import { recordHooked, runHooked } from './hooked-run.ts'
import { expectIds, hasIds, spansOf } from './hooks-python-suite.ts'

const found = await requireMeans('hooks-agents', () => pythonEnvironment('hooks-agents'))

describe.runIf(found).each([
  ['after', {}],
  ['before', { AGL_TEST_FIRST: '1' }],
])('openai-agents 0.2.10, imported %s agentops.init()', (when, order) => {
  const environment = found as PythonEnvironment
  const hooked = recordHooked(environment, 'vllm', { env: order })

  it.each(['agent-plain', 'agent-stream'])('«%s» has its ids once, on the inner of its two spans', (name) => {
    const { model, run, spans } = hooked
    expect(run.code, run.stderr).toBe(0)
    const { id } = model.sent.find(({ asked }) => asked === `case ${name}`) as Sent
    const both = spansOf(spans, id).map(({ span }) => span)
    expect(both).toHaveLength(2)
    expectIds(spans, model.sent.find((sent) => sent.id === id) as Sent)
    const inner = spansOf(spans, id).find(hasIds)?.span
    expect(both.map(({ spanId }) => spanId)).toContain(inner?.parentSpanId)
  })

  it('nothing goes outside, and what would have gone is said', async () => {
    const { run } = hooked
    expect(run.outside).toEqual([])
    const bare = await runHooked(environment, hooked, { env: { ...order, PYTHONPATH: environment.shared } })
    expect(bare.stdout.match(/^SAID .*$/gm)).toEqual(run.stdout.match(/^SAID .*$/gm))
    const leaks = bare.outside.some((host) => host.startsWith('api.openai.com'))
    expect(leaks).toBe(when === 'after')
    expect(run.stderr.includes('the agents SDK would send its traces to api.openai.com; switched off')).toBe(
      leaks,
    )
  })
})
