// Model calls through the real gateway, from the log to the index, the API, the command and back after a rebuild.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { recording, type StandIn, startStandIn } from '../gateway/stand-in.ts'
import { runAgl, startServer, type TestServer, tempDir } from '../support/agl.ts'
import { postTraces, request } from '../support/http.ts'
import { newSpanId, newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { getJson } from '../support/read-traces.ts'

interface Call {
  readonly id: string
  readonly source: string
  readonly traceId: string
  readonly spanId: string
  readonly rollout?: string
  readonly verdict: string
  readonly promptIds?: number
  readonly responseIds?: number
}

interface Reply {
  readonly id: string
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number }
  readonly prompt_token_ids: number[]
  readonly choices: { token_ids: number[]; finish_reason: string }[]
}

const plain = JSON.parse(recording('vllm-0.32.0', 'chat-ids.response.json')) as Reply
const two = JSON.parse(recording('vllm-0.32.0', 'chat-ids-temp1-n2.response.json')) as Reply

let upstream: StandIn
let server: TestServer
beforeAll(async () => {
  upstream = await startStandIn()
  server = await start(tempDir())
})
afterAll(async () => {
  await server.stop()
  await upstream.close()
})

function start(dataDir: string): Promise<TestServer> {
  return startServer({ dataDir, args: ['--upstream', `tiny=${upstream.url}`] })
}

