import { describe, expect, it } from 'vitest'
import type { AnyValue, KeyValue } from '../otlp/decode/types.ts'
import { derive, type Json } from '../trace/json-span.ts'
import { decodeLegacySpan } from '../trace/legacy/decode.ts'
import { legacyReply } from './fixtures/legacy-reply.ts'
import { plain } from './fixtures/replies.ts'
import { tokensOfReturns } from './legacy.ts'
import { tokensOfSpan } from './spans.ts'

function anyValue(value: Json): AnyValue {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } }
  return {}
}

function attributesOf(attributes: Readonly<Record<string, Json>>): KeyValue[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }))
}

const weave = 'agentlightning.operation.output'
type Producer = readonly [Readonly<Record<string, Json>>, number[] | undefined, (number[] | undefined)[]]

const producers: Readonly<Record<string, Producer>> = {
  'the AgentOps tracer': [{ prompt_token_ids: [11, 12], response_token_ids: [40, 41] }, [11, 12], [[40, 41]]],
  'our hooks, three choices': [
    {
      prompt_token_ids: [11],
      response_token_ids: [40],
      'response_token_ids.1': [41, 42],
      'response_token_ids.2': [43],
    },
    [11],
    [[40], [41, 42], [43]],
  ],
  'a recorder that numbers the first choice': [
    { 'response_token_ids.0': [40], 'response_token_ids.1': [41] },
    undefined,
    [[40], [41]],
  ],
  'lists as JSON text': [{ prompt_token_ids: '[11,12]', response_token_ids: '[40]' }, [11, 12], [[40]]],
  'lists as Python text': [
    { prompt_token_ids: '[11, 12]', response_token_ids: '[[40, 41]]' },
    [11, 12],
    [[40, 41]],
  ],
  'LiteLLM, the reply of vLLM': [
    {
      'llm.hosted_vllm.id': 'c-1',
      'llm.hosted_vllm.prompt_token_ids': '[11, 12]',
      'llm.hosted_vllm.choices':
        "[{'index': 0, 'message': {'content': \"it's\", 'refusal': None}, 'token_ids': [40, 41]}, {'index': 1, 'token_ids': [42]}]",
    },
    [11, 12],
    [[40, 41], [42]],
  ],
  'LiteLLM, the patched vLLM': [
    { 'llm.hosted_vllm.prompt_token_ids': '[11]', 'llm.hosted_vllm.response_token_ids': '[[40], [41, 42]]' },
    [11],
    [[40], [41, 42]],
  ],
  'LiteLLM, an openai/ model': [
    { 'llm.openai.prompt_token_ids': '[11]', 'llm.openai.choices': '[{"index":0,"token_ids":[40]}]' },
    [11],
    [[40]],
  ],
  'LiteLLM without ids': [
    {
      'llm.hosted_vllm.prompt_token_ids': 'None',
      'llm.hosted_vllm.choices': "[{'index': 0, 'token_ids': None}]",
    },
    undefined,
    [undefined],
  ],
  'Weave, ids of the reply': [
    { [`${weave}.id`]: 'c-1', [`${weave}.prompt_token_ids`]: [11], [`${weave}.response_token_ids.0`]: [40] },
    [11],
    [[40]],
  ],
  'Weave, ids of the choices': [
    {
      [`${weave}.prompt_token_ids`]: [11],
      [`${weave}.choices.0.token_ids`]: [40],
      [`${weave}.choices.1.token_ids`]: [41],
    },
    [11],
    [[40], [41]],
  ],
  'Weave behind LiteLLM': [
    { [`${weave}.choices.0.provider_specific_fields.token_ids`]: [40] },
    undefined,
    [[40]],
  ],
  ATIF: [{ prompt_token_ids: [11], completion_token_ids: [40, 41] }, [11], [[40, 41]]],
  'NeMo Gym': [{ prompt_token_ids: [11], generation_token_ids: [40] }, [11], [[40]]],
  'AgentOps without a hook': [{ 'gen_ai.response.id': 'c-1' }, undefined, []],
}

