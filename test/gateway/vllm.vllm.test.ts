// vLLM's real server behind the gateway, with the real clients. By hand (`npm run test:vllm`): it takes 5.8 GB.
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { pythonEnvironment } from '../support/python.ts'
import { runProgram } from '../support/run-program.ts'
import type { Service } from '../support/service.ts'
import { helloWorld, vllmMeans, weatherTool } from '../support/tiny-model.ts'
import { shownCall } from './calls.ts'
import { ask, type Ends, sameBothWays } from './same-reply.ts'

let upstream: Service
let server: TestServer
let ends: Ends
beforeAll(async () => {
  upstream = await (await vllmMeans()).start()
  server = await startServer({ args: ['--upstream', `tiny=${upstream.url}`] })
  ends = { direct: upstream.port, gateway: server.port, prefix: '/rollout/r/attempt/a' }
}, 900_000)
afterAll(async () => {
  await server?.stop()
  await upstream?.stop()
}, 120_000)

const messages = [{ role: 'user' as const, content: 'hello world' }]
const chat = { model: 'tiny', messages, temperature: 0, max_tokens: 24 }
const completion = { model: 'tiny', prompt: 'hello world', temperature: 0, max_tokens: 16 }
const random = { n: 3, temperature: 1, seed: 5 }
const logprobs = { logprobs: true, top_logprobs: 2 }
const chatPath = '/v1/chat/completions'
const withIds = { return_token_ids: true }

const calls: Record<string, readonly [path: string, body: object]> = {
  plain: [chatPath, chat],
  'three choices': [chatPath, { ...chat, ...random }],
  'a tool call': [chatPath, { ...chat, tools: [weatherTool] }],
  'log probabilities': [chatPath, { ...chat, ...logprobs }],
  'three choices with log probabilities': [chatPath, { ...chat, ...random, ...logprobs }],
  'a character of four tokens': [chatPath, { ...chat, chat_template_kwargs: { smile: true } }],
  'a thought': [chatPath, { ...chat, chat_template_kwargs: { muse: true } }],
  completions: ['/v1/completions', completion],
  'completions of two prompts': [
    '/v1/completions',
    { ...completion, prompt: ['hello', 'a world'], ...random, n: 2, logprobs: 1 },
  ],
}

interface Ids {
  readonly prompt: number[]
  readonly response: number[]
}

