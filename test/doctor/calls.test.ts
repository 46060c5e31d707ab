// Faults of calls and traces, planted with real servers, and what `agl doctor` says of them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { recording, type StandIn, startStandIn } from '../gateway/stand-in.ts'
import { runAgl, startServer, type TestServer, tempDir } from '../support/agl.ts'
import { postTraces, request } from '../support/http.ts'
import { newSpanId, newTraceId, protobufBody, type SpanInput, someSpan } from '../support/otlp-bodies.ts'
import { getJson, settled } from '../support/read-traces.ts'
import { type Examined, examine } from './examine.ts'
import { startLiteModel } from './lite-model.ts'

const replyId = (JSON.parse(recording('vllm-0.32.0', 'chat-ids.response.json')) as { id: string }).id
/** Field 10 of a span: `dropped_attributes_count`, 12. */
const dropped = Buffer.from([0x50, 12])

let vllm: StandIn
let sglang: StandIn
let lite: Awaited<ReturnType<typeof startLiteModel>>
let server: TestServer

beforeAll(async () => {
  ;[vllm, sglang, lite] = await Promise.all([startStandIn(), startStandIn('sglang'), startLiteModel()])
  const dataDir = tempDir()
  const upstreams = join(dataDir, 'upstreams.json')
  const of = (name: string, url: string, more: object) => ({ name, url, models: [name], ...more })
  writeFileSync(
    upstreams,
    JSON.stringify([
      of('tiny', vllm.url, { backend: 'vllm' }),
      of('mute', vllm.url, { backend: 'vllm', ask: 'never' }),
      of('lite', lite.url, { backend: 'litellm' }),
      of('sglang', sglang.url, { backend: 'sglang', ask: ['return_token_ids'] }),
    ]),
  )
  server = await startServer({ dataDir, args: ['--upstreams', upstreams] })
})
afterAll(async () => {
  await server.stop()
  await Promise.all([vllm.close(), sglang.close(), lite.close()])
})

async function chat(
  model: string,
  {
    rollout,
    stream,
    headers = {},
    prefix = rollout === undefined ? '/gateway' : `/rollout/${rollout}/attempt/a1`,
  }: { rollout?: string; stream?: boolean; headers?: Record<string, string>; prefix?: string } = {},
): Promise<string> {
  const answer = await request(server, {
    method: 'POST',
    path: `${prefix}/v1/chat/completions`,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Say hello.' }] }),
  })
  expect(answer.status).toBe(200)
  return String(answer.headers['x-agl-call-id'])
}

const doctor = (...args: string[]) => examine([...args, '--data-dir', server.dataDir])

/** Without a response id it ended before any call of this file, so that none is taken for it. */
function llmSpan(traceId: string, more: Partial<SpanInput>, responseId?: string): SpanInput {
  const startNs = BigInt(Date.now() - (responseId === undefined ? 50_000 : 0)) * 1_000_000n
  const id = responseId === undefined ? {} : { 'gen_ai.response.id': responseId }
  const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'tiny', ...id }
  const endNs = startNs + 1_000_000_000n
  return someSpan({ traceId, name: 'openai.chat.completion', attributes, startNs, endNs, ...more })
}

/** The span of a program that began a minute ago and ends in a minute. */
function longSpan(traceId: string): SpanInput {
  const now = BigInt(Date.now()) * 1_000_000n
  const attributes = { 'agentops.span.kind': 'session' }
  return someSpan({
    traceId,
    name: 'run',
    startNs: now - 60_000_000_000n,
    endNs: now + 60_000_000_000n,
    attributes,
  })
}

it('a request that does not ask for ids, with how this server is asked', async () => {
  await chat('mute', { rollout: 'flag-off' })
  const found = await doctor('--rollout', 'flag-off')
  expect(found.one('ids.flag_not_sent')).toMatchObject({
    level: 'warn',
    count: 1,
    todo: expect.stringContaining('return_token_ids'),
  })
  expect(found.calls).toEqual({ total: 1, withIds: 0, failed: 0 })
  expect(found.exit).toBe(0)
})