describe('token ids on a span', () => {
  it.each(Object.entries(producers))('of %s', (_, [attributes, prompt, responses]) => {
    const tokens = tokensOfSpan(attributesOf(attributes))
    expect(plain(tokens)).toMatchObject({ prompt, responses })
    expect(tokens.problems).toEqual([])
  })

  it.each(Object.entries(producers))(
    'are as many as were counted at ingest: %s',
    (_, [attributes, prompt, responses]) => {
      const { promptIds, responseIds } = derive(attributes)
      expect(promptIds).toBe(prompt?.length)
      expect(responseIds ?? 0).toBe(responses.flatMap((ids) => ids ?? []).length)
    },
  )

  it('come with logprobs, id, model and usage', () => {
    const tokens = tokensOfSpan(
      attributesOf({
        response_token_ids: [40, 41],
        'logprobs.content': '[{"token":"Yes","logprob":-0.5},{"token":".","logprob":-0.25}]',
        'gen_ai.response.id': 'c-1',
        'gen_ai.response.model': 'tiny',
        'gen_ai.usage.prompt_tokens': 3,
        'gen_ai.usage.completion_tokens': 2,
        'gen_ai.completion.0.finish_reason': 'stop',
      }),
    )
    expect(plain(tokens).logprobs).toEqual([[-0.5, -0.25]])
    expect(tokens).toMatchObject({
      responseId: 'c-1',
      model: 'tiny',
      usage: { promptTokens: 3, completionTokens: 2 },
      choices: [{ finishReason: 'stop' }],
    })
  })

  it.each([
    [{ prompt_token_ids: [11], partial_response_token_ids: [40] }, false],
    [{ prompt_token_ids: [11], partial_response_token_ids: [] }, false],
    [{ 'partial_response_token_ids.31': [40] }, false],
    [{ response_token_ids: [40, 41], partial_response_token_ids: [40] }, true],
    [{ prompt_token_ids: [11], 'partial_response_token_ids.32': [40] }, true],
  ] as const)('are no beginning of the response: %j', (attributes, finished) => {
    const tokens = tokensOfSpan(attributesOf(attributes))
    expect(tokens.finished).toBe(finished)
    expect(plain(tokens).responses).toEqual('response_token_ids' in attributes ? [[40, 41]] : [])
    const fields = derive(attributes)
    expect(fields.unfinished).toBe(finished ? undefined : true)
    expect(fields.responseIds).toBe('response_token_ids' in attributes ? 2 : undefined)
  })

  it('of two recorders that differ are a problem', () => {
    const attributes = { response_token_ids: [40], [`${weave}.choices.0.token_ids`]: [41] }
    const tokens = tokensOfSpan(attributesOf(attributes))
    expect(plain(tokens).responses).toEqual([[40]])
    expect(tokens.problems).toEqual(['attributes: two recorders give different ids'])
  })

  it('that are no ids are named', () => {
    expect(tokensOfSpan(attributesOf({ response_token_ids: 'no ids here' })).problems).toEqual([
      'choices[0].token_ids: expected integers, got a string',
    ])
    expect(tokensOfSpan(attributesOf({ 'llm.hosted_vllm.prompt_token_ids': '[11, 12' })).problems).toEqual([
      'prompt_token_ids: expected integers, got a string',
    ])
  })

  it('of a legacy event are the same on the span that it becomes', () => {
    const event = {
      event_type: 'llms',
      id: 'e1',
      model: 'tiny',
      prompt: 'hi',
      completion: 'Yes.',
      returns: legacyReply,
    }
    const span = decodeLegacySpan(Buffer.from(JSON.stringify(event)), {
      traceId: '0d56da573f0a4b449a520f6f1c2d3e4f',
      spanId: '144c4d7ad1b19209',
      receivedNs: 1n,
    })
    const onSpan = tokensOfSpan(span.attributes)
    expect(plain(onSpan)).toEqual(plain(tokensOfReturns(legacyReply)))
  })
})
