import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { extractParsed, extractReply } from '../extract.ts'
import { recorded, reply } from '../fixtures/replies.ts'
import { tokensOfReturns } from '../legacy.ts'
import { tokensOfSpan } from '../spans.ts'
import type { CallTokens } from '../types.ts'
import { verdict, verdictCode, verdictCodes } from './codes.ts'
import { type CallFacts, judgeCall } from './judge.ts'

/** A gateway call that ended well, with a recorded reply. */
function call(name: string, more: Partial<CallFacts> = {}): CallFacts {
  const { body, streamed } = reply(name)
  const backend = name.split('-')[0]!
  return {
    source: 'gateway',
    outcome: 'complete',
    status: 200,
    flagSent: true,
    dialect: 'chat',
    backend,
    streamed,
    tokens: extractReply(body, { streamed }),
    ...more,
  }
}

function made(tokens: Partial<CallTokens>, more: Partial<CallFacts> = {}): CallFacts {
  const empty: CallTokens = { choices: [], shapes: [], finished: true, problems: [] }
  return {
    source: 'gateway',
    outcome: 'complete',
    status: 200,
    flagSent: true,
    tokens: { ...empty, ...tokens },
    ...more,
  }
}

const ids = (...list: number[]): Uint32Array => Uint32Array.from(list)
const whole = {
  promptTokenIds: ids(11),
  choices: [{ index: 0, responseTokenIds: ids(40, 41) }],
  shapes: ['x'],
}

describe('the verdict on a recorded call', () => {
  const complete = recorded
    .map(({ name }) => name)
    .filter(
      (name) =>
        /^(vllm|sglang).*(ids|sglext|raw)/.test(name) &&
        !/null|bad-flag|sglang-0.5.23.chat-stream-ids$/.test(name),
    )

  it.each([
    ...complete,
    'litellm-1.106.2/hv-chat-ids',
    'litellm-1.106.2/hv-chat-n2',
    'litellm-1.106.2/hv-completions-ids',
  ])('is complete: %s', (name) => {
    expect(judgeCall(call(name))).toMatchObject({ code: 'ids.complete', ok: true, todo: '' })
  })

  it.each([
    ['vllm-0.32.0/chat-noflag', { flagSent: false }, 'ids.flag_not_sent'],
    ['vllm-0.32.0/chat-noflag', {}, 'ids.stripped_by_proxy'],
    ['vllm-0.32.0/chat-stream-noflag', { flagSent: false }, 'ids.flag_not_sent'],
    ['vllm-0.32.0/chat-stream-noflag', {}, 'ids.stream_without_ids'],
    ['vllm-0.32.0/messages-plain', { dialect: 'messages' }, 'ids.backend_cannot'],
    ['vllm-0.32.0/messages-stream', { dialect: 'messages' }, 'ids.backend_cannot'],
    [
      'vllm-0.32.0/messages-plain',
      { dialect: 'messages', backend: 'unknown', flagSent: false },
      'ids.backend_cannot',
    ],
    ['vllm-0.32.0/messages-stream', { dialect: 'messages', backend: 'sglang' }, 'ids.backend_cannot'],
    ['vllm-0.32.0/responses-plain', { dialect: 'responses', flagSent: false }, 'ids.flag_not_sent'],
    ['vllm-0.32.0/err-too-long', { status: 400 }, 'call.failed'],
    ['sglang-0.5.23/chat-stream', {}, 'ids.stream_without_ids'],
    ['sglang-0.5.23/chat-stream', { refusedFlags: ['return_token_ids'] }, 'ids.flag_refused'],
    ['sglang-0.5.23/generate', { dialect: 'generate' }, 'ids.no_prompt'],
    ['litellm-1.106.2/hv-chat-stream-ids', {}, 'ids.stream_without_ids'],
    ['litellm-1.106.2/hv-chat-stream-ids-logprobs', {}, 'ids.stream_incomplete'],
    ['litellm-1.106.2/hv-chat-stream-tool-ids', {}, 'ids.stream_incomplete'],
    ['litellm-1.106.2/anth-chat-ids', { dialect: 'messages' }, 'ids.backend_cannot'],
    ['llama.cpp-7e4c0a9/chat', { backend: 'llama.cpp', flagSent: false }, 'ids.flag_not_sent'],
    ['llama.cpp-7e4c0a9/chat-logprobs', { backend: 'llama.cpp' }, 'ids.no_prompt'],
    ['llama.cpp-7e4c0a9/chat-n2', { backend: 'llama.cpp' }, 'ids.no_prompt'],
    ['llama.cpp-7e4c0a9/chat-smile-stream', { backend: 'llama.cpp' }, 'ids.stream_incomplete'],
    ['llama.cpp-7e4c0a9/chat-stream-logprobs', { backend: 'llama.cpp' }, 'ids.stream_incomplete'],
    ['llama.cpp-7e4c0a9/native-tokens', { backend: 'llama.cpp', dialect: 'generate' }, 'ids.no_prompt'],
    ['transformers-serve-5.19.0/chat-ids-422', { status: 422 }, 'call.failed'],
  ] as const)('%s %j is %s', (name, more, code) => {
    expect(judgeCall(call(name, more)).code).toBe(code)
  })

  it('of a stream that broke off is that it did, wherever that was after the first id', () => {
    const { body } = reply('vllm-0.32.0/chat-stream-ids')
    for (let end = body.indexOf('prompt_token_ids') + 200; end < body.indexOf('[DONE]'); end += 50) {
      const tokens = extractReply(body.subarray(0, end), { streamed: true })
      const facts = call('vllm-0.32.0/chat-stream-ids', { tokens, outcome: 'upstream_cut' })
      expect(judgeCall(facts).code).toBe('ids.unfinished')
    }
  })
})