/** Calls the model through the gateway; resolves with the id of the call. */
async function chat(
  more: object = {},
  { prefix = '/gateway/v1', headers = {} }: { prefix?: string; headers?: Record<string, string> } = {},
): Promise<string> {
  const body = JSON.stringify({
    model: 'tiny',
    temperature: 0.5,
    messages: [{ role: 'user', content: 'Say hello.' }],
    ...more,
  })
  const answer = await request(server, {
    method: 'POST',
    path: `${prefix}/chat/completions`,
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  expect(answer.status).toBeLessThan(500)
  return String(answer.headers['x-agl-call-id'])
}

async function settled<T>(path: string): Promise<T> {
  await getJson(server, '/api/v1/position?wait=1')
  return getJson<T>(server, path)
}

async function list(parameters = ''): Promise<Call[]> {
  return (await settled<{ calls: Call[] }>(`/api/v1/calls${parameters}`)).calls
}

function llmSpan(traceId: string, spanId: string, responseId?: string) {
  return someSpan({
    traceId,
    spanId,
    name: 'openai.chat.completion',
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'tiny',
      ...(responseId === undefined ? {} : { 'gen_ai.response.id': responseId }),
    },
  })
}

it('a call without a span is a span of its own, with messages, parameters and ids', async () => {
  const id = await chat({}, { prefix: '/rollout/r1/attempt/a1/v1' })
  const [call] = await list('?rollout=r1')
  expect(call).toMatchObject({
    id,
    source: 'gateway',
    verdict: 'ids.complete',
    promptIds: plain.prompt_token_ids.length,
    responseIds: plain.choices[0]?.token_ids.length,
    status: 200,
    upstream: 'tiny',
    dialect: 'chat',
  })
  const at = `/api/v1/traces/${call?.traceId}/spans/${call?.spanId}`
  const { span } = await getJson<{ span: { attributes: { key: string; value: object }[]; name: string } }>(
    server,
    at,
  )
  const keys = new Map(span.attributes.map(({ key, value }) => [key, value]))
  expect(keys.get('gen_ai.request.temperature')).toEqual({ doubleValue: 0.5 })
  expect(keys.get('gen_ai.response.id')).toEqual({ stringValue: plain.id })
  expect(keys.get('prompt_token_ids')).toEqual({
    arrayValue: { values: plain.prompt_token_ids.map((one) => ({ intValue: String(one) })) },
  })
  const { input, output } = await getJson<{ input: object[]; output: object[] }>(server, `${at}/messages`)
  expect(input).toMatchObject([{ role: 'user', parts: [{ type: 'text', text: 'Say hello.' }] }])
  expect(output).toMatchObject([{ role: 'assistant', finishReason: plain.choices[0]?.finish_reason }])
})

it('a call that a span alone tells of is of the run, rollout and attempt that its resource names', async () => {
  const span = llmSpan(newTraceId(), newSpanId(), 'of-nobody-else')
  const whose = { run: 'u-5', rollout: 'r/5', attempt: '3' }
  const resource = Object.fromEntries(
    Object.entries(whose).map(([name, id]) => [`agentlightning.${name}_id`, id]),
  )
  await postTraces(server, protobufBody([span], resource))
  const id = `${span.traceId}-${span.spanId}`
  const expected = { id, source: 'span', ...whose }
  expect(await list('?run=u-5')).toEqual([expect.objectContaining(expected)])
  expect(await list('?rollout=r/5&attempt=3')).toHaveLength(1)
  expect(await list('?rollout=r/5&attempt=4')).toEqual([])
  const { rollouts } = await getJson<{ rollouts: object[] }>(server, '/api/v1/rollouts')
  expect(rollouts).toContainEqual(expect.objectContaining({ ...whose, calls: 1, callsWithIds: 0 }))
  const tree = await getJson<{ spans: { call?: object }[] }>(server, `/api/v1/traces/${span.traceId}`)
  expect(tree.spans[0]?.call).toMatchObject({ rollout: 'r/5', attempt: '3' })

  const agl = (...args: string[]) => runAgl(['calls', ...args, '--data-dir', server.dataDir])
  const listed = await agl('list', '--run', 'u-5')
  expect(JSON.parse(listed.stdout)).toMatchObject(expected)
  expect(JSON.parse((await agl('show', id)).stdout)).toMatchObject({ call: expected })
  expect(JSON.parse((await agl('export', '-', '--run', 'u-5')).stdout)).toMatchObject({
    run_id: 'u-5',
    rollout_id: 'r/5',
    attempt_id: '3',
  })
  expect((await agl('list', '--run', 'nobody')).stdout).toBe('')
})

it('the resource of a joined span tells whose a call is that came to the gateway without saying so', async () => {
  const resource = { 'agentlightning.rollout_id': 'r6', 'agentlightning.attempt_id': '1' }
  const joined = async (headers: Record<string, string>): Promise<string> => {
    const [traceId, spanId] = [newTraceId(), newSpanId()]
    const id = await chat({}, { headers: { ...headers, traceparent: `00-${traceId}-${spanId}-01` } })
    await postTraces(server, protobufBody([llmSpan(traceId, spanId, newSpanId())], resource))
    return id
  }
  const silent = await joined({})
  const named = await joined({ 'x-agl-rollout': 'r7' })
  expect(await list('?rollout=r6')).toEqual([
    expect.objectContaining({ id: silent, source: 'both', rollout: 'r6', attempt: '1' }),
  ])
  const [other] = await list('?rollout=r7')
  expect(other).toMatchObject({ id: named, source: 'both', rollout: 'r7' })
  expect(other).not.toHaveProperty('attempt', '1')
})

it('every choice is there, of plain replies and of streams', async () => {
  const id = await chat({ n: 2 })
  const answer = await settled<{
    promptTokenIds: number[]
    choices: { index: number; responseTokenIds: number[] }[]
    request: object
    reply: object
  }>(`/api/v1/calls/${id.slice(0, 13)}`)
  expect(answer.promptTokenIds).toEqual(two.prompt_token_ids)
  expect(answer.choices.map(({ responseTokenIds }) => responseTokenIds)).toEqual(
    two.choices.map(({ token_ids }) => token_ids),
  )
  expect(answer.request).toMatchObject({ n: 2, messages: [{ content: 'Say hello.' }] })
  expect(answer.reply).toMatchObject({ id: two.id })
  const streamed = await settled<{
    choices: { responseTokenIds: number[]; finishReason: string }[]
    reply: object
  }>(`/api/v1/calls/${await chat({ stream: true, n: 2 })}`)
  expect(streamed.choices).toHaveLength(2)
  for (const choice of streamed.choices) expect(choice.responseTokenIds.length).toBeGreaterThan(0)
  expect(streamed.reply).toMatchObject({ choices: [{ index: 0 }, { index: 1 }] })
})

it('a span that tells the response id takes the call, before or after it', async () => {
  const [trace, first, second] = [newTraceId(), newSpanId(), newSpanId()]
  // The recording has one response id: spans of a trace of its own, each next to the call by traceparent.
  const before = await chat({}, { headers: { traceparent: `00-${trace}-${first}-01` } })
  await postTraces(server, protobufBody([llmSpan(trace, first, plain.id), llmSpan(trace, second, plain.id)]))
  const after = await chat({}, { headers: { traceparent: `00-${trace}-${second}-01` } })
  const calls = await list(`?trace=${trace}`)
  expect(new Map(calls.map(({ id, spanId }) => [id, spanId]))).toEqual(
    new Map([
      [before, first],
      [after, second],
    ]),
  )
  const { trace: summary, spans } = await settled<{
    trace: { spans: number; calls: number; callsWithIds: number }
    spans: { spanId: string; call: object }[]
  }>(`/api/v1/traces/${trace}`)
  expect(summary).toMatchObject({ spans: 2, calls: 2, callsWithIds: 2 })
  for (const span of spans) expect(span.call).toMatchObject({ source: 'both', verdict: 'ids.complete' })
})

it('a span that tells nothing of its reply is shown and counted with what the gateway recorded', async () => {
  const [trace, span] = [newTraceId(), newSpanId()]
  await postTraces(server, protobufBody([llmSpan(trace, span)]))
  const path = `/api/v1/traces/${trace}`
  const before = await settled<{ trace: { inputTokens?: number; calls: number } }>(path)
  expect(before.trace).toMatchObject({ calls: 1 })
  expect(before.trace.inputTokens ?? null).toBeNull()
  await chat({}, { headers: { traceparent: `00-${trace}-${span}-01` } })
  const { trace: summary, spans } = await settled<{ trace: object; spans: object[] }>(path)
  const { prompt_tokens: input, completion_tokens: output } = plain.usage
  expect(summary).toMatchObject({ spans: 1, calls: 1, inputTokens: input, outputTokens: output })
  expect(spans).toMatchObject([
    {
      fields: { requestModel: 'tiny', responseId: plain.id, usage: { input, output } },
      usageCounted: true,
      call: { source: 'both', gives: ['usage', 'responseId'] },
    },
  ])
})

it('a list says of a call without ids whether the client had asked for them', async () => {
  upstream.withoutIds = true
  const asked = await chat({ return_token_ids: true })
  const refused = await chat({ return_token_ids: false })
  upstream.withoutIds = false
  const verdicts = new Map((await list()).map(({ id, verdict }) => [id, verdict]))
  expect(verdicts.get(asked)).toBe('ids.stripped_by_proxy')
  expect(verdicts.get(refused)).toBe('ids.flag_not_sent')
  for (const id of [asked, refused])
    expect((await settled<{ verdict: { code: string } }>(`/api/v1/calls/${id}`)).verdict.code).toBe(
      verdicts.get(id),
    )
})

it('of two spans inside each other that tell one response id a list holds the inner one', async () => {
  const [trace, outer, inner] = [newTraceId(), newSpanId(), newSpanId()]
  const startNs = BigInt(Date.now()) * 1_000_000n
  const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.response.id': 'chatcmpl-nested' }
  const spans = [
    someSpan({ traceId: trace, spanId: outer, startNs, attributes }),
    someSpan({ traceId: trace, spanId: inner, parentSpanId: outer, startNs, attributes }),
  ]
  await postTraces(server, protobufBody(spans))
  expect((await list(`?trace=${trace}`)).map(({ spanId }) => spanId)).toEqual([inner])
})

it('ids on the span that are others than the reply’s are a conflict, and both are shown', async () => {
  const [trace, span] = [newTraceId(), newSpanId()]
  await chat({}, { headers: { traceparent: `00-${trace}-${span}-01` } })
  const wrong = plain.prompt_token_ids.map((id) => id + 1)
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.response.id': plain.id,
    prompt_token_ids: JSON.stringify(wrong),
    response_token_ids: JSON.stringify(plain.choices[0]?.token_ids),
  }
  await postTraces(server, protobufBody([someSpan({ traceId: trace, spanId: span, attributes })]))
  const answer = await settled<{
    promptTokenIds: number[]
    other: { promptTokenIds: number[] }
    verdict: { code: string; todo: string }
  }>(`/api/v1/traces/${trace}/spans/${span}/tokens`)
  expect(answer.verdict.code).toBe('ids.conflict')
  expect(answer.verdict.todo).not.toBe('')
  expect(answer.promptTokenIds).toEqual(plain.prompt_token_ids)
  expect(answer.other.promptTokenIds).toEqual(wrong)
})

