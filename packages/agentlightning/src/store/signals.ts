// Log records and metric points in the store: the part of the contract (`contract.ts`) that is about them.
import type { MetricType } from '../otlp/scan/signal-views.ts'
import type { PayloadEncoding } from '../otlp/scan/span-view.ts'
import type { Address, Page, SourceRow } from './contract.ts'

/** One OTLP log record to write. The store keys it by `key`: of two with one key the first stays. */
export interface LogRecordRow {
  readonly source: SourceRow
  /** 16 bytes that stand for content, time and place of the record. */
  readonly key: Buffer
  readonly timeNs: bigint
  /** SeverityNumber of OTLP, 0 to 24. */
  readonly severityNumber: number
  readonly severityText: string
  /** The body in one line. */
  readonly preview: string
  readonly eventName: string | undefined
  /** 16 bytes. */
  readonly traceId: Buffer | undefined
  /** 8 bytes. */
  readonly spanId: Buffer | undefined
  readonly payload: Address
}

/** A log record as lists show it. */
export interface LogRecordSummary {
  /** 32 hex digits, the same after a reindex. */
  readonly id: string
  readonly timeNs: bigint
  readonly severityNumber: number
  readonly severityText: string
  readonly preview: string
  readonly eventName: string | undefined
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  readonly service: string | undefined
  readonly scope: string
}

/** Conditions of a list of log records; all given ones must hold. */
export interface LogRecordFilter {
  /** Least severity number, 1 to 24. */
  readonly severity?: number
  readonly service?: string
  /** Case-insensitive part of the preview. */
  readonly text?: string
  /** Time in [sinceNs, untilNs). */
  readonly sinceNs?: bigint
  readonly untilNs?: bigint
}

/** A list of log records. `limit` is 1 to 1,000. */
export interface LogRecordQuery {
  readonly filter: LogRecordFilter
  readonly limit: number
  readonly cursor?: string
}

/** The log records of a trace, or of one span of it. */
export interface TraceLogQuery {
  readonly spanId?: string
  readonly severity?: number
  /** 1 to 1,000. */
  readonly limit: number
  readonly cursor?: string
}

/** Addresses that reading a whole log record takes. */
export interface LogRecordAddress {
  readonly encoding: PayloadEncoding
  readonly record: Address
  readonly resource: Address | undefined
  readonly scope: Address | undefined
  readonly receivedNs: bigint
}

/** What the points of one series share. The store keys it by `key`. */
export interface SeriesRow {
  /** 16 bytes that stand for service, name, unit, type and attributes. */
  readonly key: Buffer
  readonly service: string
  readonly name: string
  readonly unit: string
  readonly description: string
  readonly type: MetricType
  /** AggregationTemporality: 0 unspecified, 1 delta, 2 cumulative. */
  readonly temporality: number
  readonly monotonic: boolean
  /** The attributes as a JSON object. */
  readonly attributes: string
}

/** The numbers of a point; absent where its type has none, or its client sent none. */
export interface PointValues {
  /** Of gauges and sums. */
  readonly value: number | undefined
  /** Of histograms and summaries. */
  readonly count: number | undefined
  readonly sum: number | undefined
  readonly min: number | undefined
  readonly max: number | undefined
}

/** One data point to write. The store keys it by series, time and start: of two the first stays. */
export interface MetricPointRow extends PointValues {
  readonly series: SeriesRow
  readonly startNs: bigint
  readonly timeNs: bigint
  /** Where its payload lies: it goes with that segment. */
  readonly segment: number
}

/** One point of a series, or several that were put together. */
export interface MetricPoint extends PointValues {
  readonly startNs: bigint
  readonly timeNs: bigint
  /** Points of the client that this one stands for. */
  readonly points: number
}

/** A series as lists show it. */
export interface MetricSeries {
  /** 32 hex digits, the same after a reindex. */
  readonly id: string
  readonly name: string
  readonly service: string | undefined
  readonly unit: string
  readonly description: string
  readonly type: MetricType
  readonly temporality: number
  readonly monotonic: boolean
  readonly attributes: Readonly<Record<string, unknown>>
  readonly points: number
  readonly firstNs: bigint
  readonly lastNs: bigint
  readonly last: MetricPoint | undefined
}

/** A list of series, by name, then service. */
export interface SeriesQuery {
  readonly filter: {
    /** Case-insensitive part of the name. */
    readonly name?: string
    readonly service?: string
  }
  /** 1 to 1,000. */
  readonly limit: number
  readonly cursor?: string
}

/** Points of one series by time. */
export interface PointQuery {
  /** As `MetricSeries.id`. */
  readonly series: string
  /** Time in [sinceNs, untilNs); all of it where one is absent. */
  readonly sinceNs?: bigint
  readonly untilNs?: bigint
  /** Points to give, 2 to 5,000: of more, neighbours in time are put together. */
  readonly limit: number
}

/** Points, oldest first. */
export interface SeriesPoints {
  readonly series: MetricSeries
  readonly points: readonly MetricPoint[]
  /** False where only the newest points of the range were looked at. */
  readonly complete: boolean
}

/** The reading half for logs and metrics. */
export interface SignalReader {
  /** Newest first. A page may hold fewer than asked for, or none, and still have a cursor: its search is bounded. */
  logRecords(query: LogRecordQuery): Promise<Page<LogRecordSummary>>
  /** Oldest first. */
  traceLogRecords(traceId: string, query: TraceLogQuery): Promise<Page<LogRecordSummary>>
  logRecordAddress(id: string): Promise<LogRecordAddress | undefined>
  metricSeries(query: SeriesQuery): Promise<Page<MetricSeries>>
  /** `undefined` when there is no such series. */
  metricPoints(query: PointQuery): Promise<SeriesPoints | undefined>
}
