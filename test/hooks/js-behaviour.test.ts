// What the hooks must not change in a program, and what they do where something is odd.
import fs from 'node:fs'
import { context, trace } from '@opentelemetry/api'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  instrumentAgentOps,
  uninstrumentAgentOps,
} from '../../packages/agentlightning/src/instrumentation/index.ts'
import { type Answer, events, registerSdk, type Sdk, startTold, type Told } from './spans.ts'

const plain: Answer = {
  body: '{"id":"c-1","prompt_token_ids":[11],"choices":[{"index":0,"token_ids":[40]}]}',
}
const frames = [
  { id: 'c-1', prompt_token_ids: [11], choices: [{ index: 0, delta: { content: 'a' }, token_ids: [40] }] },
  { id: 'c-1', choices: [{ index: 0, delta: { content: 'b' }, token_ids: [41], finish_reason: 'stop' }] },
]
const refusal: Answer = { status: 422, body: '{"detail":"Unexpected fields: return_token_ids"}' }

let told: Told
let sdk: Sdk
let said: string

beforeAll(async () => {
  told = await startTold()
})

afterAll(() => told.close())

beforeEach(() => {
  said = ''
  told.got.length = 0
  told.answers = [plain]
  sdk = registerSdk()
  const { writeSync } = fs
  vi.spyOn(fs, 'writeSync').mockImplementation((...args: unknown[]) => {
    const [descriptor, text] = args
    if (descriptor !== 2) return writeSync(...(args as Parameters<typeof writeSync>))
    said += text
    return 0
  })
})

afterEach(async () => {
  uninstrumentAgentOps()
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  await sdk.remove()
})

function post(body: object, path = '/chat/completions', init: RequestInit = {}): Promise<Response> {
  return fetch(`${told.url}${path}`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', ...body }),
    ...init,
  })
}

function put(): void {
  instrumentAgentOps({ findLoaded: false })
}

/** Reads a reply with a buffer of its own. */
async function inBytes({ body }: Response): Promise<string> {
  const reader = body?.getReader({ mode: 'byob' })
  let text = ''
  for (;;) {
    const read = await reader?.read(new Uint8Array(7))
    if (!read || read.done) return text
    text += new TextDecoder().decode(read.value)
  }
}

const flags = () => told.got.map(({ body }) => body.return_token_ids)

