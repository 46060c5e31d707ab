// What a store promises, whatever engine is underneath. The conformance suite (`conformance/`) holds each
// engine to it. Ids cross as lower-case hex, times as ns (bigint), positions as `Position`.
import type { Position } from '../log/record.ts'
import type { StoredEncoding } from '../otlp/scan/span-view.ts'
import type { ResourceFields, SpanFields, SpanType } from '../trace/fields.ts'

/** Where payload bytes lie in the log: valid as long as the segment's file is kept. */
export interface Address {
  readonly segment: number
  readonly offset: number
  readonly length: number
}

/** What the spans of one resource and scope of one record share. */
export interface SourceRow {
  readonly record: Position
  readonly receivedNs: bigint
  /** Project id, `undefined` when the request named none. */
  readonly project: string | undefined
  /** Where the rows come from: rows of one origin can be withdrawn together. */
  readonly origin: Origin
  readonly encoding: StoredEncoding
  readonly resource: Address | undefined
  readonly scope: Address | undefined
  readonly scopeName: string
  readonly resourceFields: ResourceFields
}

/** Provenance of derived rows. */
export type Origin = 'client' | 'gateway' | 'legacy' | 'synthetic'

/**
 * One span to write. The store keys it by (trace id, span id). Of two copies the later end wins, then more
 * attributes, then the first; of two roots of origin `legacy` with one end the later record.
 */
export interface SpanRow {
  readonly source: SourceRow
  /** 16 bytes. */
  readonly traceId: Buffer
  /** 8 bytes. */
  readonly spanId: Buffer
  readonly parentSpanId: Buffer | undefined
  readonly name: string
  /** SpanKind of OTLP. */
  readonly kind: number
  readonly startNs: bigint
  readonly endNs: bigint
  /** StatusCode of OTLP: 0 unset, 1 ok, 2 error. */
  readonly statusCode: number
  readonly attributeCount: number
  readonly payload: Address
  readonly fields: SpanFields
}

/** A text uploaded for a trace (`/v4/logs/upload/`). */
export interface LogRow {
  readonly record: Position
  readonly receivedNs: bigint
  /** Hex trace id, or `undefined` when the header named none. */
  readonly traceId: string | undefined
  readonly payload: Address
  readonly contentType: string
}

/** An uploaded object (`/v4/objects/upload/`). */
export interface ObjectRow {
  readonly record: Position
  readonly receivedNs: bigint
  readonly id: string
  readonly payload: Address
  readonly contentType: string
}

/** A record that could not be derived: kept, counted, shown, tried again by a reindex. */
export interface SetAsideRow {
  readonly record: Position
  readonly kind: string
  readonly error: string
}

/** State that a user made, in the order of the log. */
export type Command =
  | { readonly do: 'project'; readonly project: string; readonly name: string; readonly atNs: bigint }
  | { readonly do: 'deleteTrace'; readonly traceId: string; readonly atNs: bigint }
  /** Forget everything whose payload lies in segments up to this one. */
  | { readonly do: 'prune'; readonly segment: number; readonly atNs: bigint }

/** One step of the index, applied in the order given, in one transaction with `position`. */
export type Change =
  | { readonly type: 'span'; readonly row: SpanRow }
  | { readonly type: 'log'; readonly row: LogRow }
  | { readonly type: 'object'; readonly row: ObjectRow }
  | { readonly type: 'setAside'; readonly row: SetAsideRow }
  | { readonly type: 'command'; readonly command: Command }

/** What the index hands over: all changes of the records before `position`. */
export interface WriteBatch {
  readonly changes: readonly Change[]
  /** The log position reached: the index goes on from here after any stop. */
  readonly position: Position
}

/** Counts of one write. */
export interface WriteResult {
  readonly spans: number
  /** Spans that were there already, unchanged or replaced (design §5, promise 3). */
  readonly duplicates: number
  /** Spans of a trace deleted less than 24 h before. */
  readonly dropped: number
}

/** Outcome of a trace. */
export type TraceStatus = 'ok' | 'error' | 'running'

/** The one-line summary of a trace: what lists show. */
export interface TraceSummary {
  readonly traceId: string
  readonly project: string
  /** Name of the root span, or of the earliest span while no root is known. */
  readonly name: string
  readonly startNs: bigint
  /** Latest end (or start) of any span. */
  readonly endNs: bigint
  readonly status: TraceStatus
  readonly endState: string | undefined
  /** False while the root has not arrived. */
  readonly rootKnown: boolean
  readonly spans: number
  readonly errors: number
  readonly calls: number
  readonly tools: number
  /** Sums over the lowest spans that carry usage; absent when none does. */
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  readonly totalTokens: number | undefined
  /** USD; absent when no span carries a cost. */
  readonly cost: number | undefined
  readonly service: string | undefined
  readonly agent: string | undefined
  readonly session: string | undefined
  readonly user: string | undefined
  readonly models: readonly string[]
  readonly tags: readonly string[]
  /** First error in one line. */
  readonly error: string | undefined
  /** LLM calls that carry prompt and response token ids. */
  readonly callsWithIds: number
  readonly pinned: boolean
  /** Some payloads were removed by the disk cap. */
  readonly pruned: boolean
  /** Grows with every change of the trace; compare and pass to `changes`. */
  readonly change: number
}

