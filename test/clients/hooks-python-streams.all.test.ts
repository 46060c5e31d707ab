// Streams that a program gives up, reads in another way, or that break off; and that everything is as it was once
// the hooks are taken back. With the versions of AgentOps that differ in it.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callsOf } from '../run/support.ts'
import { runAgl, startServer, type TestServer, tempDir } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import { hooksFolder, hooksSite } from '../support/python-hooks.ts'
import { type Sent, startTokenServer, type TokenServer } from '../support/token-server.ts'
import { agentOpsEnv, type ClientRun, runPythonClient } from './client-run.ts'
import { hasIds, idsOn, spansOf } from './hooks-python-suite.ts'
import type { WholeSpan } from './otlp.ts'
import { readBack } from './read-back.ts'

/** Whose reply is known on the span, of those that were not read to the end. */
const begun = ['given-up', 'given-up-within', 'closed', 'given-up-async', 'cancelled', 'open-at-exit']
const whole = ['raw-stream', 'streaming-response', 'to-the-last-reason']

for (const name of [
  'agentops-0.4.6',
  'agentops-0.4.13',
  'agentops-0.4.15',
  'agentops-0.4.16',
  'agentops-0.4.21',
]) {
  const found = await requireMeans(name, () => pythonEnvironment(name))
  describe.runIf(found)(`the Python hooks with ${name}`, () => describeStreams(found as PythonEnvironment))
}

function describeStreams(environment: PythonEnvironment): void {
  let server: TestServer
  let model: TokenServer
  let run: ClientRun
  let spans: readonly WholeSpan[]

  const runProgram = (name: string, env: Record<string, string>): Promise<ClientRun> =>
    runPythonClient(
      { ...environment, program: join(environment.program, '..', '..', 'hooks', name) },
      tempDir(),
      {
        ...agentOpsEnv(server.url),
        AGL_SERVER_URL: server.url,
        OPENAI_API_KEY: 'local',
        OPENAI_BASE_URL: model.url,
        ...env,
      },
    )

  beforeAll(async () => {
    server = await startServer({ args: ['--store', 'sqlite'] })
    model = await startTokenServer('vllm')
    run = await runProgram('streams.py', { PYTHONPATH: `${hooksSite}:${environment.shared}` })
    spans = (await readBack(server.url)).spans
  })

  afterAll(async () => {
    await model?.close()
    await server?.stop()
  })

  const sentFor = (name: string): Sent => {
    const sent = model.sent.filter(({ asked }) => asked === `case ${name}`)
    expect(sent, run.stdout + run.stderr).toHaveLength(1)
    return sent[0] as Sent
  }

  it('every call has its one span, whatever becomes of its stream', () => {
    expect(run.code, run.stderr).toBe(0)
    const calls = spans.filter(({ span }) => span.name?.startsWith('openai.'))
    expect(calls).toHaveLength(begun.length + whole.length + 2)
    expect(run.stdout.match(/^RAISED .*$/gm)).toHaveLength(1)
    expect(run.stdout).toContain('RAISED broken-off')
  })

  it.each(begun)('the span of «%s» has the ids that came', (name) => {
    const { id, tokens } = sentFor(name)
    const own = spansOf(spans, id).filter(hasIds)
    expect(own).toHaveLength(1)
    const {
      prompt_token_ids: prompt,
      partial_response_token_ids: got = [],
      ...others
    } = idsOn(own[0] as WholeSpan)
    expect(prompt).toEqual([...(tokens.promptTokenIds ?? [])])
    const sent = [...(tokens.choices[0]?.responseTokenIds ?? [])]
    expect(got).toEqual(sent.slice(0, got.length))
    expect(others).toEqual({})
  })

  it('only calls whose reply is whole can be trained on', async () => {
    const { stdout, stderr, code } = await runAgl(['calls', 'export', '-', '--data-dir', server.dataDir])
    expect(code, stderr).toBe(0)
    const lines = stdout.split('\n').filter(Boolean)
    const exported = lines.map((line) => JSON.parse(line) as { response_id: string | null; verdict: string })
    const verdictsOf = (id: string) =>
      exported.flatMap(({ response_id: own, verdict }) => (own === id ? [verdict] : []))
    for (const name of whole) expect(verdictsOf(sentFor(name).id), name).toEqual(['ids.complete'])
    for (const id of [...begun.map((name) => sentFor(name).id), 'broken-off'])
      expect(verdictsOf(id), id).toEqual(['ids.no_response'])
    const listed = await callsOf(server.dataDir)
    for (const { responseId, verdict } of listed)
      if (responseId) expect(verdictsOf(responseId), responseId).toEqual([verdict])
  })

  it.each(whole)('the span of «%s» has all ids', (name) => {
    const { id, tokens } = sentFor(name)
    const own = spansOf(spans, id).filter(hasIds)
    expect(own.map((span) => idsOn(span).response_token_ids)).toEqual([
      [...(tokens.choices[0]?.responseTokenIds ?? [])],
    ])
  })

  it('a stream that breaks off is a failed call with the ids that came', () => {
    const [own] = spansOf(spans, 'broken-off')
    expect(idsOn(own as WholeSpan)).toEqual({ prompt_token_ids: [1, 2], partial_response_token_ids: [7] })
    expect(own?.span.status?.code).toBe(2)
  })

  it('nothing is said of it', () => {
    const said = run.stderr.split('\n').filter((line) => line.startsWith('agentlightning: '))
    expect(said.filter((line) => !line.includes('would go to'))).toEqual([])
    expect(run.stderr).not.toContain('agentlightning_hooks/')
  })

  it('after taking back every attribute is the object that it was, and hooking twice is hooking once', async () => {
    const before = model.sent.length
    const restored = await runProgram('restored.py', { AGL_TEST_HOOKS: hooksFolder })
    expect(restored.code, restored.stderr).toBe(0)
    const lines = restored.stdout.split('\n').filter((line) => /^[A-Z]+ /.test(line))
    expect(lines.filter((line) => !line.startsWith('HOOKED'))).toEqual([
      'TWICE []',
      'LIMIT 4096',
      'CHANGED []',
      'ADDED []',
      'LIMIT 128',
    ])
    expect(Number(/^HOOKED (\d+)/m.exec(restored.stdout)?.[1])).toBeGreaterThan(4)
    expect(model.sent.slice(before).map(({ wanted }) => wanted.return_token_ids)).toEqual([
      undefined,
      true,
      undefined,
    ])
  })
}