/** The ids in what vLLM sends to who asks for them, by choice. */
function idsIn(text: string): Ids[] {
  const replies = text.startsWith('data:')
    ? [...text.matchAll(/^data: (\{.*)$/gm)].map(([, json]) => json)
    : [text]
  const found: Ids[] = []
  for (const json of replies) {
    const reply = JSON.parse(json as string) as {
      prompt_token_ids?: number[]
      choices: { index: number; prompt_token_ids?: number[]; token_ids?: number[] }[]
    }
    for (const { index, prompt_token_ids, token_ids } of reply.choices) {
      found[index] ??= { prompt: [], response: [] }
      found[index].prompt.push(...(prompt_token_ids ?? reply.prompt_token_ids ?? []))
      found[index].response.push(...(token_ids ?? []))
    }
  }
  return found
}

it.each(
  Object.entries(calls).flatMap(([name, [path, body]]) => [
    [name, path, body] as const,
    [`${name}, streamed`, path, { ...body, stream: true }] as const,
    [
      `${name}, streamed with usage`,
      path,
      { ...body, stream: true, stream_options: { include_usage: true } },
    ] as const,
  ]),
)('%s: the reply is the same, and the ids are those of the server', async (_, path, body) => {
  const { through } = await sameBothWays(ends, path, body)
  const sent = idsIn((await ask(upstream.port, path, { ...body, ...withIds })).body.toString())
  const { call, choices, promptTokenIds, flagsAdded } = await shownCall(server, through)
  expect(call).toMatchObject({ backend: 'vllm', verdict: 'ids.complete', status: 200 })
  expect(flagsAdded).toEqual(['return_token_ids'])
  expect(sent.length).toBeGreaterThan(0)
  expect(choices.map(({ responseTokenIds }) => responseTokenIds)).toEqual(
    sent.map(({ response }) => response),
  )
  // The prompt of a stream of chat stands in its first chunks, once for each choice.
  for (const [at, { prompt }] of sent.entries())
    expect(choices[at]?.promptTokenIds ?? promptTokenIds).toEqual(prompt)
  if ('logprobs' in body)
    for (const { responseTokenIds, logprobs } of choices)
      expect(logprobs).toHaveLength(responseTokenIds?.length ?? -1)
})

it('says the ids that the model is known for', async () => {
  const { call, choices } = await shownCall(server, await ask(server.port, `${ends.prefix}${chatPath}`, chat))
  expect(choices.map(({ responseTokenIds }) => responseTokenIds)).toEqual([helloWorld.ids])
  expect(call.usage).toMatchObject({ output: helloWorld.ids.length })
})

it('a client that asks for ids itself gets them', async () => {
  for (const stream of [false, true]) {
    const { through } = await sameBothWays(ends, chatPath, { ...chat, ...withIds, stream })
    expect(idsIn(through.body.toString())[0]?.response).toEqual(helloWorld.ids)
    expect((await shownCall(server, through)).flagsAdded).toEqual([])
  }
})

it('Responses: the same, with the ids of the messages', async () => {
  for (const stream of [false, true]) {
    const body = { model: 'tiny', input: 'hello world', temperature: 0, max_output_tokens: 24, stream }
    const { through } = await sameBothWays(ends, '/v1/responses', body)
    const { call, choices, promptTokenIds, flagsAdded } = await shownCall(server, through)
    const asked = { ...body, stream: false, enable_response_messages: true }
    const sent = JSON.parse((await ask(upstream.port, '/v1/responses', asked)).body.toString()) as {
      input_messages: { tokens: number[] }[]
      output_messages: { tokens: number[] }[]
    }
    expect(call.verdict).toBe('ids.complete')
    expect(flagsAdded).toEqual(['enable_response_messages'])
    expect(promptTokenIds).toEqual(sent.input_messages.flatMap(({ tokens }) => tokens))
    expect(choices[0]?.responseTokenIds).toEqual(sent.output_messages.flatMap(({ tokens }) => tokens))
    expect(choices[0]?.responseTokenIds).toEqual(helloWorld.ids)
  }
})

it('Anthropic: the same, in the real client too; the route has no ids, and it is said', async () => {
  const body = { model: 'tiny', messages, temperature: 0, max_tokens: 24 }
  const plain = await sameBothWays(ends, '/v1/messages', body)
  await sameBothWays(ends, '/v1/messages', { ...body, stream: true })
  expect((await shownCall(server, plain.through)).call.verdict).toBe('ids.backend_cannot')
  const saw: unknown[][] = []
  for (const baseURL of [upstream.url, `${server.url}/rollout/r/attempt/a`]) {
    const client = new Anthropic({ apiKey: 'sk-mine', maxRetries: 0, baseURL })
    const message = await client.messages.create(body)
    const streamed = await client.messages.stream(body).finalMessage()
    saw.push([message, streamed].map(({ content, usage, stop_reason }) => ({ content, usage, stop_reason })))
  }
  expect(saw[1]).toEqual(saw[0])
  expect(JSON.stringify(saw[0])).toContain(helloWorld.text)
})

it('errors are those of the server', async () => {
  const wrong: [string, object][] = [
    [chatPath, { ...chat, max_tokens: 5000 }],
    [chatPath, { ...chat, max_tokens: 5000, stream: true }],
    [chatPath, { ...chat, model: 'none' }],
    [chatPath, { ...chat, messages: 'none' }],
    ['/v1/completions', { model: 'tiny' }],
    ['/v1/messages', { model: 'tiny', messages: [] }],
  ]
  for (const [path, body] of wrong) {
    const { through } = await sameBothWays(ends, path, body)
    expect(through.status).toBeGreaterThanOrEqual(400)
    expect((await shownCall(server, through)).call.verdict).toBe('call.failed')
  }
  const client = new OpenAI({ apiKey: 'sk-mine', maxRetries: 0, baseURL: `${server.url}/gateway/v1` })
  const failed = client.chat.completions.create({ model: 'none', messages })
  await expect(failed).rejects.toMatchObject({ status: 404, message: /does not exist/ })
})

it('the Python client sees the same through the gateway, one after the other and all at once', async () => {
  const { python, program } = await pythonEnvironment('openai')
  const saw: string[] = []
  for (const url of [`${upstream.url}/v1`, `${server.url}/rollout/python/attempt/0/v1`]) {
    const ended = await runProgram(python, [program], { env: { OPENAI_BASE_URL: url, NO_PROXY: '*' } })
    expect(ended.stderr).toBe('')
    saw.push(ended.stdout)
  }
  expect(saw[1]).toBe(saw[0])
}, 120_000)
