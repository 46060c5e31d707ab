// Programs of all kinds under `agl run`, unchanged: what they ask a model is recorded as theirs.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aglBin, startServer, type TestServer, until } from '../support/agl.ts'
import { type ModelServer, startModelServer } from '../support/model-server.ts'
import { getJson } from '../support/read-traces.ts'
import { agl, callsOf, programFolder, type RunOptions, type Summary, summaryOf } from './support.ts'

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

interface Ran extends Summary {
  readonly stdout: string
}

async function recorded(
  flags: readonly string[],
  command: readonly string[],
  { env, ...options }: RunOptions,
): Promise<Ran> {
  const args = ['--json', '--data-dir', server.dataDir, ...flags, '--', ...command]
  const ended = await agl(args, { ...options, env: { OPENAI_BASE_URL: model.url, ...env } })
  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  return { ...summaryOf(ended), stdout: ended.stdout }
}

test('a plain script: its call is of its run, rollout and attempt, and the summary counts it', async () => {
  const cwd = programFolder({ 'agent.py': 'from asking import ask\nprint(ask("one two three"))\n' })
  const flags = ['--rollout', 'r-7', '--attempt', '2', '--tag', 'nightly']
  const ran = await recorded(flags, ['python3', 'agent.py'], { cwd })
  expect(ran.stdout).toBe('You said: one two three\n')
  expect(ran).toMatchObject({ rollout: 'r-7', attempt: '2', tags: ['nightly'], exitStatus: 0 })
  expect(ran.recorded).toMatchObject({ calls: 1, inputTokens: 3, outputTokens: 5, errors: 0, complete: true })
  const [call] = (await callsOf(server.dataDir)).filter(({ run }) => run === ran.run)
  expect(call).toMatchObject({ rollout: 'r-7', attempt: '2', source: 'gateway', outcome: 'complete' })
  expect(ran.traces).toEqual([
    { traceId: call?.traceId, url: `${server.url}/traces/${call?.traceId as string}` },
  ])
})

test('without a rollout the run is the rollout; the line at the end names calls, tokens and the link', async () => {
  const cwd = programFolder({
    'agent.py': 'from asking import ask\nask("a b")\nask("status", "status-500")\n',
  })
  const args = ['--data-dir', server.dataDir, '--', 'python3', 'agent.py']
  // On a busy machine it may come before the index has followed, and says so.
  const ended = await until('a line that tells all', async () => {
    const one = await agl(args, { cwd, env: { OPENAI_BASE_URL: model.url } })
    return / so far /.test(one.stderr) ? undefined : one
  })
  expect(ended.code).toBe(1)
  expect(ended.stderr).toMatch(
    /agl run: 2 calls · 2 → 4 tokens · token ids 0\/2 · 1 error · http:\/\/localhost:\d+\/traces\/[0-9a-f]{32}\n$/,
  )
  const [call] = await callsOf(server.dataDir)
  expect(call?.rollout).toBe(call?.run)
})

test('an asyncio program', async () => {
  const cwd = programFolder({
    'agent.py': `import asyncio
from asking import ask
async def main():
    print(sorted(await asyncio.gather(*(asyncio.to_thread(ask, "n%d" % n) for n in range(4)))))
asyncio.run(main())
`,
  })
  const ran = await recorded([], ['python3', 'agent.py'], { cwd })
  expect(ran.stdout).toBe(`${"['You said: n0', 'You said: n1', 'You said: n2', 'You said: n3']"}\n`)
  expect(ran.recorded?.calls).toBe(4)
})

test('a program that forks workers', async () => {
  const cwd = programFolder({
    'agent.py': `import os
from asking import ask
for n in range(3):
    if os.fork() == 0:
        ask("worker %d" % n)
        os._exit(0)
for n in range(3):
    assert os.wait()[1] == 0
`,
  })
  expect((await recorded([], ['python3', 'agent.py'], { cwd })).recorded?.calls).toBe(3)
})

test('a program that executes another Python in its place', async () => {
  const cwd = programFolder({
    'agent.py': `import os, sys
os.execv(sys.executable, [sys.executable, "-c", "from asking import ask; print(ask('second'))"])
`,
  })
  const ran = await recorded([], ['python3', 'agent.py'], { cwd })
  expect(ran.stdout).toBe('You said: second\n')
  expect(ran.recorded?.calls).toBe(1)
})

test('a Node program', async () => {
  const cwd = programFolder({
    'agent.mjs': `const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'from node' }] })
const headers = { 'content-type': 'application/json' }
const reply = await fetch(process.env.OPENAI_BASE_URL + '/chat/completions', { method: 'POST', body, headers })
console.log((await reply.json()).choices[0].message.content)
`,
  })
  const ran = await recorded([], [process.execPath, 'agent.mjs'], { cwd })
  expect(ran.stdout).toBe('You said: from node\n')
  expect(ran.recorded?.calls).toBe(1)
})

