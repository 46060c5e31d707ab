// The real proxy of LiteLLM between the gateway and a model server: vLLM's recorded replies, and llama.cpp itself.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer, tempDir, until } from '../support/agl.ts'
import { type LiteLlm, liteLlm } from '../support/litellm.ts'
import { requireMeans } from '../support/means.ts'
import { type Service, startService } from '../support/service.ts'
import { llamaMeans, weatherTool } from '../support/tiny-model.ts'
import { type ShownCall, shownCall } from './calls.ts'
import { ask, newestReply, sameBothWays } from './same-reply.ts'
import { recording, type StandIn, startStandIn } from './stand-in.ts'

const proxy = await requireMeans('LiteLLM', liteLlm)
const llama = await requireMeans('llama.cpp', llamaMeans)

const chatPath = '/v1/chat/completions'
const chat = { model: 'tiny', messages: [{ role: 'user', content: 'hello world' }], temperature: 0, seed: 1 }

interface Recorded {
  readonly prompt_token_ids: number[]
  readonly choices: { readonly token_ids: number[] }[]
}

function idsOf(name: string): Recorded {
  return JSON.parse(recording('vllm-0.32.0', name)) as Recorded
}

describe.runIf(proxy && llama)('LiteLLM behind the gateway', () => {
  let vllm: StandIn
  let native: Service
  let proxies: Service[] = []
  let server: TestServer
  beforeAll(async () => {
    vllm = await startStandIn()
    native = await (llama as NonNullable<typeof llama>).start()
    const start = (url: string) => startService((port) => (proxy as LiteLlm)(port, `${url}/v1`, tempDir()))
    // One after the other: each takes ten seconds of CPU to start.
    proxies = [await start(vllm.url), await start(native.url)]
    const [first, second] = proxies as [Service, Service]
    server = await startServer({ args: ['--upstream', `tiny=${first.url}`] })
    const body = JSON.stringify({ run: 'llama', upstream: { openai: `${second.url}/v1` } })
    const added = await fetch(`${server.url}/api/v1/gateway/runs`, { method: 'POST', body })
    expect(added.status).toBe(201)
    // The very first answers of a proxy take longer than a first call waits to know what it is.
    for (const prefix of ['/rollout/r/attempt/a', '/gateway/r/llama'])
      await until('the proxy is recognised', async () => {
        const answer = await ask(server.port, prefix + chatPath, chat)
        return (await shownCall(server, answer)).call.backend === 'litellm'
      })
  }, 600_000)
  afterAll(async () => {
    await server?.stop()
    await Promise.all([...proxies, native].map((one) => one?.stop()))
    await vllm?.close()
  }, 120_000)

  async function same(body: object, path = chatPath): Promise<{ reply: string; call: ShownCall }> {
    const ends = { direct: proxies[0]?.port as number, gateway: server.port, prefix: '/rollout/r/attempt/a' }
    const { through } = await sameBothWays(ends, path, body)
    return { reply: through.body.toString(), call: await shownCall(server, through) }
  }

  it('is recognised; the ids that vLLM sends are kept, and the client does not get them', async () => {
    const { reply, call } = await same(chat)
    const sent = idsOf('chat-ids.response.json')
    expect(call.call).toMatchObject({ backend: 'litellm', verdict: 'ids.complete' })
    expect(call.flagsAdded).toEqual(['return_token_ids'])
    expect(call.promptTokenIds).toEqual(sent.prompt_token_ids)
    expect(call.choices.map(({ responseTokenIds }) => responseTokenIds)).toEqual([sent.choices[0]?.token_ids])
    expect(reply).not.toContain(String(sent.choices[0]?.token_ids))
    expect(newestReply(server.dataDir)).toMatch(/"token_ids": ?\[/)
  })

  it('keeps the ids of several choices, of tool calls and of completions', async () => {
    const several = await same({ ...chat, n: 2 })
    const sent = idsOf('chat-ids-temp1-n2.response.json').choices.map(({ token_ids }) => token_ids)
    expect(several.call.choices.map(({ responseTokenIds }) => responseTokenIds)).toEqual(sent)
    const called = await same({ ...chat, tools: [weatherTool] })
    expect(called.reply).toContain('get_weather')
    const ofTool = idsOf('chat-tool-auto-ids.response.json').choices[0]?.token_ids
    expect(called.call.choices[0]?.responseTokenIds).toEqual(ofTool)
    const plain = await same({ model: 'tiny', prompt: 'a' }, '/v1/completions')
    const ofText = idsOf('completions-ids.response.json').choices[0]?.token_ids
    expect(plain.call.choices[0]?.responseTokenIds).toEqual(ofText)
  })

  it('passes streams, and says that they have no ids', async () => {
    for (const more of [{}, { tools: [weatherTool] }]) {
      const { reply, call } = await same({ ...chat, ...more, stream: true })
      expect(reply).toContain('data: [DONE]')
      expect(call.call).toMatchObject({ backend: 'litellm', verdict: 'ids.stream_without_ids', stream: true })
      expect(call.flagsAdded).toEqual([])
    }
    // Of several choices it passes on the end of one alone.
    const several = await same({ ...chat, n: 2, stream: true })
    expect(several.reply.match(/"finish_reason":"/g)).toHaveLength(1)
    expect(several.call.call.verdict).toBe('ids.unfinished')
  })

  it('says that a stream whose client asks for ids itself has a part of them', async () => {
    const asked = { ...chat, logprobs: true, return_token_ids: true, stream: true }
    expect((await same(asked)).call.call.verdict).toBe('ids.stream_incomplete')
  })

  it('passes errors of the proxy and of the server behind it', async () => {
    for (const body of [
      { ...chat, model: 'none' },
      { ...chat, model: undefined },
      { ...chat, messages: 7 },
    ]) {
      const { call } = await same(body)
      expect(call.call.verdict).toBe('call.failed')
    }
  })

  it('in front of llama.cpp: plain, streamed, tools', async () => {
    const ends = { direct: proxies[1]?.port as number, gateway: server.port, prefix: '/gateway/r/llama' }
    for (const more of [{}, { tools: [weatherTool] }]) {
      for (const stream of [false, true]) {
        const { through } = await sameBothWays(ends, chatPath, { ...chat, ...more, stream, max_tokens: 24 })
        expect(through.status).toBe(200)
        const { call } = await shownCall(server, through)
        expect(call).toMatchObject({ backend: 'litellm', stream })
        // It does not know the flag of LiteLLM's other servers, and LiteLLM nothing of its own.
        expect(call.verdict).toMatch(/^ids\.(stripped_by_proxy|stream_without_ids)$/)
      }
    }
  })
})
