// Model calls as a store keeps them: what the gateway recorded, and which span shows it.
import type { CallOutcome } from '../gateway/record.ts'
import type { Position } from '../log/record.ts'
import type { CallDialect } from '../token-ids/types.ts'
import type { VerdictCode } from '../token-ids/verdict/codes.ts'
import type { Usage } from '../trace/fields.ts'
import type { Address, Page } from './contract.ts'

/**
 * One record of a gateway call: its announcement, or its end, which says everything again. The store keys calls
 * by `callId` and keeps the address of both records.
 */
export interface CallRow {
  readonly record: Position
  readonly receivedNs: bigint
  /** Project id, `undefined` when the request named none. */
  readonly project: string | undefined
  readonly callId: string
  /** 16 bytes. */
  readonly traceId: Buffer
  /** 8 bytes: the span that the call is while no other span stands for it. */
  readonly spanId: Buffer
  /** 8 bytes: the span of the client's `traceparent`. */
  readonly parentSpanId: Buffer | undefined
  /** False for the announcement. */
  readonly finished: boolean
  readonly startNs: bigint
  /** 0 while it runs. */
  readonly endNs: bigint
  readonly run: string | undefined
  readonly rollout: string | undefined
  readonly attempt: string | undefined
  readonly mode: string | undefined
  /** Of its run: tags of the trace that shows the call. */
  readonly tags: readonly string[]
  readonly dialect: CallDialect
  readonly upstream: string
  readonly backend: string | undefined
  readonly outcome: CallOutcome | undefined
  /** HTTP status that the client got; 0 when it got none, or not yet. */
  readonly status: number
  readonly stream: boolean
  readonly requestModel: string | undefined
  readonly responseModel: string | undefined
  readonly responseId: string | undefined
  readonly usage: Usage | undefined
  /** Number of choices in the reply. */
  readonly choices: number
  /** Numbers of token ids; absent where the reply has none. */
  readonly promptIds: number | undefined
  /** Of all choices together. */
  readonly responseIds: number | undefined
  /** Of the first choice. */
  readonly firstChoiceIds: number | undefined
  /** On the reply alone. */
  readonly verdict: VerdictCode
  readonly weightVersion: string | undefined
  readonly firstTokenMs: number | undefined
  /** One line; absent when nothing went wrong. */
  readonly error: string | undefined
  readonly payload: Address
}

/** Who recorded a call: the gateway, the program's own span, or both. */
export type CallSource = 'gateway' | 'span' | 'both'

/** A call in a list. */
export interface CallSummary {
  /** The gateway's id of the call, else `TRACEID-SPANID` of the span that stands for it. */
  readonly id: string
  readonly source: CallSource
  /** The span that shows the call. */
  readonly traceId: string
  readonly spanId: string
  readonly startNs: bigint
  /** 0 while it runs. */
  readonly endNs: bigint
  readonly run: string | undefined
  readonly rollout: string | undefined
  readonly attempt: string | undefined
  readonly mode: string | undefined
  /** What only the gateway knows is absent for a call that it did not see. */
  readonly dialect: CallDialect | undefined
  readonly upstream: string | undefined
  readonly backend: string | undefined
  readonly outcome: CallOutcome | undefined
  readonly status: number | undefined
  readonly stream: boolean | undefined
  readonly weightVersion: string | undefined
  readonly firstTokenMs: number | undefined
  /** The model that answered, else the one asked for. */
  readonly model: string | undefined
  readonly responseId: string | undefined
  readonly usage: Usage | undefined
  readonly choices: number | undefined
  readonly promptIds: number | undefined
  readonly responseIds: number | undefined
  readonly verdict: VerdictCode
  readonly error: string | undefined
  /** Where the gateway's records lie. */
  readonly startRecord: Address | undefined
  readonly endRecord: Address | undefined
}

/** What a call may tell of a span that does not say it itself. */
export type CallField = 'usage' | 'model' | 'responseId'

/** What a tree shows of the call that a span stands for. */
export interface SpanCall {
  readonly id: string
  readonly source: CallSource
  readonly verdict: VerdictCode
  readonly choices: number | undefined
  readonly promptIds: number | undefined
  readonly responseIds: number | undefined
  readonly rollout: string | undefined
  readonly attempt: string | undefined
  /** Which fields of the span are those of the gateway's record; absent where the span has all. */
  readonly gives?: readonly CallField[]
}

/** Conditions of a list of calls; all given ones must hold. */
export interface CallFilter {
  /** 32 hex digits. */
  readonly traceId?: string
  /** Of the call itself; where it has none also the one that the tags of its trace name (`agl.run=RUN`). */
  readonly run?: string
  readonly rollout?: string
  readonly attempt?: string
  readonly model?: string
  readonly verdict?: VerdictCode
  /** True: prompt and response ids are there. */
  readonly withIds?: boolean
  /** Start in [sinceNs, untilNs). */
  readonly sinceNs?: bigint
  readonly untilNs?: bigint
}

/** A list request; `limit` is 1 to 1,000, `cursor` opaque and from the page before. */
export interface CallQuery {
  readonly filter: CallFilter
  readonly limit: number
  readonly cursor?: string
}

/** A page of calls, newest start first. */
export type CallPage = Page<CallSummary>

/** The calls of one attempt of a rollout. */
export interface RolloutSummary {
  readonly rollout: string
  readonly attempt: string | undefined
  readonly run: string | undefined
  readonly mode: string | undefined
  readonly calls: number
  readonly callsWithIds: number
  readonly startNs: bigint
  readonly endNs: bigint
}