it('tokens say where a prompt stops being the earlier prompt and response', async () => {
  const trace = newTraceId()
  const spans = [newSpanId(), newSpanId()] as const
  const ids = (prompt: number[], response: number[]) => ({
    'gen_ai.operation.name': 'chat',
    prompt_token_ids: JSON.stringify(prompt),
    response_token_ids: JSON.stringify(response),
  })
  const startNs = BigInt(Date.now()) * 1_000_000n
  await postTraces(
    server,
    protobufBody([
      someSpan({ traceId: trace, spanId: spans[0], startNs, attributes: ids([1, 2, 3], [4, 5]) }),
      someSpan({
        traceId: trace,
        spanId: spans[1],
        startNs: startNs + 9n,
        attributes: ids([1, 2, 3, 4, 50, 6], [7]),
      }),
    ]),
  )
  const answer = await settled<{ previous: object }>(`/api/v1/traces/${trace}/spans/${spans[1]}/tokens`)
  expect(answer.previous).toMatchObject({
    id: `${trace}-${spans[0]}`,
    continues: false,
    shared: 4,
    promptLength: 3,
    responseLength: 2,
    here: [50, 6],
    there: [5],
  })
})

it('an event of an old SDK that kept the reply is a call, with its ids', async () => {
  const session = randomUUID()
  const event = {
    event_type: 'llms',
    id: randomUUID(),
    session_id: session,
    model: 'tiny',
    returns: { ...plain, id: 'chatcmpl-old' },
  }
  const sent = await request(server, {
    method: 'POST',
    path: '/events',
    headers: { 'content-type': 'application/json', 'x-agentops-auth': randomUUID() },
    body: JSON.stringify({ session_id: session, events: [event] }),
  })
  expect(sent.status).toBe(200)
  const trace = session.replaceAll('-', '')
  const [call] = await list(`?trace=${trace}`)
  expect(call).toMatchObject({ source: 'span', verdict: 'ids.complete', id: `${trace}-${call?.spanId}` })
  const answer = await getJson<{ promptTokenIds: number[]; verdict: { code: string } }>(
    server,
    `/api/v1/calls/${trace.slice(0, 20)}-${call?.spanId}`,
  )
  expect(answer).toMatchObject({ promptTokenIds: plain.prompt_token_ids, verdict: { code: 'ids.complete' } })
})

