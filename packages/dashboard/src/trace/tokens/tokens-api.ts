// The tokens of one call, as the server answers.
import type { CallSummary } from '../../../../agentlightning/src/store/calls.ts'
import type { Continuation } from '../../../../agentlightning/src/token-ids/continuation.ts'
import type { Verdict } from '../../../../agentlightning/src/token-ids/verdict/codes.ts'
import { get, type Wire } from '../../api.ts'

/** A choice with its ids. A logprob that is no number is null. */
export interface Choice {
  readonly index: number
  readonly promptTokenIds?: readonly number[]
  readonly responseTokenIds: readonly number[] | null
  readonly logprobs: readonly (number | null)[] | null
  readonly finishReason: string | null
}

/** Ids of a call as one recorder tells them. */
export interface Ids {
  readonly promptTokenIds: readonly number[] | null
  readonly choices: readonly Choice[]
}

/** Everything about the tokens of a call. */
export interface SpanTokens extends Ids {
  readonly call: Wire<CallSummary>
  readonly verdict: Verdict
  readonly problems: readonly string[]
  /** What the span tells, where it is not what the gateway recorded. */
  readonly other?: Ids
  readonly previous: (Continuation & { readonly id: string; readonly spanId: string }) | null
}

/** Asks for the tokens of the call that a span stands for. */
export function getTokens(trace: string, span: string, signal: AbortSignal): Promise<SpanTokens> {
  return get(`traces/${trace}/spans/${span}/tokens`, {}, signal)
}