describe('putting the hooks in and taking them out', () => {
  it('is done once, and undone wholly', () => {
    const before = [globalThis.fetch, OpenAI.prototype, process.env.OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT]
    const method = Object.getOwnPropertyDescriptor(OpenAI.prototype, 'fetchWithTimeout')
    const first = instrumentAgentOps({ clients: [OpenAI], findLoaded: false })
    const [fetchOnce, methodOnce] = [globalThis.fetch, OpenAI.prototype.fetchWithTimeout]
    expect(instrumentAgentOps({ clients: [OpenAI], findLoaded: false })).toBe(first)
    expect(globalThis.fetch).toBe(fetchOnce)
    expect(globalThis.fetch).not.toBe(before[0])
    expect(OpenAI.prototype.fetchWithTimeout).toBe(methodOnce)
    expect(methodOnce).not.toBe(method?.value)
    expect(process.env.OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT).toBe('4096')
    expect(uninstrumentAgentOps()).toBe(true)
    expect(uninstrumentAgentOps()).toBe(false)
    expect([globalThis.fetch, OpenAI.prototype, process.env.OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT]).toEqual(before)
    expect(Object.getOwnPropertyDescriptor(OpenAI.prototype, 'fetchWithTimeout')).toEqual(method)
    expect(said).toBe('')
  })

  it('leaves a fetch that someone put around it, and does nothing behind it any more', async () => {
    const original = globalThis.fetch
    put()
    const ours = globalThis.fetch
    const theirs: typeof fetch = (...args) => ours(...args)
    globalThis.fetch = theirs
    uninstrumentAgentOps()
    expect(globalThis.fetch).toBe(theirs)
    await (await post({})).text()
    globalThis.fetch = original
    expect(sdk.spans()).toEqual([])
    expect(flags()).toEqual([undefined])
  })

  it('sees clients that were made before, and those with a fetch of their own, once', async () => {
    const early = new OpenAI({ apiKey: 'x', baseURL: told.url, maxRetries: 0 })
    instrumentAgentOps({ clients: [OpenAI], findLoaded: false })
    const own = new OpenAI({
      apiKey: 'x',
      baseURL: told.url,
      maxRetries: 0,
      fetch: (...args) => fetch(...args),
    })
    for (const client of [early, own]) await client.chat.completions.create({ model: 'm', messages: [] })
    expect(sdk.spans().map(({ attributes }) => attributes.response_token_ids)).toEqual([[40], [40]])
    expect(told.got).toHaveLength(2)
  })

  it('says what still works with a client that is unknown', () => {
    class Unknown {}
    instrumentAgentOps({ clients: [Unknown], findLoaded: false })
    expect(said).toMatch(
      /openai of an unknown version: its client is unknown\. Calls through the global fetch/,
    )
  })

  it('finds the method that a client has from a class that it extends, as version 4 has it', async () => {
    class Base {
      async fetchWithTimeout(url: string, init: RequestInit): Promise<Response> {
        // Not the global one, as with a client that brings its own.
        const { fetch: own } = await bare
        return own(url, init)
      }
    }
    class Client extends Base {}
    const bare = Promise.resolve({ fetch: globalThis.fetch })
    instrumentAgentOps({ clients: [Client], findLoaded: false })
    const body = JSON.stringify({ model: 'm', messages: [] })
    const init = { method: 'POST', body }
    await (await new Client().fetchWithTimeout(`${told.url}/chat/completions`, init)).text()
    expect(sdk.spans().map(({ attributes }) => attributes.response_token_ids)).toEqual([[40]])
    expect(said).toBe('')
    uninstrumentAgentOps()
    expect(Object.keys(Object.getOwnPropertyDescriptors(Client.prototype))).toEqual(['constructor'])
  })

  it('can be put in again, and works once', async () => {
    for (let time = 0; time < 3; time++) {
      instrumentAgentOps({ clients: [OpenAI], findLoaded: false })
      const client = new OpenAI({ apiKey: 'x', baseURL: told.url, maxRetries: 0 })
      await client.chat.completions.create({ model: 'm', messages: [] })
      expect(sdk.spans()).toHaveLength(time + 1)
      uninstrumentAgentOps()
    }
    expect(flags()).toEqual([true, true, true])
  })

  it('leaves a stream that is being read when the hooks go out to the program', async () => {
    put()
    told.answers = [events(frames)]
    const response = await post({ stream: true })
    uninstrumentAgentOps()
    expect(await response.text()).toBe(events(frames).body)
    expect(sdk.spans()[0]?.attributes.response_token_ids).toEqual([40, 41])
  })

  it('says at debug level which way it took', async () => {
    vi.stubEnv('AGL_HOOKS_DEBUG', '1')
    put()
    await (await post({})).text()
    expect(said).toMatch(/chat call of http:\S+: ids go on a span of its own, asked for by return_token_ids/)
  })
})

describe('the request', () => {
  it.each([
    ['a chat', {}, '/chat/completions', true],
    ['a completion', {}, '/completions', true],
    ['a flag that is there', { return_token_ids: false }, '/chat/completions', false],
    ['an echo', { echo: true }, '/completions', undefined],
    ['a response', {}, '/responses', undefined],
    ['embeddings', {}, '/embeddings', undefined],
  ])('%s asks for ids: %j %s %s', async (_, body, path, flag) => {
    put()
    await (await post(body, path)).text()
    expect(flags()).toEqual([flag])
  })

  it('is as the program wrote it when nobody would record the ids', async () => {
    await sdk.remove()
    put()
    await (await post({})).text()
    expect(flags()).toEqual([undefined])
  })

  it('keeps a length that the program counted true', async () => {
    put()
    const body = JSON.stringify({ model: 'm', messages: ['ü'] })
    const headers = { 'Content-Length': String(Buffer.byteLength(body)), 'X-Own': '1' }
    await (await fetch(`${told.url}/chat/completions`, { method: 'POST', body, headers })).text()
    expect(told.got[0]?.body).toEqual({ model: 'm', messages: ['ü'], return_token_ids: true })
    expect(told.got[0]?.headers['x-own']).toBe('1')
  })

  it('is repeated once without the flag when that is refused, and then goes without', async () => {
    put()
    told.answers = [refusal, plain]
    expect(await (await post({})).text()).toBe(plain.body)
    await (await post({})).text()
    expect(flags()).toEqual([true, undefined, undefined])
  })

  it('is not repeated for any other refusal, which the program gets', async () => {
    put()
    told.answers = [{ status: 400, body: '{"error":{"message":"too long"}}' }]
    const response = await post({})
    expect([response.status, await response.text()]).toEqual([400, '{"error":{"message":"too long"}}'])
    expect(told.got).toHaveLength(1)
    expect(sdk.spans()[0]?.status).toEqual({ code: 2, message: 'HTTP 400' })
  })
})