/** One span in a tree: everything but its payload. */
export interface TreeSpan {
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly kind: number
  readonly type: SpanType
  readonly startNs: bigint
  readonly endNs: bigint
  readonly statusCode: number
  readonly service: string | undefined
  readonly origin: Origin
  readonly attributeCount: number
  readonly payloadBytes: number
  readonly fields: SpanFields
  /** True where this span's usage is part of the trace's sums. */
  readonly usageCounted: boolean
}

/** Conditions of a list; all given ones must hold. */
export interface TraceFilter {
  readonly project?: string
  readonly status?: TraceStatus
  readonly service?: string
  readonly agent?: string
  readonly model?: string
  readonly tag?: string
  readonly session?: string
  readonly user?: string
  /** Case-insensitive part of the trace's name. */
  readonly name?: string
  /** Beginning of the trace id in hex. */
  readonly idPrefix?: string
  /** Start time in [sinceNs, untilNs). */
  readonly sinceNs?: bigint
  readonly untilNs?: bigint
}

/** A list request. Sorted by start, newest first. */
export interface TraceQuery {
  readonly filter: TraceFilter
  /** 1 to 1,000. */
  readonly limit: number
  /** Opaque, from the page before. */
  readonly cursor?: string
}

/** A page: `cursor` is absent on the last one. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly cursor: string | undefined
}

/** Hours in which any part of [sinceNs, untilNs) lies. */
export interface HourRange {
  readonly sinceNs: bigint
  readonly untilNs: bigint
}

/**
 * What the spans that started in one hour, of one service and model, add up to, over all projects. Deleting a
 * trace takes its part back; pruning does not, though an index built anew knows only what the log still holds.
 */
export interface HourRow {
  /** Start of the hour. */
  readonly hourNs: bigint
  readonly service: string | undefined
  /** The model that answered, else the one asked for. */
  readonly model: string | undefined
  readonly spans: number
  readonly errors: number
  readonly calls: number
  /** Over the spans whose usage counts in their traces; 0 when none carries any. */
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
  /** USD. */
  readonly cost: number
  /**
   * How long ended LLM calls took, shortest first: `count` of them at most `bucketMs`, and more than the bound
   * before that one in `latency-buckets.ts`; the last bound stands for all longer ones too.
   */
  readonly latency: readonly { bucketMs: number; count: number }[]
}

/** Addresses that reading one span's payload takes. */
export interface SpanAddress {
  readonly traceId: string
  readonly spanId: string
  readonly encoding: StoredEncoding
  readonly span: Address
  readonly resource: Address | undefined
  readonly scope: Address | undefined
  readonly origin: Origin
  readonly receivedNs: bigint
}

/** Totals, for status pages. */
export interface StoreStats {
  readonly position: Position
  readonly traces: number
  readonly spans: number
  readonly duplicates: number
  readonly dropped: number
  readonly setAside: readonly SetAsideRow[]
  readonly setAsideCount: number
  readonly projects: readonly { id: string; name: string; traces: number }[]
  /** Bytes on disk of the index. */
  readonly bytes: number
}

/** What an engine lacks is said here, not found out. */
export interface StoreCapabilities {
  /** A write is visible to readers as soon as it resolved. */
  readonly readsOwnWrites: boolean
  /** Sums are kept at write, exactly. */
  readonly exactSums: boolean
  /** A deletion hides at once. */
  readonly immediateDelete: boolean
}

/** The reading half: safe to use from several threads on one store. */
export interface StoreReader {
  readonly capabilities: StoreCapabilities
  position(): Promise<Position>
  listTraces(query: TraceQuery): Promise<Page<TraceSummary>>
  trace(traceId: string): Promise<TraceSummary | undefined>
  /** Traces changed after `change`, oldest change first. */
  changes(after: number, limit: number): Promise<{ traces: readonly TraceSummary[]; change: number }>
  /** Spans of a trace by start time, without payload. `limit` 1 to 10,000. */
  spans(traceId: string, page: { limit: number; cursor?: string }): Promise<Page<TreeSpan>>
  spanAddress(traceId: string, spanId: string): Promise<SpanAddress | undefined>
  /** The newest trace that has a span of this id. May cost a look into every trace. */
  traceOfSpan(spanId: string): Promise<string | undefined>
  /** Payload addresses of a trace's spans by start time: for lossless reading of whole traces. */
  spanAddresses(traceId: string, page: { limit: number; cursor?: string }): Promise<Page<SpanAddress>>
  logs(traceId: string): Promise<readonly LogRow[]>
  object(id: string): Promise<ObjectRow | undefined>
  /** Sums by hour, service and model, newest hour first; at most 10,000 rows. */
  hours(range: HourRange): Promise<readonly HourRow[]>
  stats(): Promise<StoreStats>
  close(): Promise<void>
}

/** The writing half: one per store. */
export interface StoreWriter {
  /** Applies a batch and its position atomically. */
  write(batch: WriteBatch): Promise<WriteResult>
  position(): Promise<Position>
  /** Flushes the position to the disk, so that log files before it may go. */
  checkpoint(): Promise<Position>
  /** Gives back what the engine holds of the disk for later writes, as far as it can. Never throws. */
  trim(): Promise<void>
  /** Problems found by the engine's own integrity check; empty when sound. */
  check(): Promise<readonly string[]>
  close(): Promise<void>
}