describe('the verdict', () => {
  const logprobs = Float64Array.of(-1, -2, -3)
  it.each<[string, CallFacts, string]>([
    ['no end', { source: 'gateway' }, 'call.no_end'],
    ['the client left', made(whole, { outcome: 'client_left', status: 200 }), 'call.cancelled'],
    ['no upstream', made({}, { outcome: 'upstream_failed', status: 502 }), 'call.failed'],
    ['embeddings', made({}, { dialect: 'embeddings' }), 'ids.not_applicable'],
    ['openai', made({}, { backend: 'openai', flagSent: false }), 'ids.backend_cannot'],
    ['unknown server, asked', made({}), 'ids.none'],
    ['unknown server, not asked', made({}, { flagSent: false }), 'ids.flag_not_sent'],
    ['a beginning only', made({ ...whole, finished: false }), 'ids.unfinished'],
    ['more than is kept', made({ ...whole, finished: false }, { truncated: true }), 'ids.record_truncated'],
    [
      'another source differs',
      made(whole, { other: extractParsed({ choices: [{ token_ids: [1] }] }) }),
      'ids.conflict',
    ],
    [
      'another source has less',
      made(whole, { other: extractParsed({ prompt_token_ids: [11] }) }),
      'ids.complete',
    ],
    ['fewer than counted', made({ ...whole, usage: { completionTokens: 3 } }), 'ids.usage_mismatch'],
    ['more than counted', made({ ...whole, usage: { completionTokens: 1 } }), 'ids.usage_mismatch'],
    ['other prompt than counted', made({ ...whole, usage: { promptTokens: 4 } }), 'ids.usage_mismatch'],
    [
      'fewer than counted, lossy',
      made({
        ...whole,
        shapes: ['logprobs.content[].id', 'logprobs.content'],
        usage: { completionTokens: 3 },
      }),
      'ids.lossy',
    ],
    [
      'lossy and no count',
      made({ ...whole, shapes: ['prompt_token_ids', 'logprobs.content[].id'] }),
      'ids.lossy',
    ],
    ['no prompt', made({ ...whole, promptTokenIds: undefined as never }), 'ids.no_prompt'],
    ['no response', made({ promptTokenIds: ids(11), choices: [{ index: 0 }] }), 'ids.no_response'],
    [
      'one of two choices',
      made({ ...whole, choices: [...whole.choices, { index: 1 }] }),
      'ids.choice_missing',
    ],
    ['one choice, two asked for', made(whole, { n: 2 }), 'ids.choice_missing'],
    [
      'logprobs of another length',
      made({ ...whole, choices: [{ ...whole.choices[0]!, logprobs }] }),
      'ids.logprobs_mismatch',
    ],
    [
      'two places that differ',
      made(extractParsed({ prompt_token_ids: [1], choices: [{ token_ids: [1], response_token_ids: [2] }] })),
      'ids.conflict',
    ],
    ['no rollout', made(whole, { attributed: false }), 'call.not_attributed'],
    ['text in place of ids', made(extractParsed({ choices: [{ token_ids: '[1]' }] })), 'ids.unreadable'],
    [
      'an empty response',
      made({ promptTokenIds: ids(11), choices: [{ index: 0 }], usage: { completionTokens: 0 } }),
      'ids.complete',
    ],
  ])('%s: %j is %s', (_, facts, code) => {
    expect(judgeCall(facts).code).toBe(code)
  })

  it('on a span tells a limit of the SDK from a missing recorder', () => {
    const without = tokensOfSpan([{ key: 'gen_ai.response.id', value: { stringValue: 'c-1' } }])
    expect(judgeCall({ source: 'span', tokens: without }).code).toBe('ids.not_on_span')
    expect(judgeCall({ source: 'span', tokens: without, failed: true }).code).toBe('call.failed')
    const capped = judgeCall({ source: 'span', tokens: without, droppedAttributes: 7 })
    expect(capped).toMatchObject({ code: 'ids.attribute_cap', detail: '7 attributes dropped' })
    const prompt = [{ key: 'prompt_token_ids', value: { stringValue: '[11]' } }]
    expect(judgeCall({ source: 'span', tokens: tokensOfSpan(prompt) }).code).toBe('ids.no_response')
    const half = judgeCall({ source: 'span', tokens: tokensOfSpan(prompt), droppedAttributes: 1 })
    expect(half.code).toBe('ids.attribute_cap')
  })

  it.each([[[]], [['prompt_token_ids']]])('on a span with a beginning of the response, and %j', (more) => {
    const keys = ['partial_response_token_ids', ...more]
    const tokens = tokensOfSpan(keys.map((key) => ({ key, value: { stringValue: '[11]' } })))
    for (const known of [{}, { failed: true }, { droppedAttributes: 1 }])
      expect(judgeCall({ source: 'span', tokens, ...known }).code).toBe('ids.unfinished')
    expect(judgeCall(made(whole, { other: tokens })).code).toBe('ids.complete')
  })

  it('on a legacy event', () => {
    const raw = tokensOfReturns('<<non-serializable: LegacyAPIResponse>>')
    expect(judgeCall({ source: 'legacy', tokens: raw })).toMatchObject({
      code: 'ids.not_in_event',
      detail: expect.stringContaining('LegacyAPIResponse'),
    })
    expect(judgeCall({ source: 'legacy', tokens: tokensOfReturns('') }).code).toBe('ids.not_in_event')
    const streamed = tokensOfReturns(
      '{"prompt_token_ids":[11],"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}',
    )
    expect(judgeCall({ source: 'legacy', tokens: streamed }).code).toBe('ids.no_response')
  })

  it('says in numbers what differs, and what to do on this very server', () => {
    const fewer = judgeCall(call('litellm-1.106.2/hv-chat-stream-ids-logprobs'))
    expect(fewer.detail).toBe('4 response ids, 5 counted by the server')
    const sglang = judgeCall(call('sglang-0.5.23/chat-stream'))
    expect(sglang.todo).toContain('return_output_ids_in_sglext')
    expect(judgeCall(call('vllm-0.32.0/messages-plain', { dialect: 'messages' })).todo).toContain(
      '/v1/chat/completions',
    )
  })
})

