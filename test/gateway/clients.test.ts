// The real SDKs of OpenAI and Anthropic through the gateway.
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { gatewayRecords } from './records.ts'
import { recording, type StandIn, startStandIn, unasked } from './stand-in.ts'

let upstream: StandIn
let server: TestServer
let openai: OpenAI
let anthropic: Anthropic
beforeAll(async () => {
  upstream = await startStandIn()
  server = await startServer({ args: ['--upstream', `tiny=${upstream.url}/v1`] })
  const options = { apiKey: 'sk-mine', maxRetries: 0 }
  openai = new OpenAI({ ...options, baseURL: `${server.url}/gateway/v1` })
  anthropic = new Anthropic({ ...options, baseURL: `${server.url}/gateway` })
})
afterAll(async () => {
  await server.stop()
  await upstream.close()
})

const messages = [{ role: 'user' as const, content: 'hello world' }]
const tools = [{ type: 'function' as const, function: { name: 'f', parameters: {} } }]

/** The reply to the newest call, as it is kept. */
function newest(): string {
  return gatewayRecords(server.dataDir).ends.at(-1)?.body ?? ''
}

it('OpenAI: a completion, several choices, tools', async () => {
  const plain = await openai.chat.completions.create({ model: 'tiny', messages })
  expect(plain.choices[0]?.message.content).toBe('dez twof')
  expect(newest()).toBe(recording('vllm-0.32.0', 'chat-ids.response.json'))
  const several = await openai.chat.completions.create({ model: 'tiny', messages, n: 3 })
  expect(several.choices.length).toBeGreaterThan(1)
  expect(newest()).toBe(recording('vllm-0.32.0', 'chat-ids-temp1-n2.response.json'))
  expect(gatewayRecords(server.dataDir).ends.at(-1)?.head.n).toBe(3)
  const called = await openai.chat.completions.create({ model: 'tiny', messages, tools })
  expect(called.choices[0]?.message.tool_calls?.length).toBeGreaterThan(0)
  expect(newest()).toBe(recording('vllm-0.32.0', 'chat-tool-auto-ids.response.json'))
})

it('OpenAI: streams, whose end is kept before it is seen', async () => {
  for (const [extra, name] of [
    [{}, 'chat-stream-ids.sse'],
    [{ n: 3 }, 'chat-stream-ids-n2.sse'],
    [{ tools }, 'chat-tool-auto-stream-ids.sse'],
  ] as const) {
    const stream = await openai.chat.completions.create({ model: 'tiny', messages, stream: true, ...extra })
    const chunks: unknown[] = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(newest()).toBe(recording('vllm-0.32.0', name))
    const sent = unasked(recording('vllm-0.32.0', name)).match(/^data: \{.*$/gm) as string[]
    expect(chunks).toEqual(sent.map((line) => JSON.parse(line.slice('data: '.length))))
  }
  const { firstTokenMs, firstByteMs } = gatewayRecords(server.dataDir).ends[3]?.head ?? {}
  expect(firstTokenMs).toBeGreaterThanOrEqual(firstByteMs as number)
})

it('OpenAI: errors are those of the server', async () => {
  const failed = openai.chat.completions.create({ model: 'too-long', messages })
  await expect(failed).rejects.toMatchObject({ status: 400, message: /maximum context length/ })
})

it('OpenAI: the list of models', async () => {
  const { data } = await openai.models.list()
  expect(data.map(({ id }) => id)).toEqual(['tiny'])
})

it('Anthropic: a message and a stream', async () => {
  const message = await anthropic.messages.create({ model: 'tiny', max_tokens: 9, messages })
  expect(message.content[0]).toMatchObject({ type: 'text' })
  expect(newest()).toBe(recording('vllm-0.32.0', 'messages-plain.response.json'))
  const final = await anthropic.messages.stream({ model: 'tiny', max_tokens: 9, messages }).finalMessage()
  expect(final.content[0]).toMatchObject({ type: 'text' })
  expect(newest()).toBe(recording('vllm-0.32.0', 'messages-stream.sse'))
  expect(gatewayRecords(server.dataDir).ends.at(-1)?.head.dialect).toBe('messages')
})
