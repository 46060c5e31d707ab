// Log records and metrics of the server's read API.
import type {
  DecodedLogRecord,
  DecodedResource,
  DecodedScope,
} from '../../agentlightning/src/otlp/decode/index.ts'
import type {
  LogRecordSummary as StoredLogRecord,
  MetricPoint as StoredPoint,
  MetricSeries as StoredSeries,
} from '../../agentlightning/src/store/signals.ts'
import { get, type Wire } from './api.ts'

export type LogRecord = Wire<StoredLogRecord>
export type MetricPoint = Wire<StoredPoint>
export type MetricSeries = Omit<Wire<StoredSeries>, 'attributes'> & Pick<StoredSeries, 'attributes'>

/** A page of log records. */
export interface LogRecordsPage {
  readonly records: readonly LogRecord[]
  readonly cursor: string | null
}

/** One log record, nothing lost. */
export interface WholeLogRecord {
  readonly record: DecodedLogRecord
  readonly resource: DecodedResource | null
  readonly scope: DecodedScope | null
}

export const getTraceLogRecords = (
  trace: string,
  parameters: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<LogRecordsPage> => get(`traces/${trace}/logs`, parameters, signal)

export const listLogRecords = (
  parameters: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<LogRecordsPage> => get('logs', parameters, signal)

export const getLogRecord = (id: string, signal: AbortSignal): Promise<WholeLogRecord> =>
  get(`logs/${id}`, {}, signal)

export const listSeries = (
  name: string,
  signal: AbortSignal,
): Promise<{ readonly series: readonly MetricSeries[]; readonly cursor: string | null }> =>
  get('metrics', { name: name === '' ? undefined : name, limit: '500' }, signal)

export const getPoints = (
  series: string,
  since: string | undefined,
  signal: AbortSignal,
): Promise<{
  readonly series: MetricSeries
  readonly points: readonly MetricPoint[]
  readonly complete: boolean
}> => get('metrics/points', { series, since, limit: '600' }, signal)
