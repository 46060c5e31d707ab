// Replies of real servers, recorded with and without the flag: test/fixtures/model-servers.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cutPlain } from './cut-plain.ts'
import { cutRulesFor } from './rules/cut-rules-for.ts'
import { StreamCutter } from './stream-cutter.ts'
import type { Backend, CutContext, CutRules } from './types.ts'

const folder = new URL('../../../../../test/fixtures/model-servers/', import.meta.url)

function recorded(path: string): Buffer {
  return readFileSync(new URL(path, folder))
}

function rulesFor(
  backend: Backend,
  dialect: 'chat' | 'completions' | 'responses' | 'generate',
  of: CutContext,
): CutRules {
  const rules = cutRulesFor(backend, dialect, of)
  if (rules === undefined) throw new Error('no rules')
  return rules
}

function plain(
  path: string,
  backend: Backend,
  dialect: 'chat' | 'completions' | 'responses' | 'generate',
  ...added: string[]
): string {
  const rules = rulesFor(backend, dialect, { streamed: false, added })
  return Buffer.concat(cutPlain(recorded(path), rules)).toString()
}

function stream(
  path: string,
  backend: Backend,
  dialect: 'chat' | 'completions' | 'responses',
  ...added: string[]
): string {
  const cutter = new StreamCutter(rulesFor(backend, dialect, { streamed: true, added }))
  return Buffer.concat([...cutter.push(recorded(path)), ...cutter.end()]).toString()
}

/** Without what differs from call to call. */
function same(text: string): string {
  return text
    .replaceAll(/"id":"[^"]*"/g, '"id":"x"')
    .replaceAll(/"(created|created_at)":\d+/g, '"$1":0')
    .replaceAll(/"timings":\{[^}]*\}/g, '"timings":{}')
    .replaceAll(/"cached_tokens":\d+/g, '"cached_tokens":0')
}

function unasked(path: string): string {
  return same(recorded(path).toString())
}

