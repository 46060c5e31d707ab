// Whose the calls of a program under `agl run` are, whichever side tells of them, and how they are found again.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runAgl, startServer, type TestServer } from '../support/agl.ts'
import { type ModelServer, startModelServer } from '../support/model-server.ts'
import { agl, programFolder, type RunOptions, type Summary, summaryOf } from './support.ts'

let server: TestServer
let model: ModelServer

beforeAll(async () => {
  server = await startServer()
  model = await startModelServer()
})
afterAll(async () => {
  await server.stop()
  await model.close()
})

async function ran(flags: readonly string[], command: readonly string[], options: RunOptions) {
  const args = ['--json', '--data-dir', server.dataDir, ...flags, '--', ...command]
  const ended = await agl(args, { env: { OPENAI_BASE_URL: model.url }, ...options })
  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  return summaryOf(ended)
}

/** What `agl ARGS` prints of the server, a JSON object a line. */
async function printed(...args: string[]): Promise<Record<string, unknown>[]> {
  const { stdout, code, stderr } = await runAgl([...args, '--data-dir', server.dataDir])
  expect(code, stderr).toBe(0)
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

const traceIds = ({ traces }: Summary): string[] => traces.map(({ traceId }) => traceId)

test('a trace that the gateway alone made is found by the tags of its run', async () => {
  const cwd = programFolder({ 'agent.py': 'from asking import ask\nask("one")\nask("two")\n' })
  const summary = await ran(['--tag', 'nightly', '--tag', 'b 2'], ['python3', 'agent.py'], { cwd })
  expect(summary.recorded).toMatchObject({ calls: 2, complete: true })
  expect(summary.traces).toHaveLength(1)
  for (const filter of [
    ['--tag', 'nightly'],
    ['--tag', 'b 2'],
    ['--run', summary.run],
  ]) {
    const [trace, ...more] = await printed('traces', 'list', '--wait', ...filter)
    expect(trace).toMatchObject({
      traceId: summary.traces[0]?.traceId,
      tags: [`agl.run=${summary.run}`, 'b 2', 'nightly'],
    })
    expect(more).toEqual([])
  }
  expect(await printed('traces', 'list', '--run', 'another')).toEqual([])
  expect(await printed('calls', 'list', '--run', summary.run)).toHaveLength(2)
})

test('runs of one rollout share its trace, and each counts its own calls', async () => {
  const cwd = programFolder({
    'agent.py': 'import sys\nfrom asking import ask\nfor n in range(int(sys.argv[1])): ask("n")\n',
  })
  const flags = ['--rollout', 'shared', '--attempt', '0']
  const first = await ran(flags, ['python3', 'agent.py', '2'], { cwd })
  const second = await ran(flags, ['python3', 'agent.py', '3'], { cwd })
  expect([first.recorded?.calls, second.recorded?.calls]).toEqual([2, 3])
  expect(traceIds(second)).toEqual(traceIds(first))
  expect(await printed('calls', 'list', '--rollout', 'shared', '--attempt', '0')).toHaveLength(5)
  expect(await printed('calls', 'list', '--run', first.run)).toHaveLength(2)
})

test('runs of one rollout that follow at once count their own errors', async () => {
  const cwd = programFolder({
    'agent.py': 'from asking import ask\ntry: ask("n", model="status-500")\nexcept Exception: pass\n',
  })
  const recorded: Summary['recorded'][] = []
  // On a busy machine a summary may come before the index has followed, and says so.
  while (recorded.filter((one) => one?.complete).length < 2 && recorded.length < 8)
    recorded.push((await ran(['--rollout', 'failing'], ['python3', 'agent.py'], { cwd })).recorded)
  const whole = { complete: true, calls: 1, errors: 1 }
  expect(recorded.filter((one) => one?.complete)).toMatchObject([whole, whole])
})

test('the spans of the OpenTelemetry SDK, without gateway and hooks, are of the run, rollout and attempt', async () => {
  const program = join(import.meta.dirname, 'programs', 'llm-span.ts')
  const flags = ['--no-gateway', '--no-hooks', '--rollout', 'r, 9', '--attempt', '2', '--tag', 'otel']
  const summary = await ran(flags, [process.execPath, program], {})
  expect(summary.recorded).toMatchObject({ calls: 1, inputTokens: 5, outputTokens: 2, complete: true })
  const owner = { run: summary.run, rollout: 'r, 9', attempt: '2' }
  for (const filter of [
    ['--run', summary.run],
    ['--rollout', 'r, 9'],
  ])
    expect(await printed('calls', 'list', ...filter)).toEqual([
      expect.objectContaining({ source: 'span', traceId: traceIds(summary)[0], ...owner }),
    ])
  const answer = await fetch(`${server.url}/api/v1/rollouts`)
  const { rollouts } = (await answer.json()) as { rollouts: object[] }
  expect(rollouts).toContainEqual(expect.objectContaining({ ...owner, calls: 1, callsWithIds: 0 }))
})

test('traces that name no run are counted where nothing else was recorded', async () => {
  const cwd = programFolder({
    'agent.mjs': `
      const span = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), name: 'work', kind: 1,
        startTimeUnixNano: Date.now() + '000000', endTimeUnixNano: Date.now() + '000001' }
      const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
      const headers = { 'content-type': 'application/json' }
      const { status } = await fetch(process.env.AGL_SERVER_URL + '/v1/traces', { method: 'POST', headers, body })
      process.exitCode = status === 200 ? 0 : 1
    `,
  })
  const { recorded, traces } = await ran([], [process.execPath, 'agent.mjs'], { cwd })
  expect(recorded).toMatchObject({ calls: 0, unnamedTraces: 1 })
  expect(traces).toEqual([])
})