test('a shell pipeline', async () => {
  const cwd = programFolder({
    'plan.py': 'from asking import ask\nprint(ask("plan"))\n',
    'act.py': 'import sys\nfrom asking import ask\nprint(ask(sys.stdin.read().strip()))\n',
  })
  const ran = await recorded([], ['sh', '-c', 'python3 plan.py | python3 act.py'], { cwd })
  expect(ran.stdout).toBe('You said: You said: plan\n')
  expect(ran.recorded?.calls).toBe(2)
})

test('a sitecustomize of its own still runs, and the hooks are there as well', async () => {
  const cwd = programFolder({
    'sitecustomize.py': 'import builtins\nbuiltins.own_customization = 42\n',
    'agent.py': 'import sys\nprint(own_customization, "agentlightning_hooks" in sys.modules)\n',
  })
  const command = ['python3', 'agent.py']
  expect((await recorded([], command, { cwd, env: { PYTHONPATH: cwd } })).stdout).toBe('42 True\n')
  const without = await recorded(['--no-hooks'], command, { cwd, env: { PYTHONPATH: cwd } })
  expect(without.stdout).toBe('42 False\n')
})

test('two at once with different upstreams: each has its own', async () => {
  const other = await startModelServer()
  const cwd = programFolder({
    'agent.py': 'import sys\nfrom asking import ask\nfor n in range(5): ask("%s %d" % (sys.argv[1], n))\n',
  })
  const before = model.requests.length
  const [one, two] = await Promise.all([
    recorded([], ['python3', 'agent.py', 'one'], { cwd }),
    recorded(['--upstream', other.url], ['python3', 'agent.py', 'two'], { cwd }),
  ])
  await other.close()
  const asked = (from: ModelServer, start: number) =>
    from.requests.slice(start).map(({ messages }) => String(messages[0]?.content).split(' ')[0])
  expect(asked(model, before)).toEqual(Array(5).fill('one'))
  expect(asked(other, 0)).toEqual(Array(5).fill('two'))
  expect([one.recorded?.calls, two.recorded?.calls]).toEqual([5, 5])
})

test('a run inside a run has the same upstream and rollout', async () => {
  const cwd = programFolder({ 'agent.py': 'from asking import ask\nprint(ask("inner"))\n' })
  const inner = `"${process.execPath}" "$AGL" run --quiet -- python3 agent.py`
  const env = { AGL: aglBin }
  const ran = await recorded(['--rollout', 'outer'], ['sh', '-c', inner], { cwd, env })
  expect(ran.stdout).toBe('You said: inner\n')
  const calls = (await callsOf(server.dataDir)).filter(({ rollout }) => rollout === 'outer')
  expect(calls).toHaveLength(1)
  expect(calls[0]?.run).not.toBe(ran.run)
})

test('--no-gateway leaves the model where it was, and nothing is recorded', async () => {
  const cwd = programFolder({ 'agent.py': 'import os\nprint(os.environ["OPENAI_BASE_URL"])\n' })
  const ran = await recorded(['--no-gateway'], ['python3', 'agent.py'], { cwd })
  expect(ran.stdout).toBe(`${model.url}\n`)
  expect(ran.recorded?.calls).toBe(0)
})

test('spans of OpenTelemetry carry tags, rollout and attempt, and count as the run’s trace', async () => {
  const cwd = programFolder({
    'agent.py': `import json, os, time, urllib.parse, urllib.request
pairs = (pair.split("=") for pair in os.environ["OTEL_RESOURCE_ATTRIBUTES"].split(","))
resource = [{"key": k, "value": {"stringValue": urllib.parse.unquote(v)}} for k, v in pairs]
now = str(time.time_ns())
span = {"traceId": "ab" * 16, "spanId": "cd" * 8, "name": "work", "startTimeUnixNano": now, "endTimeUnixNano": now}
body = {"resourceSpans": [{"resource": {"attributes": resource}, "scopeSpans": [{"spans": [span]}]}]}
url = os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] + "/v1/traces"
request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
urllib.request.urlopen(request).read()
`,
  })
  const env = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=mine,agentops.tags=first' }
  const ran = await recorded(['--tag', 'a b'], ['python3', 'agent.py'], { cwd, env })
  expect(ran.traces).toEqual([{ traceId: 'ab'.repeat(16), url: `${server.url}/traces/${'ab'.repeat(16)}` }])
  const { trace } = await getJson<{ trace: { tags: string[]; service: string } }>(
    server,
    `/api/v1/traces/${'ab'.repeat(16)}`,
  )
  expect(trace).toMatchObject({ service: 'mine', tags: ['a b', `agl.run=${ran.run}`, 'first'] })
})
