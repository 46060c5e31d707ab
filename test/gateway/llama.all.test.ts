// llama.cpp's real server behind the gateway, with the real clients of OpenAI.
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import { getJson } from '../support/read-traces.ts'
import { runProgram } from '../support/run-program.ts'
import type { Service } from '../support/service.ts'
import { helloWorld, llamaMeans, weatherTool } from '../support/tiny-model.ts'
import { type ShownCall, shownCall } from './calls.ts'
import { ask, type Ends, newestReply, sameBothWays } from './same-reply.ts'

const llama = await requireMeans('llama.cpp', llamaMeans)
const python = await requireMeans('openai (Python)', () => pythonEnvironment('openai'))

const messages = [{ role: 'user' as const, content: 'hello world' }]
// Its cache would change the usage of a second call.
const base = { model: 'tiny', messages, temperature: 0, seed: 1, max_tokens: 24, cache_prompt: false }
const chat = '/v1/chat/completions'
const smile = { chat_template_kwargs: { smile: true } }
const logprobs = { logprobs: true, top_logprobs: 2 }

describe.runIf(llama && python)('llama.cpp behind the gateway', () => {
  let upstream: Service
  let server: TestServer
  let ends: Ends
  beforeAll(async () => {
    upstream = await (llama as NonNullable<typeof llama>).start()
    server = await startServer({ args: ['--upstream', `tiny=${upstream.url}`] })
    ends = { direct: upstream.port, gateway: server.port, prefix: '/rollout/r/attempt/a' }
  })
  afterAll(async () => {
    await server?.stop()
    await upstream?.stop()
  })

  /** The reply and the record of a request that came out the same both ways. */
  async function same(path: string, body: object): Promise<{ reply: string; call: ShownCall }> {
    const { through } = await sameBothWays(ends, path, body)
    return { reply: through.body.toString(), call: await shownCall(server, through) }
  }

  /** The ids that the server itself tells when it is asked for them. */
  async function idsOf(more: object): Promise<number[]> {
    const answer = await ask(upstream.port, chat, { ...base, ...more, verbose: true, return_tokens: true })
    return (JSON.parse(answer.body.toString()) as { __verbose: { tokens: number[] } }).__verbose.tokens
  }

  it('is recognised, and gives the ids of plain replies', async () => {
    const { reply, call } = await same(chat, base)
    expect(reply).toContain(helloWorld.text)
    expect(reply).not.toContain('__verbose')
    expect(newestReply(server.dataDir)).toContain('__verbose')
    expect(call.call).toMatchObject({ backend: 'llama.cpp', verdict: 'ids.no_prompt', rollout: 'r' })
    expect(call.flagsAdded).toEqual(['verbose', 'return_tokens'])
    expect(call.choices.map(({ responseTokenIds }) => responseTokenIds)).toEqual([helloWorld.ids])
    expect(await idsOf({})).toEqual(helloWorld.ids)
  })

  it('keeps every id of a character that is several tokens', async () => {
    const { call } = await same(chat, { ...base, ...smile })
    const ids = await idsOf(smile)
    expect(ids.length).toBe(call.call.usage?.output)
    expect(call.choices[0]?.responseTokenIds).toEqual(ids)
  })

  it('keeps the ids of a tool call, and its stream', async () => {
    const tools = { tools: [weatherTool] }
    const { reply, call } = await same(chat, { ...base, ...tools })
    expect(reply).toContain('"finish_reason":"tool_calls"')
    expect(call.choices[0]?.responseTokenIds).toEqual(await idsOf(tools))
    const streamed = await same(chat, { ...base, ...tools, stream: true })
    expect(streamed.reply).toContain('get_weather')
    expect(streamed.call.call.verdict).toBe('ids.stream_without_ids')
  })

  it('keeps log probabilities with ids; says that a stream of them leaves ids out', async () => {
    const plain = await same(chat, { ...base, ...logprobs })
    expect(plain.call.choices[0]?.responseTokenIds).toEqual(helloWorld.ids)
    expect(plain.call.choices[0]?.logprobs?.length).toBeGreaterThan(0)
    const stream = { stream: true, stream_options: { include_usage: true } }
    const streamed = await same(chat, { ...base, ...logprobs, ...smile, ...stream })
    expect(streamed.call.call.verdict).toBe('ids.stream_incomplete')
    const kept = streamed.call.choices[0]?.responseTokenIds ?? []
    expect(kept.length).toBeLessThan(streamed.call.call.usage?.output ?? 0)
  })

  it('passes three choices, for which it has no ids', async () => {
    const several = { ...base, n: 3, temperature: 1 }
    const { reply, call } = await same(chat, several)
    expect((JSON.parse(reply) as { choices: unknown[] }).choices).toHaveLength(3)
    expect(call).toMatchObject({ call: { verdict: 'ids.flag_not_sent', choices: 3 }, flagsAdded: [] })
    const streamed = await same(chat, { ...several, stream: true })
    expect(streamed.call.call).toMatchObject({ verdict: 'ids.stream_without_ids', choices: 3, stream: true })
  })

  it('keeps the ids of its own route', async () => {
    const body = { prompt: 'hello world', temperature: 0, n_predict: 8, cache_prompt: false }
    const { through } = await sameBothWays(ends, '/completion', { ...body, return_tokens: true })
    const told = (JSON.parse(through.body.toString()) as { tokens: number[] }).tokens
    const { reply, call } = await same('/completion', body)
    expect(reply).toContain('"tokens":[]')
    expect(call.choices[0]?.responseTokenIds).toEqual(told)
    expect(told.length).toBeGreaterThan(0)
  })

  it('passes every other route, and says that it has no ids there', async () => {
    const completion = {
      model: 'tiny',
      prompt: 'hello world',
      temperature: 0,
      max_tokens: 8,
      cache_prompt: false,
    }
    const routes: [string, object][] = [
      ['/v1/completions', completion],
      ['/v1/responses', { model: 'tiny', input: 'hello world', temperature: 0, max_output_tokens: 8 }],
      ['/v1/messages', { model: 'tiny', messages, temperature: 0, max_tokens: 8 }],
    ]
    for (const [path, body] of routes) {
      expect((await same(path, body)).call.call.verdict, path).toBe('ids.backend_cannot')
      await same(path, { ...body, stream: true })
    }
  })

  it('passes errors, also the refusal of log probabilities in a stream with tools', async () => {
    const refused = await same(chat, { ...base, tools: [weatherTool], ...logprobs, stream: true })
    expect(refused.call.call).toMatchObject({ status: 400, verdict: 'call.failed' })
    expect((await same(chat, { ...base, messages: 'none' })).call.call.verdict).toBe('call.failed')
    await same(chat, { ...base, messages: [{ role: 'user', content: 'word '.repeat(9000) }] })
  })

  it('the Python client sees the same through the gateway, one after the other and all at once', async () => {
    const run = async (url: string) => {
      const environment = python as PythonEnvironment
      const env = { OPENAI_BASE_URL: url, NO_PROXY: '*' }
      const ended = await runProgram(environment.python, [environment.program], { env })
      expect(ended.stderr).toBe('')
      return ended.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown)
    }
    const direct = await run(`${upstream.url}/v1`)
    const through = await run(`${server.url}/rollout/python/attempt/0/v1`)
    expect(through).toEqual(direct)
    expect(through).toHaveLength(24)
    await getJson(server, '/api/v1/position?wait=1')
    const { calls } = await getJson<{ calls: { verdict: string }[] }>(
      server,
      '/api/v1/calls?rollout=python&limit=100',
    )
    expect(calls).toHaveLength(24)
    const count = (code: string) => calls.filter(({ verdict }) => verdict === code).length
    expect(count('ids.no_prompt')).toBe(8)
    expect(count('call.failed')).toBe(4)
  })

  it('the JS client sees the same through the gateway', async () => {
    const options = { apiKey: 'sk-mine', maxRetries: 0 }
    // One after the other: what else is in a batch shows in the last digits of log probabilities.
    const direct = await everyCall(new OpenAI({ ...options, baseURL: `${upstream.url}/v1` }))
    const through = await everyCall(
      new OpenAI({ ...options, baseURL: `${server.url}/rollout/js/attempt/0/v1` }),
    )
    expect(through).toEqual(direct)
  })
})

