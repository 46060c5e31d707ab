// What is known of the tokens of one model call, whichever server, proxy or hook told it.

/** Which response shape a value was read from (one file each under `shapes/`). */
export type ShapeName = string

/** The model API that a call speaks. */
export type CallDialect =
  | 'chat'
  | 'completions'
  | 'responses'
  | 'messages'
  | 'embeddings'
  | 'generate'
  | 'other'

/** Token counts as the server reports them. Absent is unknown, never 0. */
export interface ReportedUsage {
  readonly promptTokens?: number
  readonly completionTokens?: number
  readonly totalTokens?: number
  readonly cachedTokens?: number
  readonly reasoningTokens?: number
}

/** One choice (sample) of a reply. */
export interface ChoiceTokens {
  /** As the server numbers it, from 0. */
  readonly index: number
  /** Where each choice has a prompt of its own (completions with several prompts); else see `CallTokens`. */
  readonly promptTokenIds?: Uint32Array
  readonly responseTokenIds?: Uint32Array
  /** Natural logarithms, one per response token where the source is complete. */
  readonly logprobs?: Float64Array
  /** Logprobs of a refusal (OpenAI `logprobs.refusal`). */
  readonly refusalLogprobs?: Float64Array
  readonly finishReason?: string
}

/** What one reply says about its tokens. Absent means that the reply does not say it. */
export interface CallTokens {
  readonly responseId?: string
  readonly model?: string
  readonly promptTokenIds?: Uint32Array
  /** By index, without gaps where the server left none. */
  readonly choices: readonly ChoiceTokens[]
  readonly usage?: ReportedUsage
  /** Of the weights that answered, where the server says it (SGLang `metadata.weight_version`). */
  readonly weightVersion?: string
  /** The shapes that gave ids or logprobs, in the order met; empty when none did. */
  readonly shapes: readonly ShapeName[]
  /** False while a stream lacks its end (no finish reason, no end marker). */
  readonly finished: boolean
  /** What was there and could not be used: `choices[1].token_ids: expected integers, got a string`. */
  readonly problems: readonly string[]
}
