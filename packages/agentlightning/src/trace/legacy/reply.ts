// The model's reply in `returns` of an `llms` event: the whole response of the OpenAI client through 0.3.14, as an
// object (0.1.12, 0.2.6, 0.3.4) or as JSON text (0.3.14, and every streamed call); empty in 0.3.26.
import { tokensOfReturns } from '../../token-ids/index.ts'
import { type Attributes, numberOf, objectOf, textOf, unwrapped } from './values.ts'

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
  /** By choice; one without ids has none. */
  readonly responseIds: ReadonlyMap<number, readonly number[] | undefined>
}

/** The reply that `returns` holds; `undefined` when it is no model's reply. */
export function replyOf(returns: unknown): Reply | undefined {
  const reply = objectOf(unwrapped(returns))
  if (!reply) return undefined
  const usage = objectOf(reply.usage)
  const { promptTokenIds, choices } = tokensOfReturns(reply)
  const first = choices.find((choice) => choice.index === 0)
  return {
    id: textOf(reply.id),
    model: textOf(reply.model),
    promptTokens: numberOf(usage?.prompt_tokens),
    completionTokens: numberOf(usage?.completion_tokens),
    totalTokens: numberOf(usage?.total_tokens),
    // A span has room for one prompt: where each choice has its own, that of the first.
    promptIds: listOf(promptTokenIds ?? first?.promptTokenIds),
    responseIds: new Map(
      choices
        .filter((choice) => choice.index < MOST_CHOICES)
        .map((choice) => [choice.index, listOf(choice.responseTokenIds)]),
    ),
  }
}

/** Writes the token ids under the names that our own recorders use: choice 0 without a number. */
export function writeTokenIds(attributes: Attributes, reply: Reply): void {
  attributes.integers('prompt_token_ids', reply.promptIds)
  for (const [choice, ids] of reply.responseIds)
    attributes.integers(choice === 0 ? 'response_token_ids' : `response_token_ids.${choice}`, ids)
}

function listOf(ids: Uint32Array | undefined): readonly number[] | undefined {
  return ids && [...ids]
}
