// The model's reply in `returns` of an `llms` event: the whole response of the OpenAI client through 0.3.14, as an
// object (0.1.12, 0.2.6, 0.3.4) or as JSON text (0.3.14, and every streamed call); empty in 0.3.26.
import { type Attributes, integersOf, numberOf, objectOf, textOf, unwrapped } from './values.ts'

/** Choices whose ids are kept apart, as the dialects count them. */
const MOST_CHOICES = 32

/** What a reply tells beside its messages. */
export interface Reply {
  readonly id: string | undefined
  readonly model: string | undefined
  readonly promptTokens: number | undefined
  readonly completionTokens: number | undefined
  readonly totalTokens: number | undefined
  readonly promptIds: readonly number[] | undefined
  /** One list per choice; a choice without ids has none. */
  readonly responseIds: readonly (readonly number[] | undefined)[]
}

/** The reply that `returns` holds; `undefined` when it is no model's reply. */
export function replyOf(returns: unknown): Reply | undefined {
  const reply = objectOf(unwrapped(returns))
  if (!reply) return undefined
  const usage = objectOf(reply.usage)
  const choices = (Array.isArray(reply.choices) ? reply.choices : []).slice(0, MOST_CHOICES).map(objectOf)
  const sglang = objectOf(reply.sglext)
  const lists = firstArray(reply.response_token_ids, sglang?.output_ids)
  return {
    id: textOf(reply.id),
    model: textOf(reply.model),
    promptTokens: numberOf(usage?.prompt_tokens),
    completionTokens: numberOf(usage?.completion_tokens),
    totalTokens: numberOf(usage?.total_tokens),
    promptIds:
      integersOf(reply.prompt_token_ids) ??
      integersOf(choices[0]?.prompt_token_ids) ??
      integersOf(sglang?.input_ids),
    responseIds: Array.from({ length: Math.max(choices.length, Math.min(lists.length, MOST_CHOICES)) }).map(
      (_, at) =>
        integersOf(choices[at]?.token_ids) ??
        integersOf(choices[at]?.response_token_ids) ??
        integersOf(objectOf(choices[at]?.provider_specific_fields)?.token_ids) ??
        integersOf(lists[at]),
    ),
  }
}

/** Writes the token ids under the names that our own recorders use: choice 0 without a number. */
export function writeTokenIds(attributes: Attributes, reply: Reply): void {
  attributes.integers('prompt_token_ids', reply.promptIds)
  for (const [choice, ids] of reply.responseIds.entries())
    attributes.integers(choice === 0 ? 'response_token_ids' : `response_token_ids.${choice}`, ids)
}

function firstArray(...values: readonly unknown[]): readonly unknown[] {
  return values.find((value): value is unknown[] => Array.isArray(value)) ?? []
}