describe('the codes', () => {
  it('have numbers that never change', () => {
    const numbers = Object.fromEntries(verdictCodes.map((code) => [code, verdict(code).number]))
    expect(numbers).toMatchInlineSnapshot(`
      {
        "call.cancelled": 41,
        "call.failed": 40,
        "call.no_end": 42,
        "call.not_attributed": 43,
        "ids.attribute_cap": 17,
        "ids.backend_cannot": 13,
        "ids.choice_missing": 23,
        "ids.complete": 1,
        "ids.conflict": 19,
        "ids.flag_not_sent": 11,
        "ids.flag_refused": 12,
        "ids.logprobs_mismatch": 26,
        "ids.lossy": 25,
        "ids.no_prompt": 21,
        "ids.no_response": 22,
        "ids.none": 10,
        "ids.not_applicable": 2,
        "ids.not_in_event": 29,
        "ids.not_on_span": 28,
        "ids.record_truncated": 27,
        "ids.stream_incomplete": 16,
        "ids.stream_without_ids": 15,
        "ids.stripped_by_proxy": 14,
        "ids.unfinished": 18,
        "ids.unreadable": 24,
        "ids.usage_mismatch": 20,
      }
    `)
    for (const code of verdictCodes) expect(verdictCode(numbers[code]!)).toBe(code)
    expect(verdictCode(0)).toBeUndefined()
  })

  it('say what to do unless all is well', () => {
    for (const code of verdictCodes) {
      const { ok, todo, sentence } = verdict(code)
      expect(todo === '', code).toBe(ok)
      expect(sentence).toMatch(/\.$/)
    }
  })

  it('are all described in the documentation', () => {
    const page = readFileSync(new URL('../../../../../docs/token-ids.md', import.meta.url), 'utf8')
    for (const code of verdictCodes) expect(page).toContain(`\`${code}\``)
  })
})