describe('a server that refuses the flag in chat streams and has another way, as SGLang', () => {
  const streaming: Answer = {
    status: 400,
    body: '{"object":"error","message":"return_token_ids is not supported with streaming on /v1/chat/completions."}',
  }
  const content = { id: 'c-1', choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }] }
  const extra = {
    id: 'c-1',
    choices: [],
    usage: null,
    sglext: { input_ids: [11], output_ids: [[40, 41]] },
  }
  const usage = { id: 'c-1', choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } }
  const sent = events([content, extra, usage])
  const seen = events([content, usage]).body

  it('is asked in that way, from then on at once, and the program does not see the frame with the ids', async () => {
    put()
    told.answers = [streaming, sent]
    const response = await post({ stream: true })
    expect([response.status, response.url, response.headers.get('content-type')]).toEqual([
      200,
      `${told.url}/chat/completions`,
      'text/event-stream',
    ])
    const copy = response.clone()
    expect(await response.text()).toBe(seen)
    expect(await copy.text()).toBe(seen)
    expect(await (await post({ stream: true })).text()).toBe(seen)
    expect(flags()).toEqual([true, undefined, undefined])
    expect(told.got.slice(1).map(({ body }) => body)).toMatchObject([
      { return_input_ids_in_sglext: true, return_output_ids_in_sglext: true },
      { return_input_ids_in_sglext: true, return_output_ids_in_sglext: true },
    ])
    for (const { attributes } of sdk.spans())
      expect(attributes).toMatchObject({ prompt_token_ids: [11], response_token_ids: [40, 41] })
    expect(sdk.spans()).toHaveLength(2)
  })

  it('can be read byte by byte then, too', async () => {
    put()
    told.answers = [streaming, sent]
    expect(await inBytes(await post({ stream: true }))).toBe(seen)
  })

  it('is asked in neither way when it refuses both', async () => {
    put()
    const unknown: Answer = { status: 422, body: '{"detail":"unknown: return_input_ids_in_sglext"}' }
    told.answers = [streaming, unknown, events(frames)]
    expect(await (await post({ stream: true })).text()).toBe(events(frames).body)
    expect(await (await post({ stream: true })).text()).toBe(events(frames).body)
    expect(told.got).toHaveLength(4)
    expect(Object.keys(told.got.at(-1)?.body ?? {})).toEqual(['model', 'stream'])
  })

  it('is left to a program that asks in that way itself, which sees the frame', async () => {
    put()
    told.answers = [sent]
    const text = await (await post({ stream: true, return_output_ids_in_sglext: true })).text()
    expect(text).toBe(sent.body)
    expect(flags()).toEqual([undefined])
    expect(sdk.spans()[0]?.attributes.response_token_ids).toEqual([40, 41])
  })

  it('whose stream breaks off breaks off for the program, and one that the program leaves is left', async () => {
    put()
    told.answers = [streaming, { ...events([content, extra], ''), breaks: true }]
    await expect((await post({ stream: true })).text()).rejects.toThrow('terminated')
    told.answers = [sent]
    const reader = (await post({ stream: true })).body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('"content":"a"')
    await reader?.cancel()
    await expect.poll(() => sdk.spans()).toHaveLength(2)
  })
})

describe('the reply', () => {
  it('that is read twice at once fails for the second reader, as without hooks, and has its ids', async () => {
    put()
    const response = await post({})
    const [first, second] = await Promise.allSettled([response.json(), response.json()])
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected'])
    expect(sdk.spans()[0]?.attributes.response_token_ids).toEqual([40])
  })

  it('that cannot be listened to reaches the program, and its span ends', async () => {
    const original = globalThis.fetch
    globalThis.fetch = async (...args) => Object.freeze(await original(...args))
    put()
    expect(await (await post({})).text()).toBe(plain.body)
    expect(sdk.spans()).toHaveLength(1)
    uninstrumentAgentOps()
    globalThis.fetch = original
  })

  it('of a stream can be read byte by byte, and ends as it does', async () => {
    put()
    told.answers = [events(frames)]
    expect(await inBytes(await post({ stream: true }))).toBe(events(frames).body)
    expect(sdk.spans()[0]?.attributes.response_token_ids).toEqual([40, 41])
  })

  it.each(['json', 'text', 'arrayBuffer', 'bytes', 'blob'] as const)(
    'has its ids when read by %s()',
    async (how) => {
      put()
      const response = await post({})
      await response[how]()
      expect(sdk.spans()[0]?.attributes.response_token_ids).toEqual([40])
    },
  )

  it('can be copied, and passed on', async () => {
    put()
    const response = await post({})
    const copy = response.clone()
    expect(await copy.text()).toBe(plain.body)
    expect(await new Response(response.body, response).text()).toBe(plain.body)
    expect(sdk.spans()[0]?.attributes.response_token_ids).toEqual([40])
  })

  it('that never comes is the error it was', async () => {
    put()
    const aborted = AbortSignal.abort(new Error('mine'))
    await expect(post({}, '/chat/completions', { signal: aborted })).rejects.toThrow('mine')
    expect(sdk.spans()[0]?.status.message).toBe('mine')
  })
})

