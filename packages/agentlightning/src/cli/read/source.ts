// Where `agl traces` reads from: the server that runs, or the data directory of one that does not.
import type { DoctorAnswer, ScopeAnswer } from '../../doctor/answer.ts'
import { AglError } from '../../errors.ts'
import { findSettledServer } from '../../manager/find-server.ts'
import { resolveDataDir } from '../../server/data-dir/resolve.ts'
import type { CallSummary } from '../../store/calls.ts'
import type { TraceSummary, TreeSpan } from '../../store/contract.ts'
import type { LogRecordSummary, MetricSeries, SeriesPoints } from '../../store/signals.ts'
import { httpSource } from './http-source.ts'
import { localSource } from './local-source.ts'

/** Query parameters as the read API takes them. */
export type Parameters = Readonly<Record<string, string>>

/** Reads traces. Rejects with the errors of the read API. */
export interface TraceSource {
  list(parameters: Parameters): Promise<{ traces: TraceSummary[]; cursor: string | null }>
  trace(
    id: string,
    parameters: Parameters,
  ): Promise<{ trace: TraceSummary; spans: TreeSpan[]; cursor: string | null }>
  /** One span, decoded, as JSON text. */
  span(id: string, spanId: string): Promise<string>
  /** Every span of a trace, a JSON text each. */
  export(id: string): AsyncIterable<string>
  /** Console text that an SDK uploaded for a trace. */
  logs(id: string): Promise<{ logs: { receivedNs: string; text: string }[]; truncated: boolean }>
  /** OTLP log records of a trace. */
  traceLogs(
    id: string,
    parameters: Parameters,
  ): Promise<{ traceId: string; records: LogRecordSummary[]; cursor: string | null }>
  /** OTLP log records of all traces and of none, newest first. */
  allLogs(parameters: Parameters): Promise<{ records: LogRecordSummary[]; cursor: string | null }>
  metrics(parameters: Parameters): Promise<{ series: MetricSeries[]; cursor: string | null }>
  metricPoints(parameters: Parameters): Promise<SeriesPoints>
  calls(parameters: Parameters): Promise<{ calls: CallSummary[]; cursor: string | null }>
  /** One model call, as JSON text. */
  call(id: string): Promise<string>
  /** What the doctor finds: of a running server the server as well. */
  doctor(parameters: Parameters): Promise<ScopeAnswer & Partial<Pick<DoctorAnswer, 'server'>>>
  /** Model calls with their ids, a JSON text each. */
  exportCalls(parameters: Parameters): AsyncIterable<string>
  changes(parameters: Parameters): Promise<{ traces: TraceSummary[]; removed: string[]; change: number }>
  /** Resolves to the whole id of what was deleted. */
  remove(id: string): Promise<string>
  /** Resolves when everything that was acknowledged can be read. */
  settle(): Promise<void>
  close(): Promise<void>
}

/**
 * The running server of the data directory. With `dataDir` named and no server on it, its files are read.
 * Rejects with `AGL_NOT_RUNNING` when there is neither.
 */
export async function openSource(dataDir: string | undefined): Promise<TraceSource> {
  const path = resolveDataDir(dataDir)
  const found = await findSettledServer(path)
  if (found.kind === 'running') return httpSource(found.state.url, found.state.config.apiKey)
  if (dataDir !== undefined) return localSource(path)
  throw new AglError('AGL_NOT_RUNNING', { dataDir: path })
}

/** Gives JSON of the read API its bigints back: every whole number in text whose name ends in `Ns`. */
export function parseAnswer<T>(text: string): T {
  return JSON.parse(text, (name, value: unknown) =>
    name.endsWith('Ns') && typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : value,
  ) as T
}
