// What each server sends for a plain reply, asked and unasked, as the recorded replies in test/fixtures show it.
import type { Random } from '../../../otlp/scan/fixtures/random.ts'
import type { CallDialect } from '../../../token-ids/types.ts'
import { readRequest } from '../read-request.ts'
import type { Backend, CutContext, RequestMembers } from '../types.ts'
import { asked, choice, choices, content, envelope, tokenIds } from './replies.ts'
import { object, type Twin, value } from './twin.ts'

/** A kind of reply to cut. */
export interface ReplyCase extends CutContext {
  readonly name: string
  readonly backend: Backend
  readonly dialect: CallDialect
}

/** A kind of plain reply, and how to make one. */
export interface PlainCase extends ReplyCase {
  readonly make: (random: Random) => Twin
}

/** A request as the gateway reads it. */
export function requestOf(body: object): RequestMembers {
  const request = readRequest(Buffer.from(JSON.stringify(body)))
  if (request.kind !== 'object') throw new Error(request.message)
  return request
}

const returnIds = { streamed: false, added: ['return_token_ids'] }

function vllmChat(random: Random): Twin {
  return object(random, {
    ...envelope(random),
    choices: choices(random, () => ({
      ...choice(random, 'message'),
      stop_reason: value(random, null),
      token_ids: asked(random, 'null'),
    })),
    prompt_token_ids: asked(random, 'null'),
  })
}

function sglangChat(random: Random, keepsPrompt = false): Twin {
  return object(random, {
    ...envelope(random),
    choices: choices(random, () => ({
      ...choice(random, 'message'),
      matched_stop: value(random, 502),
      prompt_token_ids: keepsPrompt ? tokenIds(random) : asked(random, 'absent'),
      response_token_ids: asked(random, 'absent'),
    })),
  })
}

function litellmChat(random: Random): Twin {
  return object(random, {
    ...envelope(random),
    choices: choices(random, () => ({
      ...choice(random, 'message'),
      provider_specific_fields: object(random, {
        stop_reason: value(random, null),
        token_ids: asked(random, 'null'),
      }),
    })),
    prompt_token_ids: asked(random, 'absent'),
  })
}

function completions(unasked: 'null' | 'absent', mark: string) {
  return (random: Random): Twin =>
    object(random, {
      ...envelope(random),
      choices: choices(random, () => ({
        ...choice(random, 'text'),
        [mark]: value(random, null),
        token_ids: asked(random, unasked),
        prompt_token_ids: asked(random, unasked),
      })),
    })
}

function vllmResponses(random: Random): Twin {
  const items = (): Twin => ({
    kind: 'list',
    items: [object(random, { message: value(random, content(random)), tokens: tokenIds(random) })],
  })
  return object(random, {
    ...envelope(random),
    output: value(random, [{ content: [{ text: content(random) }], input_messages: [{ tokens: [1] }] }]),
    input_messages: asked(random, 'null', items()),
    output_messages: asked(random, 'null', items()),
  })
}

function verbose(random: Random): Twin {
  return object(random, {
    ...envelope(random),
    choices: choices(random, () => choice(random, 'message')),
    __verbose: asked(
      random,
      'absent',
      object(random, { content: value(random, content(random)), tokens: tokenIds(random) }),
    ),
  })
}

function clientVerbose(random: Random): Twin {
  return object(random, {
    ...envelope(random),
    choices: choices(random, () => choice(random, 'message')),
    __verbose: object(random, { content: value(random, content(random)), tokens: asked(random, 'empty') }),
  })
}

function tgi(random: Random): Twin {
  return object(random, {
    generated_text: value(random, content(random)),
    details: asked(random, 'absent', object(random, { prefill: tokenIds(random), tokens: tokenIds(random) })),
  })
}

const verboseFlags = ['verbose', 'return_tokens']
const tgiFlags = ['parameters.details', 'parameters.decoder_input_details']

/** Every server and dialect that is asked for ids in plain replies. */
export const plainCases: readonly PlainCase[] = [
  { name: 'vLLM chat', backend: 'vllm', dialect: 'chat', ...returnIds, make: vllmChat },
  {
    name: 'vLLM completions',
    backend: 'vllm',
    dialect: 'completions',
    ...returnIds,
    make: completions('null', 'stop_reason'),
  },
  {
    name: 'vLLM Responses',
    backend: 'vllm',
    dialect: 'responses',
    streamed: false,
    added: ['enable_response_messages'],
    make: vllmResponses,
  },
  {
    name: 'SGLang chat',
    backend: 'sglang',
    dialect: 'chat',
    ...returnIds,
    make: (random) => sglangChat(random),
  },
  {
    name: 'SGLang chat whose client asked for prompt ids',
    backend: 'sglang',
    dialect: 'chat',
    ...returnIds,
    request: requestOf({ return_prompt_token_ids: true }),
    make: (random) => sglangChat(random, true),
  },
  {
    name: 'SGLang completions',
    backend: 'sglang',
    dialect: 'completions',
    ...returnIds,
    make: completions('absent', 'matched_stop'),
  },
  { name: 'LiteLLM chat', backend: 'litellm', dialect: 'chat', ...returnIds, make: litellmChat },
  {
    name: 'LiteLLM completions',
    backend: 'litellm',
    dialect: 'completions',
    ...returnIds,
    make: completions('null', 'stop_reason'),
  },
  {
    name: 'llama.cpp chat',
    backend: 'llama.cpp',
    dialect: 'chat',
    streamed: false,
    added: verboseFlags,
    make: verbose,
  },
  {
    name: 'llama.cpp chat whose client asked for verbose',
    backend: 'llama.cpp',
    dialect: 'chat',
    streamed: false,
    added: ['return_tokens'],
    make: clientVerbose,
  },
  {
    name: 'llama.cpp native',
    backend: 'llama.cpp',
    dialect: 'generate',
    streamed: false,
    added: ['return_tokens'],
    make: (random) =>
      object(random, { content: value(random, content(random)), tokens: asked(random, 'empty') }),
  },
  { name: 'TGI', backend: 'tgi', dialect: 'generate', streamed: false, added: tgiFlags, make: tgi },
]