it('a failed call is an error of its own, and says so', async () => {
  const id = await chat({ model: 'too-long' })
  const answer = await settled<{ call: { error: string; status: number }; verdict: { code: string } }>(
    `/api/v1/calls/${id}`,
  )
  expect(answer.call.status).toBe(400)
  expect(answer.call.error).toMatch(/^HTTP 400: /)
  expect(answer.verdict.code).toBe('call.failed')
})

it('wrong parameters are named, and calls that are not there are not found', async () => {
  const status = async (path: string): Promise<number> => (await request(server, { path })).status
  expect(await status('/api/v1/calls?verdict=nonsense')).toBe(400)
  expect(await status('/api/v1/calls?limit=0')).toBe(400)
  expect(await status('/api/v1/calls/ffffffff-0000')).toBe(404)
  expect(await status(`/api/v1/traces/${newTraceId()}/spans/${newSpanId()}/tokens`)).toBe(404)
})

it('list, show and export: with a server and from the files of a stopped one, before and after a rebuild', async () => {
  const agl = (...args: string[]) => runAgl(['calls', ...args, '--data-dir', server.dataDir])
  const listed = async (): Promise<object[]> =>
    (await agl('list', '-n', '1000')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
  const exported = async (name: string): Promise<string[]> => {
    const file = join(server.dataDir, name)
    const done = await agl('export', file, '--messages')
    expect(done.code, done.stderr).toBe(0)
    expect(done.stderr).toMatch(/^\d+ calls, /)
    return readFileSync(file, 'utf8').trim().split('\n')
  }
  await list()
  const before = { listed: await listed(), exported: await exported('one.jsonl') }
  expect(before.exported).toHaveLength(before.listed.length)
  const line = before.exported
    .map((text) => JSON.parse(text) as Record<string, unknown>)
    .find(({ rollout_id }) => rollout_id === 'r1')
  expect(Object.keys(line ?? {})).toEqual([
    'id',
    'response_id',
    'trace_id',
    'span_id',
    'run_id',
    'rollout_id',
    'attempt_id',
    'time_ns',
    'model',
    'prompt_token_ids',
    'choices',
    'usage',
    'verdict',
    'request',
    'reply',
  ])
  expect(line).toMatchObject({
    response_id: plain.id,
    attempt_id: 'a1',
    prompt_token_ids: plain.prompt_token_ids,
    choices: [{ index: 0, response_token_ids: plain.choices[0]?.token_ids }],
    verdict: 'ids.complete',
  })
  const toStdout = await agl('export', '-', '--rollout', 'r1')
  expect(toStdout.stdout.trim().split('\n')).toHaveLength(1)
  const shown = await agl('show', String(line?.id), '--text')
  expect(shown.stdout).toContain('ids.complete')
  expect(shown.stdout).toContain(plain.prompt_token_ids.slice(0, 5).join(' '))
  expect((await agl('list', '--text')).stdout).toContain('ids.complete')

  await server.stop()
  expect(await listed()).toEqual(before.listed)
  expect(await exported('two.jsonl')).toEqual(before.exported)
  const rebuilt = await runAgl(['reindex', '--data-dir', server.dataDir])
  expect(rebuilt.code, rebuilt.stderr).toBe(0)
  expect(await listed()).toEqual(before.listed)
  expect(await exported('three.jsonl')).toEqual(before.exported)
  const bad = await agl('export', join(server.dataDir, 'no', 'such', 'folder.jsonl'))
  expect(bad.code).not.toBe(0)
  expect(bad.stderr).toContain('ENOENT')
  server = await start(server.dataDir)
  expect(await listed()).toEqual(before.listed)
}, 120_000)
