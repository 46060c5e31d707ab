// The real AgentOps SDK and the real OpenAI client under `agl run`: token ids by the gateway, by the hooks, by both.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { expectSentIds, exportedCalls } from '../clients/exported-calls.ts'
import { type StandIn, startStandIn } from '../gateway/stand-in.ts'
import { startServer, type TestServer } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { pythonEnvironment } from '../support/python.ts'
import { startTokenServer } from '../support/token-server.ts'
import { agl, callsOf, programFolder, type Summary, summaryOf } from './support.ts'

// The plain install of today: it exports no span unless the hooks mend its exporter.
const target = 'agentops-0.4.21-otel-1.45'
const environment = await requireMeans(target, () => pythonEnvironment(target))
const forkable = await requireMeans('agentops-0.4.21', () => pythonEnvironment('agentops-0.4.21'))

const program = `import agentops
from openai import OpenAI
agentops.init()
chat = OpenAI(api_key="none").chat.completions
print(len(chat.create(model="m", messages=[{"role": "user", "content": "hello"}]).choices))
agentops.end_trace()
`

/** A call of its own, one of a child, and one of a worker. */
const forking = `import multiprocessing
import os
import agentops
from openai import OpenAI
from opentelemetry import trace

def ask(name):
    messages = [{"role": "user", "content": "case " + name}]
    OpenAI(api_key="none").chat.completions.create(model="m", messages=messages)
    trace.get_tracer_provider().force_flush()

agentops.init()
ask("parent")
if os.fork() == 0:
    ask("child")
    os._exit(0)
assert os.wait()[1] == 0
worker = multiprocessing.get_context("fork").Process(target=ask, args=("worker",))
worker.start()
worker.join()
`

let server: TestServer
let model: StandIn

// A server for each test: the stand-in gives the same response id every time, by which calls are joined to spans.
beforeEach(async () => {
  server = await startServer()
  model = await startStandIn()
})
afterEach(async () => {
  await server.stop()
  await model.close()
})

async function asked(...flags: string[]): Promise<{ summary: Summary; source: string | undefined }> {
  const cwd = programFolder({ 'agent.py': program })
  const args = ['--json', '--data-dir', server.dataDir, '--tag', 'nightly', ...flags]
  const env = { OPENAI_BASE_URL: `${model.url}/v1`, AGENTOPS_LOG_LEVEL: 'CRITICAL' }
  const python = environment?.python ?? ''
  const ended = await agl([...args, '--', python, 'agent.py'], { cwd, env })
  expect(ended, ended.stderr).toMatchObject({ code: 0, stdout: '1\n' })
  const summary = summaryOf(ended)
  const [call] = await callsOf(server.dataDir)
  expect(call).toMatchObject({ traceId: summary.traces[0]?.traceId, run: summary.run })
  return { summary, source: call?.source }
}

describe.runIf(environment !== undefined)(target, () => {
  test('hooks and gateway: the call is the span, once, with its ids', async () => {
    const { summary, source } = await asked()
    expect(source).toBe('both')
    expect(summary.recorded).toMatchObject({ calls: 1, generations: 1, callsWithIds: 1, errors: 0 })
    expect(summary.traces).toHaveLength(1)
  })

  test('hooks alone: the span has the ids, and its trace is found by its tags', async () => {
    const { summary, source } = await asked('--no-gateway')
    expect(source).toBe('span')
    expect(summary.recorded).toMatchObject({ calls: 1, generations: 1, callsWithIds: 1 })
    const traces = (await (await fetch(`${server.url}/api/v1/traces?tag=nightly`)).json()) as {
      traces: { traceId: string }[]
    }
    expect(traces.traces.map(({ traceId }) => traceId)).toContain(summary.traces[0]?.traceId)
  })

  test('gateway alone: this SDK then exports nothing, and the call has its ids all the same', async () => {
    const { summary, source } = await asked('--no-hooks')
    expect(source).toBe('gateway')
    expect(summary.recorded).toMatchObject({ calls: 1, generations: 1, callsWithIds: 1 })
  })
})

// With the packages of the other one a forked child stands still at its first call, hooks or not.
describe.runIf(forkable !== undefined)('agentops-0.4.21', () => {
  test('hooks alone: what a program forks has its ids as well', async () => {
    const tokens = await startTokenServer('vllm')
    const cwd = programFolder({ 'agent.py': forking })
    const env = { OPENAI_BASE_URL: tokens.url, AGENTOPS_LOG_LEVEL: 'CRITICAL' }
    const command = ['--no-gateway', '--', forkable?.python ?? '', 'agent.py']
    const ended = await agl(['--json', '--data-dir', server.dataDir, ...command], { cwd, env })
    await tokens.close()
    expect(ended.code, ended.stderr).toBe(0)
    expect(tokens.sent.map(({ asked }) => asked)).toEqual(['case parent', 'case child', 'case worker'])
    const lines = await exportedCalls(server.dataDir)
    expect(lines).toHaveLength(3)
    for (const sent of tokens.sent) expectSentIds(lines, sent)
  })
})
