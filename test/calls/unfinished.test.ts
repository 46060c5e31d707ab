// Calls whose reply nobody read to its end, as the hooks in a program tell of them: the same is said wherever one looks.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type StandIn, startStandIn } from '../gateway/stand-in.ts'
import { runAgl, startServer, type TestServer, tempDir, until } from '../support/agl.ts'
import { postTraces, request } from '../support/http.ts'
import { newSpanId, protobufBody, someSpan, type Value } from '../support/otlp-bodies.ts'
import { getJson, settled } from '../support/read-traces.ts'

interface Judged {
  readonly verdict: { readonly code: string; readonly sentence: string; readonly todo: string }
  readonly choices: readonly object[]
}

/** Field 15 of a span: its status, with code 2. */
const failed = Buffer.from([0x7a, 2, 0x18, 2])

let upstream: StandIn
let server: TestServer
beforeAll(async () => {
  upstream = await startStandIn()
  server = await start()
})
afterAll(async () => {
  await server?.stop()
  await upstream?.close()
})

function start(dataDir = tempDir()): Promise<TestServer> {
  return startServer({ dataDir, args: ['--upstream', `tiny=${upstream.url}`] })
}

function llmSpan(attributes: Readonly<Record<string, Value>>, rest?: Buffer) {
  return someSpan({
    name: 'openai.chat.completion',
    attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.response.id': newSpanId(), ...attributes },
    ...(rest ? { rest } : {}),
  })
}

const read = async <T>(path: string): Promise<T> => {
  await settled(server)
  return getJson<T>(server, path)
}

/** What lists, the tree, the call itself, its tab, the export and the doctor say of the only call of a trace. */
async function saidOf(trace: string, span: string): Promise<Record<string, string | undefined>> {
  const { calls } = await read<{ calls: { id: string; verdict: string }[] }>(`/api/v1/calls?trace=${trace}`)
  const [call] = calls
  expect(calls).toHaveLength(1)
  const { spans } = await read<{ spans: { spanId: string; call?: { verdict: string } }[] }>(
    `/api/v1/traces/${trace}`,
  )
  const whole = await read<Judged>(`/api/v1/calls/${call?.id}`)
  const tab = await read<Judged>(`/api/v1/traces/${trace}/spans/${span}/tokens`)
  const exported = await runAgl(['calls', 'export', '-', '--trace', trace, '--data-dir', server.dataDir])
  const { findings } = await read<{ findings: { code: string; subject: string }[] }>(
    `/api/v1/doctor?trace=${trace}`,
  )
  return {
    list: call?.verdict,
    tree: spans.find(({ spanId }) => spanId === span)?.call?.verdict,
    call: whole.verdict.code,
    tab: tab.verdict.code,
    export: (JSON.parse(exported.stdout) as { verdict: string }).verdict,
    doctor: findings.find(({ code }) => /^(ids|call)\./.test(code))?.code,
  }
}

/** The doctor names what is not in order. */
function everywhere(code: string): Awaited<ReturnType<typeof saidOf>> {
  const doctor = code === 'ids.complete' ? undefined : code
  return { list: code, tree: code, call: code, tab: code, export: code, doctor }
}

const prompt = { prompt_token_ids: '[1, 2]' }
const begun: [string, Readonly<Record<string, Value>>, Buffer?][] = [
  ['was given up', { ...prompt, partial_response_token_ids: '[3]' }],
  ['was given up before its first id', { ...prompt, partial_response_token_ids: '[]' }],
  ['broke off', { ...prompt, partial_response_token_ids: '[3]' }, failed],
  ['was given up in its second choice', { ...prompt, 'partial_response_token_ids.1': '[3]' }],
  ['was given up before the frame with all ids', { partial_response_token_ids: '[]' }],
  ['broke off before the frame with all ids', { partial_response_token_ids: '[]' }, failed],
]

it.each(begun)('a call that the hooks alone recorded and whose stream %s is unfinished', async (...given) => {
  const [, attributes, rest] = given
  const span = llmSpan(attributes, rest)
  await postTraces(server, protobufBody([span]))
  expect(await saidOf(span.traceId, span.spanId)).toEqual(everywhere('ids.unfinished'))
  const { verdict, choices } = await read<Judged>(`/api/v1/calls/${span.traceId}-${span.spanId}`)
  expect(choices).toEqual([])
  expect(verdict.sentence).toContain('given up')
  expect(verdict.todo).toMatch(/^Read the stream to its end/)
  const { calls } = await read<{ calls: { spanId: string }[] }>(
    `/api/v1/calls?verdict=ids.unfinished&trace=${span.traceId}`,
  )
  expect(calls.map(({ spanId }) => spanId)).toEqual([span.spanId])
})

it('ids of the whole response count where they are there, too', async () => {
  const span = llmSpan({ ...prompt, response_token_ids: '[3, 4]', partial_response_token_ids: '[3]' })
  await postTraces(server, protobufBody([span]))
  expect(await saidOf(span.traceId, span.spanId)).toEqual(everywhere('ids.complete'))
})

it('a call that was recorded on both sides is what the gateway saw, and no conflict', async () => {
  const ask = async (model: string, traceparent: string): Promise<void> => {
    const body = JSON.stringify({ model, stream: true, messages: [] })
    const headers = { 'content-type': 'application/json', traceparent }
    const answer = await request(server, {
      method: 'POST',
      path: '/gateway/v1/chat/completions',
      headers,
      body,
    })
    expect(answer.status).toBe(200)
  }
  const beginning = { partial_response_token_ids: '[3]' }
  const [whole, cut] = [llmSpan(beginning), llmSpan(beginning, failed)]
  await ask('tiny', `00-${whole.traceId}-${whole.spanId}-01`)
  await expect(ask('dies', `00-${cut.traceId}-${cut.spanId}-01`)).rejects.toThrow(/aborted|socket hang up/)
  await until('the ends of both calls are recorded', async () => {
    const { calls } = await read<{ calls: { verdict: string }[] }>('/api/v1/calls?limit=2')
    return calls.every(({ verdict }) => verdict !== 'call.no_end')
  })
  await postTraces(server, protobufBody([whole, cut]))
  expect(await saidOf(cut.traceId, cut.spanId)).toEqual(everywhere('ids.unfinished'))
  expect(await saidOf(whole.traceId, whole.spanId)).toEqual(everywhere('ids.complete'))
})

it('an index of before, which did not know of unfinished replies, is built anew from the log', async () => {
  const span = llmSpan({ ...prompt, partial_response_token_ids: '[3]' })
  await postTraces(server, protobufBody([span]))
  await settled(server)
  await server.stop()
  const index = new DatabaseSync(join(server.dataDir, 'index.db'))
  index.exec('UPDATE meta SET version = 5; UPDATE span SET bits = bits & 32767')
  index.close()
  server = await start(server.dataDir)
  expect(await saidOf(span.traceId, span.spanId)).toEqual(everywhere('ids.unfinished'))
})
