// The fields of a span that lists, trees and sums need: derived at ingest from its attributes, the same
// names for every dialect.

/** What a span stands for. Numbers are stored: never renumber. */
export const spanTypes = {
  other: 0,
  llm: 1,
  agent: 2,
  tool: 3,
  chain: 4,
  task: 5,
  retriever: 6,
  embedding: 7,
  reranker: 8,
  guardrail: 9,
  evaluator: 10,
  session: 11,
  http: 12,
} as const

/** What a span stands for, e.g. `llm`, `tool`. */
export type SpanType = keyof typeof spanTypes

/** Token counts of a model call. `input` includes cached tokens. Unknown is absent, never 0. */
export interface Usage {
  readonly input?: number
  readonly output?: number
  readonly total?: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
  readonly reasoning?: number
}

/** The derived fields of one span. Absent means unknown. */
export interface SpanFields {
  readonly type: SpanType
  readonly provider?: string
  readonly requestModel?: string
  readonly responseModel?: string
  readonly responseId?: string
  readonly agent?: string
  readonly tool?: string
  readonly session?: string
  readonly user?: string
  readonly tags?: readonly string[]
  /** As the client said it, e.g. `Success`, `Fail`, `Indeterminate`. */
  readonly endState?: string
  readonly usage?: Usage
  /** USD. */
  readonly cost?: number
  /** Number of prompt token ids on the span. */
  readonly promptIds?: number
  /** Number of response token ids on the span, all choices. */
  readonly responseIds?: number
  /** There is only a beginning of the response's ids, or nothing yet: nobody read the reply to its end. */
  readonly unfinished?: true
  /** Status message, else `Type: message` of the first exception event; absent unless the status is error. */
  readonly error?: string
}

/** The fields of a resource. */
export interface ResourceFields {
  readonly service?: string
  readonly tags?: readonly string[]
  readonly session?: string
  readonly user?: string
  /** Whose its spans are, as `agl run` and Agent Lightning say it. */
  readonly run?: string
  readonly rollout?: string
  readonly attempt?: string
}
