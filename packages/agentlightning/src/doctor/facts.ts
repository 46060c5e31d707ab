// What the checks look at. Whoever examines gathers it; the checks themselves ask nothing and nobody.
import type { GatewayStatus } from '../gateway/gateway.ts'
import type { LoopDelay } from '../server/health.ts'
import type { Watch } from '../server/watch.ts'
import type { VerdictCode } from '../token-ids/index.ts'

/** Variables of an environment. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What a running server knows of itself. Sizes are bytes. */
export interface ServerFacts {
  readonly version: string
  readonly nodeVersion: string
  readonly uptimeSeconds: number
  readonly dataDir: string
  /** Why the data directory cannot be written; absent when it can. */
  readonly notWritable?: string
  readonly freeBytes: number
  readonly log: {
    readonly bytes: number
    readonly maxDiskBytes: number
    /** What the start cut off its end, since a write was not finished there. */
    readonly cutBytes: number
    /** Places that could not be read since the start. */
    readonly damaged: readonly string[]
  }
  readonly index: {
    readonly traces: number
    readonly spans: number
    readonly lagBytes: number
    readonly setAsideCount: number
    readonly setAside: readonly { readonly kind: string; readonly error: string }[]
    readonly restarts: number
  }
  readonly loop: LoopDelay
  readonly requests: ReturnType<Watch['report']>
  /** Clients that came so lately that their spans may be on the way. */
  readonly waitingClients: ReturnType<Watch['waiting']>
  readonly gateway: GatewayStatus
  /** What asking each upstream gave; empty where none was asked. */
  readonly upstreams: readonly UpstreamAnswer[]
}

/** Whether an upstream answers. */
export interface UpstreamAnswer {
  readonly name: string
  readonly url: string
  /** Why it does not; absent when it does. */
  readonly error?: string
}

/** A call as the checks see it. */
export interface CallFact {
  readonly id: string
  readonly traceId: string
  readonly spanId: string
  /** The gateway recorded it, the program's own span tells of it, or both. */
  readonly source: 'gateway' | 'span' | 'both'
  /** ns since the epoch. */
  readonly startNs: bigint
  /** Of `agl run`, or registered; absent where nobody said. */
  readonly run: string | undefined
  readonly verdict: {
    readonly code: VerdictCode
    readonly ok: boolean
    readonly sentence: string
    readonly todo: string
  }
  readonly rollout: string | undefined
  /** Attributes that the SDK dropped from the span; 0 where that is not known. */
  readonly droppedAttributes: number
}

/** A trace as the checks see it. */
export interface TraceFact {
  readonly traceId: string
  readonly spans: number
  /** Model calls among the spans, also those that the gateway alone knows. */
  readonly calls: number
  /** The most attributes that the SDK dropped from one of its spans; 0 where that is not known. */
  readonly droppedAttributes: number
  /** Whose tag it has; absent where it has none, or those of several. */
  readonly run: string | undefined
  /** The program ended, as far as known: [startNs, endNs]. */
  readonly startNs: bigint
  readonly endNs: bigint
}

/** What is examined. */
export interface ScopeFacts {
  /** Ends a sentence: `of trace 12ab`, `in the last 1 h`. */
  readonly words: string
  /** A trace, a rollout or a run was named, so that token ids are wanted. */
  readonly named: boolean
  /** Newest first. */
  readonly calls: readonly CallFact[]
  readonly traces: readonly TraceFact[]
  /** Gateway calls without a span of the program that ran while one of the traces did. */
  readonly beside: readonly CallFact[]
  /** There are more calls than these. */
  readonly hasMoreCalls: boolean
  /** There are more traces than these. */
  readonly hasMoreTraces: boolean
  /** Calls that the index alone judged, since reading took too long. */
  readonly unread: number
}

/** Sums over the calls of a scope. */
export interface CallCounts {
  readonly total: number
  readonly withIds: number
  readonly failed: number
}