describe('vLLM 0.32.0, cut', () => {
  it.each([
    ['chat-ids', 'chat-noflag', 'chat'],
    ['chat-ids', 'chat-ids-null', 'chat'],
    ['completions-ids', 'completions-noflag', 'completions'],
  ] as const)('%s equals %s', (asked, other, dialect) => {
    const cut = plain(`vllm-0.32.0/${asked}.response.json`, 'vllm', dialect, 'return_token_ids')
    expect(same(cut)).toBe(unasked(`vllm-0.32.0/${other}.response.json`))
  })

  it('log probabilities that only the gateway asked for go, too', () => {
    const flags = ['return_token_ids', 'logprobs']
    const chat = plain('vllm-0.32.0/chat-ids-logprobs.response.json', 'vllm', 'chat', ...flags)
    expect(same(chat)).toBe(unasked('vllm-0.32.0/chat-noflag.response.json'))
    const text = plain('vllm-0.32.0/completions-ids-logprobs.response.json', 'vllm', 'completions', ...flags)
    expect(same(text)).toBe(unasked('vllm-0.32.0/completions-noflag.response.json'))
    const streamed = stream('vllm-0.32.0/chat-stream-ids-logprobs.sse', 'vllm', 'chat', ...flags)
    expect(same(streamed)).toBe(unasked('vllm-0.32.0/chat-stream-noflag.sse'))
  })

  it('a chat stream equals the one without ids', () => {
    const cut = stream('vllm-0.32.0/chat-stream-ids.sse', 'vllm', 'chat', 'return_token_ids')
    expect(same(cut)).toBe(unasked('vllm-0.32.0/chat-stream-noflag.sse'))
  })

  it('a Responses reply equals the one without messages', () => {
    const cut = plain(
      'vllm-0.32.0/responses-raw.response.json',
      'vllm',
      'responses',
      'enable_response_messages',
    )
    expect(same(cut)).toBe(unasked('vllm-0.32.0/responses-plain.response.json'))
  })

  it('a Responses stream has no tokens left', () => {
    const path = 'vllm-0.32.0/responses-raw-stream.sse'
    const cut = stream(path, 'vllm', 'responses', 'enable_response_messages')
    expect(recorded(path).toString()).toContain('raw_message_tokens')
    expect(cut).not.toContain('raw_message_tokens')
    expect(cut).toContain('"input_messages":null,"output_messages":null},"sequence_number":11')
  })

  it('a stream of an emoji loses the events that only carry parts of it', () => {
    const path = 'vllm-0.32.0/chat-smile-stream-ids.sse'
    const cut = stream(path, 'vllm', 'chat', 'return_token_ids')
    const before = recorded(path).toString().split('\n\n')
    expect(before.filter((event) => /"delta":\{\}.*"finish_reason":null/.test(event))).toHaveLength(3)
    expect(cut.split('\n\n')).toHaveLength(before.length - 3)
    expect(cut).not.toMatch(/"token_ids":\[/)
    expect(cut).toContain('"content":"😀"')
  })

  it.each([
    'chat-stream-ids-n2',
    'chat-stream-ids-usage',
    'chat-tool-auto-stream-ids',
    'chat-stream-ids-logprobs',
  ])('the stream %s has the same text, tool calls and usage, and no ids', (name) => {
    const path = `vllm-0.32.0/${name}.sse`
    const cut = stream(path, 'vllm', 'chat', 'return_token_ids')
    expect(recorded(path).toString()).toMatch(/token_ids":\[/)
    expect(cut).not.toMatch(/token_ids":\[/)
    expect(contentOf(cut)).toEqual(contentOf(recorded(path).toString()))
  })

  it('an error reply passes as it is', () => {
    const path = 'vllm-0.32.0/err-too-long.response.json'
    expect(plain(path, 'vllm', 'chat', 'return_token_ids')).toBe(recorded(path).toString())
  })
})

describe('SGLang 0.5.23, cut', () => {
  it('a chat reply equals the one without ids', () => {
    const cut = plain('sglang-0.5.23/chat-ids.response.json', 'sglang', 'chat', 'return_token_ids')
    expect(same(cut)).toBe(unasked('sglang-0.5.23/chat-noflag.response.json'))
  })

  it('a chat stream equals the one without ids, but for the usage that this client asked for', () => {
    const path = 'sglang-0.5.23/chat-stream-sglext.sse'
    const flags = ['x-sglext-return-input-ids', 'x-sglext-return-output-ids', 'x-sglext-ids-framed']
    const events = stream(path, 'sglang', 'chat', ...flags).split('\n\n')
    const usage = events.filter((event) => event.includes('"usage":{'))
    expect(usage).toHaveLength(1)
    const rest = events.filter((event) => !event.includes('"usage":{')).join('\n\n')
    expect(same(rest)).toBe(unasked('sglang-0.5.23/chat-stream.sse'))
  })

  it('completions have no ids left', () => {
    const cut = plain(
      'sglang-0.5.23/completions-ids.response.json',
      'sglang',
      'completions',
      'return_token_ids',
    )
    const cutStream = stream(
      'sglang-0.5.23/completions-stream-ids.sse',
      'sglang',
      'completions',
      'return_token_ids',
    )
    expect(cut).toContain('"matched_stop":502}]')
    expect(cut + cutStream).not.toContain('token_ids')
  })
})

describe('LiteLLM 1.106.2, cut', () => {
  it('a chat reply equals the one without ids', () => {
    const cut = plain('litellm-1.106.2/hv-chat-ids.response.json', 'litellm', 'chat', 'return_token_ids')
    expect(same(cut)).toBe(unasked('litellm-1.106.2/hv-chat-plain.response.json'))
  })
})

describe('llama.cpp 7e4c0a9, cut', () => {
  it('a chat reply equals the one without `verbose`', () => {
    const path = 'llama.cpp-7e4c0a9/chat-verbose-return_tokens.response.json'
    const cut = plain(path, 'llama.cpp', 'chat', 'verbose', 'return_tokens')
    expect(same(cut)).toBe(unasked('llama.cpp-7e4c0a9/chat.response.json'))
  })
})

describe('llama.cpp 7e4c0a9, cut of log probabilities', () => {
  it('equals the reply without them', () => {
    const cut = plain('llama.cpp-7e4c0a9/chat-logprobs.response.json', 'llama.cpp', 'chat', 'logprobs')
    expect(same(cut)).toBe(unasked('llama.cpp-7e4c0a9/chat.response.json'))
  })
})

describe('A server that nobody named', () => {
  it.each([
    ['vllm-0.32.0/chat-ids', 'vllm-0.32.0/chat-noflag'],
    ['sglang-0.5.23/chat-ids', 'sglang-0.5.23/chat-noflag'],
    ['litellm-1.106.2/hv-chat-ids', 'litellm-1.106.2/hv-chat-plain'],
  ])('%s is cut by what it shows', (asked, other) => {
    const cut = plain(`${asked}.response.json`, 'unknown', 'chat', 'return_token_ids')
    expect(same(cut)).toBe(unasked(`${other}.response.json`))
  })
})

function contentOf(sse: string): unknown[] {
  const events = sse.split('\n\n').filter((event) => event.startsWith('data: {'))
  return events.flatMap((event) => {
    const { choices, usage } = JSON.parse(event.slice(6)) as {
      choices: { index: number; delta: object; finish_reason: unknown }[]
      usage?: object
    }
    const told = choices.filter(
      ({ delta, finish_reason }) => Object.keys(delta).length > 0 || finish_reason !== null,
    )
    return [
      ...told.map(({ index, delta, finish_reason }) => ({ index, delta, finish_reason })),
      ...(usage ? [usage] : []),
    ]
  })
}