it('a proxy that drops ids, and one that drops them in streams only', async () => {
  await chat('lite', { rollout: 'lite' })
  expect((await doctor('--rollout', 'lite')).codes).toContain('ids.stripped_by_proxy')
  await chat('lite', { rollout: 'lite-stream', stream: true })
  const { findings } = await doctor('--rollout', 'lite-stream')
  expect(findings.filter(({ code }) => code.startsWith('ids.'))).toMatchObject([
    { code: 'ids.stream_without_ids', todo: expect.stringContaining('without a stream') },
  ])
})

it('a server that refuses the flag', async () => {
  await chat('sglang', { rollout: 'refused', stream: true })
  const found = await doctor('--rollout', 'refused')
  expect(found.one('ids.flag_refused').todo).toContain('return_output_ids_in_sglext')
  expect(found.one('gateway.flag_refused').sentence).toContain('return_token_ids')
})

it('calls of a rollout together: what is in order is counted, what is not is grouped', async () => {
  for (let n = 0; n < 3; n++) await chat('tiny', { rollout: 'mixed' })
  for (let n = 0; n < 2; n++) await chat('lite', { rollout: 'mixed', stream: true })
  const found = await doctor('--rollout', 'mixed')
  expect(found.calls).toEqual({ total: 5, withIds: 3, failed: 0 })
  expect(found.one('ids.stream_without_ids')).toMatchObject({ count: 2 })
  const { examples, places = [], lastMs = 0 } = found.one('ids.stream_without_ids')
  expect(examples).toHaveLength(2)
  expect(new Set(places.map(({ spanId }) => spanId)).size).toBe(2)
  expect(Math.abs(Date.now() - lastMs)).toBeLessThan(600_000)
  const strict = await doctor('--rollout', 'mixed', '--strict')
  expect([strict.exit, strict.ok]).toEqual([1, false])
})

it('attributes that an SDK dropped, with and without the ids', async () => {
  const traceId = newTraceId()
  await postTraces(server, protobufBody([longSpan(traceId), llmSpan(traceId, { rest: dropped })]))
  const found = await doctor(traceId)
  expect(found.one('traces.attributes_dropped').sentence).toContain('up to 12')
  expect(found.one('ids.attribute_cap').todo).toContain('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT')
})

it('attributes that an SDK dropped, among them those by which an LLM span is known', async () => {
  const traceId = newTraceId()
  const attributes = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`message.${n}`, 'hello']))
  await postTraces(
    server,
    protobufBody([longSpan(traceId), someSpan({ traceId, attributes, rest: dropped })]),
  )
  const found = await doctor(traceId)
  expect(found.one('traces.spans_cut')).toMatchObject({
    level: 'warn',
    sentence: expect.stringContaining('up to 12'),
    examples: [traceId],
    places: [{ traceId }],
  })
  expect(found.codes).not.toContain('traces.no_llm_spans')
})

it('a span without a call, and a call without a span', async () => {
  const [traceId, joined, past] = [newTraceId(), newSpanId(), newSpanId()]
  const id = await chat('tiny', { headers: { traceparent: `00-${traceId}-${joined}-01` } })
  await postTraces(
    server,
    protobufBody([
      longSpan(traceId),
      llmSpan(traceId, { spanId: joined }, replyId),
      llmSpan(traceId, { spanId: past }, 'chatcmpl-elsewhere'),
    ]),
  )
  await settled(server)
  expect(await getJson<object>(server, `/api/v1/calls/${id}`)).toMatchObject({ call: { source: 'both' } })
  const found = await doctor(traceId.slice(0, 20))
  expect(found.one('calls.span_without_call')).toMatchObject({ count: 1, examples: [`${traceId}-${past}`] })
  // Other calls of this file ran at that time, too.
  const withoutSpan = ({ findings }: Pick<Examined, 'findings'>): number =>
    findings.find(({ code }) => code === 'calls.call_without_span')?.count ?? 0
  await chat('mute')
  await settled(server)
  const after = await getJson<Examined>(server, `/api/v1/doctor?trace=${traceId}`)
  expect(withoutSpan(after)).toBe(withoutSpan(found) + 1)
})

