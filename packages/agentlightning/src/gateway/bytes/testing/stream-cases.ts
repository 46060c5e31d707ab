// What each server sends in a stream, asked and unasked.
import type { Random } from '../../../otlp/scan/fixtures/random.ts'
import type { ReplyCase } from './plain-cases.ts'
import { asked, choice, content, envelope, tokenIds } from './replies.ts'
import { object, type Twin, value } from './twin.ts'

/** One event: its name, its data; `unasked` when the server sends it only on request. */
export interface StreamEvent {
  readonly event?: string
  readonly data: Twin | string
  readonly unasked?: true
}

/** A kind of stream, and how to make one. */
export interface StreamCase extends ReplyCase {
  readonly make: (random: Random) => StreamEvent[]
}

function many(random: Random, make: () => StreamEvent): StreamEvent[] {
  return Array.from({ length: 1 + random.int(6) }, make)
}

function chunk(
  random: Random,
  inChoice: Record<string, Twin | undefined>,
  atTop: Record<string, Twin | undefined> = {},
): Twin {
  const one = object(random, { index: value(random, random.int(2)), ...inChoice })
  return object(random, { ...envelope(random), choices: { kind: 'list', items: [one] }, ...atTop })
}

const done: StreamEvent = { data: '[DONE]' }

function vllmChat(random: Random): StreamEvent[] {
  const tokensOnly = (): StreamEvent => ({
    unasked: true,
    data: chunk(random, {
      delta: value(random, {}),
      logprobs: value(random, null),
      finish_reason: value(random, null),
      token_ids: tokenIds(random),
    }),
  })
  const delta = (): StreamEvent => ({
    data: chunk(random, { ...choice(random, 'delta'), token_ids: asked(random, 'null') }),
  })
  return [
    { data: chunk(random, choice(random, 'delta'), { prompt_token_ids: asked(random, 'null') }) },
    ...many(random, () => (random.chance(3) ? tokensOnly() : delta())),
    {
      data: chunk(random, {
        delta: value(random, {}),
        finish_reason: value(random, 'stop'),
        token_ids: asked(random, 'null'),
      }),
    },
    done,
  ]
}

function completions(unasked: 'null' | 'absent') {
  return (random: Random): StreamEvent[] => [
    ...many(random, () => ({
      data: chunk(random, {
        ...choice(random, 'text'),
        token_ids: asked(random, unasked),
        prompt_token_ids: random.chance(2) ? asked(random, unasked) : undefined,
      }),
    })),
    done,
  ]
}

function vllmResponses(random: Random): StreamEvent[] {
  const messages = (): Twin => ({ kind: 'list', items: [object(random, { tokens: tokenIds(random) })] })
  return [
    ...many(random, () => ({
      event: 'response.output_text.delta',
      data: value(random, { delta: content(random), input_messages: [{ tokens: [1] }] }),
    })),
    {
      event: 'response.completed',
      data: object(random, {
        response: object(random, {
          ...envelope(random),
          input_messages: asked(random, 'null', messages()),
          output_messages: asked(random, 'null', messages()),
        }),
      }),
    },
  ]
}

// Without the framing header other members of `sglext` share the chunk of the ids.
function sglang(framed: boolean, clientHasInput = false) {
  return (random: Random): StreamEvent[] => {
    const isShared = !framed && random.chance(2)
    const sglext = object(random, {
      input_ids: clientHasInput ? tokenIds(random) : asked(random, 'absent'),
      output_ids: asked(random, 'absent', { kind: 'list', items: [tokenIds(random), tokenIds(random)] }),
      cached_tokens_details: isShared ? value(random, { device: 1 }) : undefined,
    })
    const idsChunk: StreamEvent = {
      ...(framed && { event: 'sglext_ids' }),
      ...(!isShared && !clientHasInput && { unasked: true }),
      data: object(random, {
        id: value(random, 'x'),
        choices: value(random, []),
        usage: value(random, null),
        sglext,
      }),
    }
    return [
      ...many(random, () => ({ data: chunk(random, choice(random, 'delta')) })),
      idsChunk,
      { data: object(random, { choices: value(random, []), usage: value(random, { prompt_tokens: 1 }) }) },
      done,
    ]
  }
}

const returnIds = { streamed: true, added: ['return_token_ids'] }
const sglextIds = ['x-sglext-return-input-ids', 'x-sglext-return-output-ids']

/** Every server and dialect that is asked for ids in streams. */
export const streamCases: readonly StreamCase[] = [
  { name: 'vLLM chat', backend: 'vllm', dialect: 'chat', ...returnIds, make: vllmChat },
  {
    name: 'vLLM completions',
    backend: 'vllm',
    dialect: 'completions',
    ...returnIds,
    make: completions('null'),
  },
  {
    name: 'vLLM Responses',
    backend: 'vllm',
    dialect: 'responses',
    streamed: true,
    added: ['enable_response_messages'],
    make: vllmResponses,
  },
  {
    name: 'SGLang chat',
    backend: 'sglang',
    dialect: 'chat',
    streamed: true,
    added: [...sglextIds, 'x-sglext-ids-framed'],
    make: sglang(true),
  },
  {
    name: 'SGLang chat, unframed',
    backend: 'sglang',
    dialect: 'chat',
    streamed: true,
    added: sglextIds,
    make: sglang(false),
  },
  {
    name: 'SGLang chat whose client asked for prompt ids',
    backend: 'sglang',
    dialect: 'chat',
    streamed: true,
    added: ['x-sglext-return-output-ids'],
    make: sglang(false, true),
  },
  {
    name: 'SGLang completions',
    backend: 'sglang',
    dialect: 'completions',
    ...returnIds,
    make: completions('absent'),
  },
]
