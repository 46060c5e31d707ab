// Replies of model servers, described once for both texts. The names of id members also stand where they are the
// client's own: in content, in tool arguments, in members of other objects.
import type { Random } from '../../../otlp/scan/fixtures/random.ts'
import { object, type Twin, value } from './twin.ts'

/** A list of token ids. */
export function tokenIds(random: Random): Twin {
  const count = random.pick([0, 1, 2, 5, 40])
  return value(
    random,
    Array.from({ length: count }, () => random.int(150_000)),
  )
}

/** Ids that the flag brought; `unasked` is what stands there without it. */
export function asked(random: Random, unasked: 'null' | 'absent' | 'empty', flagged?: Twin): Twin {
  const direct = { null: value(random, null), absent: undefined, empty: value(random, []) }[unasked]
  return { kind: 'asked', flagged: flagged ?? tokenIds(random), direct }
}

const decoy = {
  token_ids: [1, 2, 3],
  prompt_token_ids: [4],
  response_token_ids: [[5]],
  sglext: { input_ids: [6], output_ids: [[7]] },
  __verbose: { tokens: [8] },
  tokens: [9],
  details: { prefill: [] },
  choices: [{ token_ids: [10] }],
}

/** Text of a model that speaks of ids, quotes and everything that has a meaning for JSON. */
export function content(random: Random): string {
  return random.pick([
    '',
    'plain words',
    JSON.stringify(decoy),
    '"token_ids":[1,2,3],"prompt_token_ids":[4,5]',
    'back\\slash "quoted" \\"token_ids\\": [1]\n\ttabs',
    'emoji 😀 – ümlaut \u0000 \u2028 }]}{[',
    'data: {"token_ids":[1]}\n\nevent: sglext_ids\n',
  ])
}

/** A message or delta with tool calls and members that only look like ids. */
export function message(random: Random): Twin {
  return value(random, {
    role: 'assistant',
    content: content(random),
    ...(random.chance(3) && {
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'f', arguments: JSON.stringify(decoy) } },
      ],
    }),
    ...(random.chance(3) && decoy),
    ...(random.chance(5) && { annotations: [decoy, { token_ids: null }] }),
  })
}

/** Log probabilities that the client asked for, or null. */
export function clientLogprobs(random: Random): Twin {
  if (random.chance(2)) return value(random, null)
  return value(random, {
    content: [{ token: content(random), logprob: -0.25e-3, bytes: [1, 2], top_logprobs: [], token_ids: [3] }],
  })
}

/** Members of every reply. */
export function envelope(random: Random): Record<string, Twin | undefined> {
  return {
    id: value(random, `chatcmpl-${random.int(1e9)}`),
    created: value(random, 1_795_375_200 + random.int(1000)),
    model: value(random, content(random)),
    usage: random.chance(2) ? value(random, { prompt_tokens: 3, token_ids: [1] }) : undefined,
    metadata: random.chance(3) ? value(random, decoy) : undefined,
    kv_transfer_params: random.chance(3) ? value(random, null) : undefined,
  }
}

/** Between one and three choices. */
export function choices(random: Random, one: (index: number) => Record<string, Twin | undefined>): Twin {
  const count = random.pick([1, 1, 2, 3])
  return {
    kind: 'list',
    items: Array.from({ length: count }, (_, index) =>
      object(random, { index: value(random, index), ...one(index) }),
    ),
  }
}

/** The members that come with every choice. */
export function choice(random: Random, body: 'message' | 'delta' | 'text'): Record<string, Twin> {
  return {
    [body]: body === 'text' ? value(random, content(random)) : message(random),
    logprobs: clientLogprobs(random),
    finish_reason: value(random, random.pick([null, 'stop', 'length'])),
  }
}