it('ids on a span that are as many as those of the gateway, and others', async () => {
  const [traceId, spanId] = [newTraceId(), newSpanId()]
  const id = await chat('tiny', { headers: { traceparent: `00-${traceId}-${spanId}-01` } })
  await settled(server)
  const { promptTokenIds } = await getJson<{ promptTokenIds: number[] }>(server, `/api/v1/calls/${id}`)
  const others = JSON.stringify(promptTokenIds.map((one) => one + 1))
  const attributes = { 'gen_ai.operation.name': 'chat', prompt_token_ids: others }
  await postTraces(server, protobufBody([llmSpan(traceId, { spanId, attributes })]))
  await settled(server)
  expect((await doctor(traceId)).one('ids.conflict')).toMatchObject({ count: 1, examples: [id] })
})

it('a framework that was imported after init(): spans, calls, and no LLM span', async () => {
  const traceId = newTraceId()
  await postTraces(server, protobufBody([longSpan(traceId), someSpan({ traceId, name: 'agent' })]))
  await chat('tiny')
  const found = await doctor(traceId)
  expect(found.one('traces.import_order')).toMatchObject({
    examples: [traceId],
    todo: expect.stringContaining('before agentops.init()'),
  })
  expect(found.codes).toContain('calls.none')
})

it('traces of a run, found by its tag, whose calls the SDK did not see', async () => {
  const run = 'blind-run'
  const registered = await request(server, {
    method: 'POST',
    path: '/api/v1/gateway/runs',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ run, upstream: { openai: vllm.url } }),
  })
  expect(registered.status).toBe(201)
  await chat('tiny', { prefix: `/gateway/r/${run}` })
  const [traceId, another] = [newTraceId(), newTraceId()]
  const resource = (name: string) => ({ 'agentops.tags': `["agl.run=${name}"]` })
  await postTraces(server, protobufBody([longSpan(traceId)], resource(run)))
  await postTraces(server, protobufBody([longSpan(another)], resource('another-run')))
  await settled(server)
  expect((await doctor('--run', run)).one('traces.import_order').examples).toEqual([traceId])
})

it('a trace that is not there is an error of the command, and so are two scopes', async () => {
  const missing = await runAgl(['doctor', '0123456789', '--data-dir', server.dataDir])
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('AGL_NOT_FOUND')])
  const both = await runAgl(['doctor', 'abc', '--run', 'r', '--data-dir', server.dataDir])
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('not several')])
  const unknown = await doctor('--run', 'no-such-run')
  expect(unknown.one('calls.none')).toMatchObject({
    level: 'warn',
    sentence: 'There are no model calls of run no-such-run.',
  })
  const odd = await runAgl(['doctor', 'no-trace', '--data-dir', server.dataDir])
  expect([odd.code, odd.stderr]).toEqual([2, expect.stringContaining('hex digits')])
})

it('the same is read from the directory when the server is gone', async () => {
  const dataDir = tempDir()
  const first = await startServer({ dataDir })
  const traceId = newTraceId()
  await postTraces(first, protobufBody([longSpan(traceId), llmSpan(traceId, { rest: dropped })]))
  await settled(first)
  await first.stop()
  const found = await examine([traceId.slice(0, 16), '--data-dir', dataDir])
  expect(found.codes).toEqual(
    expect.arrayContaining(['server.not_running', 'ids.attribute_cap', 'traces.attributes_dropped']),
  )
  expect([found.exit, found.server, found.url]).toEqual([1, null, null])
})
