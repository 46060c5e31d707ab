// What the scans of logs and metrics hand to their visitors, in the manner of `span-view.ts`.
import type { AttributeVisitor, ContextView, KeyTable, Slice, ValueView } from './span-view.ts'

/** The signals of OTLP that are scanned. */
export type Signal = 'traces' | 'logs' | 'metrics'

/** One log record (logs.proto `LogRecord`). Valid during the visit: its buffers share memory with the body. */
export interface LogView {
  readonly context: ContextView
  /** The message (protobuf: without its tag and length; JSON: from `{` to `}`). */
  readonly slice: Slice
  /** ns since the Unix epoch; 0 when absent. */
  readonly timeNs: bigint
  readonly observedNs: bigint
  /** SeverityNumber: 0 unspecified, 1–4 trace, 5–8 debug, 9–12 info, 13–16 warn, 17–20 error, 21–24 fatal. */
  readonly severityNumber: number
  readonly severityText: string
  readonly eventName: string
  /** 16 bytes, not all zero; `undefined` when absent or anything else, as logs.proto has it. */
  readonly traceId: Buffer | undefined
  /** 8 bytes, not all zero; `undefined` as above. */
  readonly spanId: Buffer | undefined
  /** The AnyValue of the body, `undefined` when absent. */
  readonly bodySlice: Slice | undefined
  readonly body: ValueView
  attributes<Entry>(table: KeyTable<Entry>, visit: AttributeVisitor<Entry>): void
}

/** What a metric holds (metrics.proto). Numbers are stored: never renumber. */
export const metricTypes = {
  gauge: 0,
  sum: 1,
  histogram: 2,
  exponentialHistogram: 3,
  summary: 4,
} as const
/** What a metric holds. */
export type MetricType = keyof typeof metricTypes

/** One metric (metrics.proto `Metric`); the same object for all its points. */
export interface MetricView {
  readonly context: ContextView
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly type: MetricType
  /** AggregationTemporality: 0 unspecified, 1 delta, 2 cumulative. */
  readonly temporality: number
  readonly monotonic: boolean
}

/** One data point of any type. Numbers are doubles: integers beyond 2^53 are rounded. NaN is absent. */
export interface PointView {
  readonly metric: MetricView
  /** The message, as `LogView.slice`. */
  readonly slice: Slice
  readonly startNs: bigint
  readonly timeNs: bigint
  /** Of gauges and sums. */
  readonly value: number | undefined
  /** Of histograms and summaries. */
  readonly count: number | undefined
  readonly sum: number | undefined
  /** Of histograms, where their client kept them. */
  readonly min: number | undefined
  readonly max: number | undefined
}

/** The numbers of a point. */
export type PointNumbers = Omit<PointView, 'metric' | 'slice'>

/** The numbers of a point before any is read: protobuf does not write the 0 of a field that must be there. */
export function unreadNumbers(type: MetricType): PointNumbers {
  const isNumber = type === 'gauge' || type === 'sum'
  return {
    startNs: 0n,
    timeNs: 0n,
    value: undefined,
    count: isNumber ? undefined : 0,
    sum: type === 'summary' ? 0 : undefined,
    min: undefined,
    max: undefined,
  }
}
