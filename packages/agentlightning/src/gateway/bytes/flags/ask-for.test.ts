import { describe, expect, it } from 'vitest'
import { requestOf } from '../testing/plain-cases.ts'
import type { AskOptions } from '../types.ts'
import { askFor } from './ask-for.ts'

const names = (...args: Parameters<typeof askFor>): readonly string[] => askFor(...args).names
const plain = requestOf({ model: 'm' })
const streamed = requestOf({ model: 'm', stream: true })

describe('askFor', () => {
  it.each([
    ['vllm', 'chat', ['return_token_ids'], ['return_token_ids']],
    ['vllm', 'completions', ['return_token_ids'], ['return_token_ids']],
    ['vllm', 'responses', ['enable_response_messages'], ['enable_response_messages']],
    ['vllm', 'messages', [], []],
    ['vllm', 'embeddings', [], []],
    [
      'sglang',
      'chat',
      ['return_token_ids'],
      ['x-sglext-return-input-ids', 'x-sglext-return-output-ids', 'x-sglext-ids-framed'],
    ],
    ['sglang', 'completions', ['return_token_ids'], ['return_token_ids']],
    ['sglang', 'generate', [], []],
    ['litellm', 'chat', ['return_token_ids'], []],
    ['litellm', 'completions', ['return_token_ids'], []],
    ['litellm', 'responses', [], []],
    ['llama.cpp', 'chat', ['verbose', 'return_tokens'], []],
    ['llama.cpp', 'completions', [], []],
    ['llama.cpp', 'generate', ['return_tokens'], []],
    ['tgi', 'generate', ['parameters.details', 'parameters.decoder_input_details'], []],
    ['tgi', 'chat', [], []],
    ['openai', 'chat', [], []],
    ['unknown', 'chat', ['return_token_ids'], ['return_token_ids']],
    ['unknown', 'responses', [], []],
  ] as const)('%s %s: plain %j, streamed %j', (backend, dialect, whenPlain, whenStreamed) => {
    expect(names(backend, dialect, plain)).toEqual(whenPlain)
    expect(names(backend, dialect, streamed)).toEqual(whenStreamed)
  })

  it('says how to ask', () => {
    expect(askFor('vllm', 'chat', plain)).toEqual({
      members: [{ name: 'return_token_ids', json: 'true' }],
      headers: [],
      names: ['return_token_ids'],
    })
    expect(askFor('sglang', 'chat', streamed).headers[0]).toEqual(['x-sglext-return-input-ids', '1'])
  })

  it('never asks with echo, whose text the flag changes', () => {
    expect(names('vllm', 'completions', requestOf({ echo: true }), { logprobs: true })).toEqual([])
    expect(names('sglang', 'completions', requestOf({ echo: false }))).toEqual(['return_token_ids'])
  })

  it.each([true, false, null])('leaves a flag that the client set to %j', (flag) => {
    expect(names('vllm', 'chat', requestOf({ return_token_ids: flag }))).toEqual([])
  })

  it('leaves what a client asks SGLang for by body or header, and then the framing, too', () => {
    const request = requestOf({ stream: true, return_input_ids_in_sglext: true })
    expect(names('sglang', 'chat', request)).toEqual(['x-sglext-return-output-ids'])
    const options: AskOptions = {
      clientHeader: (name) => (name === 'x-sglext-return-output-ids' ? '1' : undefined),
    }
    expect(names('sglang', 'chat', streamed, options)).toEqual(['x-sglext-return-input-ids'])
  })

  it('asks for log probabilities only where configured and harmless', () => {
    const options = { logprobs: true }
    expect(names('vllm', 'chat', plain, options)).toEqual(['return_token_ids', 'logprobs'])
    expect(askFor('openai', 'completions', plain, options).members).toEqual([{ name: 'logprobs', json: '1' }])
    expect(names('litellm', 'chat', plain, options)).toEqual(['return_token_ids'])
    expect(names('llama.cpp', 'chat', requestOf({ stream: true, tools: [{}] }), options)).toEqual([])
    expect(names('llama.cpp', 'chat', streamed, options)).toEqual(['logprobs'])
    expect(names('vllm', 'chat', requestOf({ logprobs: false }), options)).toEqual(['return_token_ids'])
  })

  it('respects what a client of llama.cpp or TGI set itself', () => {
    expect(names('llama.cpp', 'chat', requestOf({ verbose: true }))).toEqual(['return_tokens'])
    expect(names('llama.cpp', 'chat', requestOf({ verbose: false }))).toEqual([])
    expect(names('llama.cpp', 'chat', requestOf({ n: 2 }))).toEqual([])
    expect(names('tgi', 'generate', requestOf({ parameters: { details: false } }))).toEqual([])
    expect(names('tgi', 'generate', requestOf({ parameters: { details: true } }))).toEqual([
      'parameters.decoder_input_details',
    ])
  })
})