describe('the span', () => {
  const llm = { attributes: { 'gen_ai.operation.name': 'chat' } }

  it('that ends in the middle of a stream has what had come by then', async () => {
    put()
    told.answers = [events(frames)]
    const span = trace.getTracer('t').startSpan('chat', llm)
    await context.with(trace.setSpan(context.active(), span), async () => {
      const response = await post({ stream: true })
      await response.body?.getReader().read()
      span.end()
    })
    expect(sdk.spans()[0]?.attributes).toMatchObject({ prompt_token_ids: [11] })
  })

  it('that ended before the stream gets one below it with the ids', async () => {
    put()
    told.answers = [events(frames)]
    const span = trace.getTracer('t').startSpan('chat', llm)
    const response = await context.with(trace.setSpan(context.active(), span), () => post({ stream: true }))
    span.end()
    await response.text()
    const [first, second] = sdk.spans()
    expect(first?.name).toBe('chat')
    expect(second?.parentSpanContext?.spanId).toBe(first?.spanContext().spanId)
    expect(second?.attributes.response_token_ids).toEqual([40, 41])
  })

  it('of an agent around the call is left alone: the call gets its own below it', async () => {
    put()
    const attributes = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.request.model': 'm' }
    await trace.getTracer('t').startActiveSpan('agent', { attributes }, async (span) => {
      await (await post({ messages: [{ role: 'user', content: 'hi' }] })).text()
      span.end()
    })
    const [own, agent] = sdk.spans()
    expect(own?.name).toBe('openai.chat.completion')
    expect(own?.parentSpanContext?.spanId).toBe(agent?.spanContext().spanId)
    expect(own?.attributes).toMatchObject({ 'gen_ai.prompt.0.role': 'user', 'gen_ai.prompt.0.content': 'hi' })
    expect(agent?.attributes.response_token_ids).toBeUndefined()
    const names = Object.keys(own?.attributes ?? {})
    expect(names.indexOf('response_token_ids')).toBeLessThan(names.indexOf('gen_ai.prompt.0.role'))
  })

  it('that the hooks make has no messages where they are switched off', async () => {
    vi.stubEnv('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', 'false')
    put()
    await (await post({ messages: [{ role: 'user', content: 'hi' }] })).text()
    const names = Object.keys(sdk.spans()[0]?.attributes ?? {})
    expect(names.filter((name) => name.includes('prompt.') || name.includes('.content'))).toEqual([])
    expect(names).toContain('response_token_ids')
  })

  it('that cannot be made or written does not disturb the call', async () => {
    vi.stubEnv('AGL_HOOKS_DEBUG', '1')
    trace.disable()
    const broken = () => {
      throw new Error('broken')
    }
    trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: broken, startActiveSpan: broken }) })
    put()
    expect(await (await post({})).text()).toBe(plain.body)
    const span = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 1 })
    Object.assign(span, { isRecording: () => true, setAttribute: broken, attributes: llm.attributes })
    const text = await context.with(trace.setSpan(context.active(), span), async () =>
      (await post({})).text(),
    )
    expect(text).toBe(plain.body)
    expect(said).toContain('a hook failed: broken')
  })
})

describe('a call that is none', () => {
  const odd = {
    toString(): string {
      throw new Error('mine')
    },
  } as unknown as string

  it.each([[[]], [['not a url']], [[odd]], [[null]]])('fails as without hooks: %#', async (args) => {
    const call = async (): Promise<unknown> => (fetch as (...args: unknown[]) => Promise<unknown>)(...args)
    const bare: unknown = await call().catch((error: unknown) => error)
    vi.stubEnv('AGL_SERVER_URL', 'http://127.0.0.1:1')
    put()
    const hooked: unknown = await call().catch((error: unknown) => error)
    expect(hooked).toEqual(bare)
    expect(bare).toBeInstanceOf(Error)
  })
})

describe('hosts', () => {
  it('traces of the agent framework are not sent to its vendor where there is a server', async () => {
    vi.stubEnv('AGL_SERVER_URL', 'http://127.0.0.1:1')
    put()
    const response = await fetch('https://api.openai.com/v1/traces/ingest', { method: 'POST', body: '{}' })
    expect(response.status).toBe(204)
    expect(said).toContain('are not sent')
  })
})
