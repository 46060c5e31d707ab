// What a store promises, whatever engine is underneath. The conformance suite (`conformance/`) holds each
// engine to it. Ids cross as lower-case hex, times as ns (bigint), positions as `Position`.
import type { Position } from '../log/record.ts'
import type { StoredEncoding } from '../otlp/scan/span-view.ts'
import type { ResourceFields, SpanFields, SpanType } from '../trace/fields.ts'
import type { CallPage, CallQuery, CallRow, CallSummary, RolloutSummary, SpanCall } from './calls.ts'
import type { LogRecordRow, MetricPointRow, SignalReader } from './signals.ts'

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
  | { readonly type: 'call'; readonly row: CallRow }
  | { readonly type: 'log'; readonly row: LogRow }
  | { readonly type: 'logRecord'; readonly row: LogRecordRow }
  | { readonly type: 'metricPoint'; readonly row: MetricPointRow }
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
  /** How long all ended LLM calls took together, ns; parallel ones each count. */
  readonly llmNs: bigint
  /** The same of tools. */
  readonly toolNs: bigint
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
  /** LLM calls with prompt and response token ids: on the span, or of the gateway call that is joined to it. */
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
  /** The model call that the span stands for; absent for spans that are none. */
  readonly call?: SpanCall
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

/** Traces that a filter finds. Where there are very many, the newest are looked at: then `complete` is false. */
export interface TraceCount {
  readonly traces: number
  /** Of those counted. */
  readonly errors: number
  readonly running: number
  readonly complete: boolean
}

/** When a trace began, ms since the epoch, and whether it failed. */
export interface TraceStart {
  readonly ms: number
  readonly failed: boolean
}

/** Fields whose values can be asked for. */
export type FacetField = 'service' | 'agent' | 'model' | 'tag' | 'session' | 'user'

/** Values of a field among the traces of a filter, the most frequent first; `complete` as in `TraceCount`. */
export interface Facet {
  readonly values: readonly { readonly value: string; readonly count: number }[]
  readonly complete: boolean
}

/** What happened to traces after a change number. */
export interface Changes {
  readonly traces: readonly TraceSummary[]
  /** Ids of traces that were deleted or pruned whole, and have not come again since. */
  readonly removed: readonly string[]
  /** Pass it on as `after`. */
  readonly change: number
  /** False where removals after `after` are no longer known one by one: what was read before must be read anew. */
  readonly complete: boolean
}

/** How a whole trace went; `joined`: its only spans were gateway calls that spans of other traces now stand for. */
export interface Removal {
  readonly how: 'deleted' | 'pruned' | 'joined'
  readonly atNs: bigint
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
export interface StoreReader extends SignalReader {
  readonly capabilities: StoreCapabilities
  position(): Promise<Position>
  listTraces(query: TraceQuery): Promise<Page<TraceSummary>>
  /** Counts the traces of a filter, `most` (1 to 10,000) of them. */
  countTraces(filter: TraceFilter, most: number): Promise<TraceCount>
  /** When the traces of a filter began, newest first. Of very many the newest are looked at: then not `complete`. */
  traceStarts(
    filter: TraceFilter,
  ): Promise<{ readonly starts: readonly TraceStart[]; readonly complete: boolean }>
  /** Values of a field that contain `part` in any case, `limit` (1 to 100) of them. */
  facet(field: FacetField, filter: TraceFilter, part: string, limit: number): Promise<Facet>
  trace(traceId: string): Promise<TraceSummary | undefined>
  /** Traces changed or removed after `change`, oldest change first; at most `limit`, 1 to 1,000, of both together. */
  changes(after: number, limit: number): Promise<Changes>
  /** What became of a trace that is no longer there; `undefined` for one that was never there, or long ago. */
  removal(traceId: string): Promise<Removal | undefined>
  /** Spans of a trace by start time, without payload. `limit` 1 to 10,000. */
  spans(traceId: string, page: { limit: number; cursor?: string }): Promise<Page<TreeSpan>>
  spanAddress(traceId: string, spanId: string): Promise<SpanAddress | undefined>
  /** The newest trace that has a span of this id. May cost a look into every trace. */
  traceOfSpan(spanId: string): Promise<string | undefined>
  /** Payload addresses of a trace's spans by start time: for lossless reading of whole traces. */
  spanAddresses(traceId: string, page: { limit: number; cursor?: string }): Promise<Page<SpanAddress>>
  logs(traceId: string): Promise<readonly LogRow[]>
  object(id: string): Promise<ObjectRow | undefined>
  /** Model calls, newest first: those of the gateway, and LLM spans that no gateway call is joined to. */
  calls(query: CallQuery): Promise<CallPage>
  /** The call of an id, as `CallSummary.id` has it. */
  call(id: string): Promise<CallSummary | undefined>
  /** Ids of gateway calls that begin with a text, `limit` of them. */
  callIds(prefix: string, limit: number): Promise<readonly string[]>
  /** The call that a span stands for. */
  callOfSpan(traceId: string, spanId: string): Promise<CallSummary | undefined>
  /** Rollouts with calls through the gateway, the one with the newest call first; at most `limit`, 1 to 1,000. */
  rollouts(limit: number): Promise<readonly RolloutSummary[]>
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