/** What a program sees of each kind of call. */
async function everyCall(client: OpenAI): Promise<unknown[]> {
  const saw: unknown[] = []
  const asked = { model: 'tiny', messages, temperature: 0, seed: 1, max_tokens: 24 } as const
  for (const more of [{}, { n: 3, temperature: 1 }, { tools: [weatherTool] }, logprobs]) {
    const request = { ...asked, ...more } as OpenAI.ChatCompletionCreateParamsNonStreaming
    const reply = await client.chat.completions.create(request)
    saw.push(reply.choices.map(withoutCallIds), reply.usage?.completion_tokens)
    if ('logprobs' in more) continue
    const stream = client.chat.completions.stream({ ...request, stream: true })
    saw.push((await stream.finalChatCompletion()).choices.map(withoutCallIds))
  }
  const wrong = { ...asked, messages: 'none' } as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming
  await client.chat.completions.create(wrong).catch((error: InstanceType<typeof OpenAI.APIError>) => {
    saw.push([error.status, error.message])
  })
  return saw
}

function withoutCallIds(choice: OpenAI.ChatCompletion.Choice): unknown {
  return JSON.parse(
    JSON.stringify(choice, (key, value: unknown) => {
      if (key === 'id') return undefined
      return key === 'logprob' ? Math.round((value as number) * 1e4) : value
    }),
  )
}
