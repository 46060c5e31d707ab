// Streams that a program gives up, reads in another way, or that break off; and that everything is as it was once
// the hooks are taken back. With the versions of AgentOps that differ in it.
import { describe, expect, it } from 'vitest'
import { callsOf } from '../run/support.ts'
import { runAgl } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import { hooksFolder } from '../support/python-hooks.ts'
import type { Sent } from '../support/token-server.ts'
import { recordHooked, runHooked } from './hooked-run.ts'
import { hasIds, idsOn, spansOf } from './hooks-python-suite.ts'
import type { WholeSpan } from './otlp.ts'

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
  if (name === 'agentops-0.4.21')
    describe.runIf(found)(`the Python hooks with ${name} and a server as sglang`, () =>
      describeIdsLast(found as PythonEnvironment),
    )
}

/** SGLang gives the ids of a chat stream with a frame behind all others. */
function describeIdsLast(environment: PythonEnvironment): void {
  const hooked = recordHooked(environment, 'sglang', { program: 'streams.py' })

  it('every stream that was left before its last frame is unfinished, also behind its finish reason', async () => {
    expect(hooked.run.code, hooked.run.stderr).toBe(0)
    const calls = await callsOf(hooked.server.dataDir)
    const verdicts = new Map(calls.map(({ responseId, verdict }) => [responseId, verdict]))
    const idOf = (name: string) => hooked.model.sent.find(({ asked }) => asked === `case ${name}`)?.id
    for (const name of [...begun, 'to-the-last-reason'])
      expect(verdicts.get(idOf(name)), name).toBe('ids.unfinished')
    for (const name of ['raw-stream', 'streaming-response'])
      expect(verdicts.get(idOf(name)), name).toBe('ids.complete')
  })
}

function describeStreams(environment: PythonEnvironment): void {
  const hooked = recordHooked(environment, 'vllm', { program: 'streams.py' })

  const sentFor = (name: string): Sent => {
    const sent = hooked.model.sent.filter(({ asked }) => asked === `case ${name}`)
    expect(sent, hooked.run.stdout + hooked.run.stderr).toHaveLength(1)
    return sent[0] as Sent
  }

  it('every call has its one span, whatever becomes of its stream', () => {
    expect(hooked.run.code, hooked.run.stderr).toBe(0)
    const calls = hooked.spans.filter(({ span }) => span.name?.startsWith('openai.'))
    expect(calls).toHaveLength(begun.length + whole.length + 2)
    expect(hooked.run.stdout.match(/^RAISED .*$/gm)).toHaveLength(1)
    expect(hooked.run.stdout).toContain('RAISED broken-off')
  })

  it.each(begun)('the span of «%s» has the ids that came', (name) => {
    const { id, tokens } = sentFor(name)
    const own = spansOf(hooked.spans, id).filter(hasIds)
    expect(own).toHaveLength(1)
    const {
      prompt_token_ids: prompt,
      partial_response_token_ids: got,
      ...others
    } = idsOn(own[0] as WholeSpan)
    expect(prompt).toEqual([...(tokens.promptTokenIds ?? [])])
    const sent = [...(tokens.choices[0]?.responseTokenIds ?? [])]
    expect(got).toEqual(sent.slice(0, got?.length))
    expect(others).toEqual({})
  })

  it('only calls whose reply is whole can be trained on', async () => {
    const { stdout, stderr, code } = await runAgl([
      'calls',
      'export',
      '-',
      '--data-dir',
      hooked.server.dataDir,
    ])
    expect(code, stderr).toBe(0)
    const lines = stdout.split('\n').filter(Boolean)
    const exported = lines.map((line) => JSON.parse(line) as { response_id: string | null; verdict: string })
    const verdictsOf = (id: string) =>
      exported.flatMap(({ response_id: own, verdict }) => (own === id ? [verdict] : []))
    for (const name of whole) expect(verdictsOf(sentFor(name).id), name).toEqual(['ids.complete'])
    for (const id of [...begun.map((name) => sentFor(name).id), 'broken-off'])
      expect(verdictsOf(id), id).toEqual(['ids.unfinished'])
    const listed = await callsOf(hooked.server.dataDir)
    for (const { responseId, verdict } of listed)
      if (responseId) expect(verdictsOf(responseId), responseId).toEqual([verdict])
  })

  it.each(whole)('the span of «%s» has all ids', (name) => {
    const { id, tokens } = sentFor(name)
    const own = spansOf(hooked.spans, id).filter(hasIds)
    expect(own.map((span) => idsOn(span).response_token_ids)).toEqual([
      [...(tokens.choices[0]?.responseTokenIds ?? [])],
    ])
  })

  it('a stream that breaks off is a failed call with the ids that came', () => {
    const [own] = spansOf(hooked.spans, 'broken-off')
    expect(idsOn(own as WholeSpan)).toEqual({ prompt_token_ids: [1, 2], partial_response_token_ids: [7] })
    expect(own?.span.status?.code).toBe(2)
  })

  it('nothing is said of it', () => {
    const said = hooked.run.stderr.split('\n').filter((line) => line.startsWith('agentlightning: '))
    expect(said.filter((line) => !line.includes('would go to'))).toEqual([])
    expect(hooked.run.stderr).not.toContain('agentlightning_hooks/')
  })

  it('after taking back every attribute is the object that it was, and hooking twice is hooking once', async () => {
    const before = hooked.model.sent.length
    const restored = await runHooked(environment, hooked, {
      program: 'restored.py',
      env: { AGL_TEST_HOOKS: hooksFolder, PYTHONPATH: environment.shared },
    })
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
    expect(hooked.model.sent.slice(before).map(({ wanted }) => wanted.return_token_ids)).toEqual([
      undefined,
      true,
      undefined,
    ])
  })
}
