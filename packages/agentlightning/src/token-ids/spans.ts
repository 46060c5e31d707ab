// Token ids that arrive as attributes of a span. Each producer's attributes are put together to the reply that they
// were taken from, which the shapes then read like any other.
import { plainValue } from '../otlp/decode/plain-value.ts'
import type { KeyValue } from '../otlp/decode/types.ts'
import { extractParsed } from './extract.ts'
import { isNested, sameIds } from './id-list.ts'
import { countOf, type JsonObject, known, textOf } from './json.ts'
import { fromPythonRepr } from './python-repr.ts'
import type { CallTokens, ReportedUsage } from './types.ts'

/** Reads an attribute; lists and objects also out of the text that a producer made of them. */
type Read = (key: string) => unknown

/** Choices that are looked for by name. */
const LAST_CHOICE = 31
const choiceNumbers = Array.from({ length: LAST_CHOICE + 1 }, (_, index) => index)

/** LiteLLM names attributes after the provider in its model name. */
const litellmProviders = ['hosted_vllm', 'openai']

/**
 * The tokens that a span's attributes tell, by whichever recorder. Where several recorded the call, the first one
 * that has ids counts, and a disagreement is a problem. What the hooks read of a reply that ended early is not among the
 * ids; that there is such a beginning in their place makes the reply an unfinished one. Never throws.
 */
export function tokensOfSpan(attributes: readonly KeyValue[]): CallTokens {
  const values = new Map(attributes.map(({ key, value }) => [key, value]))
  const read: Read = (key) => {
    const value = values.get(key)
    return value === undefined ? undefined : parsed(plainValue(value))
  }
  const replies = [ofHooks(read), ...litellmProviders.map((name) => ofLitellm(name, read)), ofWeave(read)]
  const results = replies.filter((reply) => reply !== undefined).map(extractParsed)
  const found = results.filter((tokens) => tokens.shapes.length > 0)
  const [first, ...others] = found.length > 0 ? found : results
  const problems = others
    .filter((other) => first && differ(first, other))
    .map(() => 'attributes: two recorders give different ids')
  return {
    choices: first?.choices ?? [],
    shapes: first?.shapes ?? [],
    ...(first?.promptTokenIds ? { promptTokenIds: first.promptTokenIds } : {}),
    ...facts(read, first),
    finished: first?.choices.some((choice) => choice.responseTokenIds) || !choiceNumbers.some(isBegun),
    problems: [...results.flatMap((tokens) => tokens.problems), ...problems],
  }

  function isBegun(choice: number): boolean {
    return values.has(choice === 0 ? 'partial_response_token_ids' : `partial_response_token_ids.${choice}`)
  }
}

/** Our own hooks and those of Agent Lightning 0.1 to 0.3; ATIF and NeMo Gym name the response otherwise. */
function ofHooks(read: Read): JsonObject | undefined {
  const response = read('response_token_ids') ?? read('completion_token_ids') ?? read('generation_token_ids')
  const lists = isNested(response) ? response : [response]
  const choices = choiceNumbers
    .map((index) => ({
      index,
      token_ids: lists[index] ?? read(`response_token_ids.${index}`),
      finish_reason: read(`gen_ai.completion.${index}.finish_reason`),
      ...(index === 0 ? { logprobs: logprobsOf(read) } : {}),
    }))
    .filter((choice) => choice.token_ids !== undefined || choice.logprobs !== undefined)
  const prompt = read('prompt_token_ids')
  return prompt === undefined && choices.length === 0 ? undefined : { prompt_token_ids: prompt, choices }
}

function logprobsOf(read: Read): JsonObject | undefined {
  const [content, refusal] = [read('logprobs.content'), read('logprobs.refusal')]
  const values = read('generation_log_probs')
  if (content === undefined && refusal === undefined && values === undefined) return undefined
  return { content, refusal, token_logprobs: values }
}

/** LiteLLM's `raw_gen_ai_request` span: what Python prints for the members of the server's reply. */
function ofLitellm(provider: string, read: Read): JsonObject | undefined {
  const members = ['id', 'model', 'usage', 'prompt_token_ids', 'response_token_ids', 'choices'] as const
  const reply = known<JsonObject>(
    Object.fromEntries(members.map((member) => [member, read(`llm.${provider}.${member}`)])),
  )
  return Object.keys(reply).length === 0 ? undefined : reply
}

/** Weave's spans of Agent Lightning 0.3: the reply with the path to each member as its key. */
function ofWeave(read: Read): JsonObject | undefined {
  const at = (path: string): unknown => read(`agentlightning.operation.output.${path}`)
  const choices = choiceNumbers
    .map((index) => ({
      index,
      token_ids: at(`choices.${index}.token_ids`),
      provider_specific_fields: { token_ids: at(`choices.${index}.provider_specific_fields.token_ids`) },
      finish_reason: at(`choices.${index}.finish_reason`),
    }))
    .filter((choice) => choice.token_ids ?? choice.provider_specific_fields.token_ids ?? choice.finish_reason)
  const lists = choiceNumbers.map((index) => at(`response_token_ids.${index}`))
  const reply = {
    id: at('id'),
    model: at('model'),
    prompt_token_ids: at('prompt_token_ids'),
    response_token_ids:
      at('response_token_ids') ??
      (lists.some((list) => list !== undefined) ? lists.map((list) => list ?? []) : undefined),
  }
  const isThere = choices.length > 0 || Object.values(reply).some((value) => value !== undefined)
  return isThere ? { ...reply, choices } : undefined
}

/** What the span says of the call in the names of the GenAI conventions, else what the reply itself says. */
function facts(read: Read, tokens: CallTokens | undefined): Partial<CallTokens> {
  const usage = known<ReportedUsage>({
    promptTokens: countOf(read('gen_ai.usage.input_tokens')) ?? countOf(read('gen_ai.usage.prompt_tokens')),
    completionTokens:
      countOf(read('gen_ai.usage.output_tokens')) ?? countOf(read('gen_ai.usage.completion_tokens')),
    totalTokens: countOf(read('gen_ai.usage.total_tokens')) ?? countOf(read('llm.usage.total_tokens')),
    cachedTokens: undefined,
    reasoningTokens: undefined,
  })
  const counts = Object.keys(usage).length > 0 ? usage : tokens?.usage
  return known<Partial<CallTokens>>({
    responseId: textOf(read('gen_ai.response.id')) ?? tokens?.responseId,
    model: textOf(read('gen_ai.response.model')) ?? tokens?.model,
    usage: counts,
  })
}

/** A list or an object in the text of an attribute, as JSON or as Python prints it; anything else as it is. */
function parsed(value: unknown): unknown {
  if (value === 'None' || value === 'null') return undefined
  if (typeof value !== 'string' || !/^\s*[[{(]/.test(value)) return value ?? undefined
  try {
    return JSON.parse(value)
  } catch {
    return fromPythonRepr(value) ?? value
  }
}

function differ(one: CallTokens, other: CallTokens): boolean {
  const pairs = [
    [one.promptTokenIds, other.promptTokenIds],
    ...one.choices.map(({ index, responseTokenIds }) => [
      responseTokenIds,
      other.choices.find((choice) => choice.index === index)?.responseTokenIds,
    ]),
  ] as const
  return pairs.some(([ids, others]) => ids !== undefined && others !== undefined && !sameIds(ids, others))
}
