// AgentOps in Python with calls through the gateway, without the hooks and with them: each call is there once, with the
// ids that were sent. The hooks alone are in `hooks-python-suite.ts`.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CallSummary } from '../../packages/agentlightning/src/store/calls.ts'
import { callsOf } from '../run/support.ts'
import { startServer, type TestServer } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import { type Shape, startTokenServer, type TokenServer } from '../support/token-server.ts'
import type { ClientRun } from './client-run.ts'
import { type Exported, expectSentIds, exportedCalls } from './exported-calls.ts'
import { runHooked } from './hooked-run.ts'
import { cases } from './hooks-python-suite.ts'
import { readBack } from './read-back.ts'

for (const name of ['agentops-0.4.13', 'agentops-0.4.16', 'agentops-0.4.21']) {
  const found = await requireMeans(name, () => pythonEnvironment(name))
  for (const shape of ['vllm', 'litellm', 'sglang'] as const)
    for (const hooks of [false, true])
      describe.runIf(found)(
        `${name}, a server as ${shape}, the gateway ${hooks ? 'and hooks' : 'alone'}`,
        () => describeWay(found as PythonEnvironment, shape, hooks),
      )
}

function describeWay(environment: PythonEnvironment, shape: Shape, hooks: boolean): void {
  let server: TestServer
  let model: TokenServer
  let run: ClientRun
  let listed: readonly CallSummary[]
  let lines: readonly Exported[]

  beforeAll(async () => {
    model = await startTokenServer(shape)
    server = await startServer({ args: ['--upstream', model.url] })
    const through = { server, model: { url: `${server.url}/gateway/v1` } }
    const env = hooks ? {} : { PYTHONPATH: environment.shared }
    run = await runHooked(environment, through, { program: 'program.py', env })
    await readBack(server.url)
    listed = await callsOf(server.dataDir)
    lines = await exportedCalls(server.dataDir)
  }, 150_000)

  afterAll(async () => {
    await server?.stop()
    await model?.close()
  })

  it('every call is there once, and nothing disagrees', () => {
    expect(run.code, run.stderr).toBe(0)
    const asked = model.sent.map((sent) => sent.asked)
    expect(asked.toSorted()).toEqual([...cases, 'after'].map((name) => `case ${name}`).toSorted())
    for (const { id } of model.sent)
      expect(listed.filter(({ responseId }) => responseId === id)).toHaveLength(1)
    expect(listed.filter(({ verdict }) => verdict === 'ids.conflict')).toEqual([])
  })

  it('its ids are those that were sent, exactly', () => {
    for (const sent of model.sent) expectSentIds(lines, sent)
  })

  if (hooks)
    it('it is the span of the program, also where it failed', () => {
      const hooked = model.sent.filter(({ asked }) => asked !== 'case after').map(({ id }) => id)
      const joined = listed.filter(({ source }) => source === 'both').map(({ responseId }) => responseId)
      expect(joined).toEqual(expect.arrayContaining(hooked))
      const failed = listed.filter(({ verdict }) => verdict === 'call.failed')
      expect(failed.map(({ source }) => source)).toEqual(['both', 'both'])
    })
}
