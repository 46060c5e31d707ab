// What the hooks write on a span: the names of Agent Lightning, ids before everything else.
import { objectOf } from '../token-ids/json.ts'
import type { CallTokens } from '../token-ids/types.ts'
import type { Attributes, AttributeValue } from './spans/otel.ts'

/** Logprobs of the first choice as the server gave them. */
export interface LogprobItems {
  readonly content: readonly unknown[]
  readonly refusal: readonly unknown[]
}

/**
 * Ids of the prompt and of every choice, the response id and the logprobs of the first choice. What the reply does not
 * say is not there; ids that are unusable are not, either.
 */
export function tokenAttributes(tokens: CallTokens, logprobs?: LogprobItems): Attributes {
  return written(tokens, 'response_token_ids', logprobs)
}

/**
 * The same of a reply that began and that nobody read to its end. The ids of the response have another name: they are
 * not to be taken for the whole. Where the prompt's are there, or all ids were to come last, the name is there before the
 * first of them.
 */
export function partialAttributes(tokens: CallTokens, idsLast: boolean, logprobs?: LogprobItems): Attributes {
  const response = 'partial_response_token_ids'
  const attributes = written(tokens, response, logprobs)
  const began = attributes.prompt_token_ids ?? (idsLast ? tokens.responseId : undefined)
  return began === undefined ? attributes : { [response]: [], ...attributes }
}

function written(tokens: CallTokens, response: string, logprobs: LogprobItems | undefined): Attributes {
  const [first] = tokens.choices
  const attributes: Record<string, AttributeValue> = {}
  const prompt = tokens.promptTokenIds ?? first?.promptTokenIds
  if (prompt) attributes.prompt_token_ids = listOf(prompt)
  for (const { index, responseTokenIds } of tokens.choices)
    if (responseTokenIds)
      attributes[index === 0 ? response : `${response}.${index}`] = listOf(responseTokenIds)
  if (tokens.responseId !== undefined) attributes['gen_ai.response.id'] = tokens.responseId
  if (logprobs?.content.length) attributes['logprobs.content'] = JSON.stringify(logprobs.content)
  if (logprobs?.refusal.length) attributes['logprobs.refusal'] = JSON.stringify(logprobs.refusal)
  return attributes
}

// A span attribute is an ordinary list; `Array.from` takes several times as long, on every call of a model.
function listOf(ids: Uint32Array): number[] {
  const list = new Array<number>(ids.length)
  for (let at = 0; at < ids.length; at++) list[at] = ids[at]!
  return list
}

/** Gathers the logprobs of the first choice over a reply or the frames of a stream. */
export class LogprobCollector implements LogprobItems {
  readonly content: unknown[] = []
  readonly refusal: unknown[] = []

  /** Reads a reply or a frame; anything else says nothing. */
  read(value: unknown): void {
    const choices = objectOf(value)?.choices
    if (!Array.isArray(choices)) return
    for (const [at, item] of choices.entries()) {
      const choice = objectOf(item)
      if ((choice?.index ?? at) !== 0) continue
      const logprobs = objectOf(choice?.logprobs)
      if (Array.isArray(logprobs?.content)) this.content.push(...logprobs.content)
      if (Array.isArray(logprobs?.refusal)) this.refusal.push(...logprobs.refusal)
    }
  }
}
