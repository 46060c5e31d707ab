// What a server has recorded, read through its HTTP API.
import { type Answer, request, type Target } from './http.ts'

/** A trace's summary, as far as tests look at it. */
export interface Trace {
  readonly traceId: string
  readonly project: string
  readonly name: string
  readonly startNs: string
  readonly endNs: string
  readonly rootKnown: boolean
  readonly spans: number
  readonly pruned: boolean
}

/** A span of a tree, as far as tests look at it. */
export interface TreeSpan {
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly endNs: string
}

/** The status, as far as tests look at it. */
export interface Status {
  readonly log: { readonly bytes: number; readonly segments: number; readonly durable: string }
  readonly index: {
    readonly position: string
    readonly traces: number
    readonly spans: number
    readonly duplicates: number
    readonly dropped: number
    readonly setAsideCount: number
    readonly lagBytes: number
    readonly setAside: readonly { readonly kind: string; readonly error: string }[]
    readonly sinceStart: { readonly restarts: number }
  }
  /** Of the main thread, ms. */
  readonly eventLoopDelayMs: { readonly p99: number; readonly max: number }
  readonly requests: {
    readonly refused: readonly { readonly what: string; readonly count: number; readonly example: string }[]
  }
}

/** Longest wait for the index, ms. */
const SETTLE_MS = 90_000

/** The parsed JSON of a GET. Rejects for any status but 200. */
export async function getJson<T>(target: Target, path: string): Promise<T> {
  const answer = await request(target, { path })
  if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.body.toString()}`)
  return JSON.parse(answer.body.toString()) as T
}

/** Waits until everything that is in the log is in the index. */
export async function settled(target: Target): Promise<void> {
  const end = Date.now() + SETTLE_MS
  for (;;) {
    const answer = await request(target, { path: '/api/v1/position?wait=1', timeoutMs: SETTLE_MS })
    if (answer.status === 200) return
    // The server waits for half a minute only, and a busy machine may need longer.
    if (answer.status !== 503 || Date.now() > end)
      throw new Error(`not settled: ${answer.status} ${answer.body.toString()}`)
  }
}

export const readStatus = (target: Target): Promise<Status> => getJson<Status>(target, '/api/v1/status')

/** All traces, newest first. */
export async function listTraces(target: Target): Promise<Trace[]> {
  const traces: Trace[] = []
  let cursor: string | null = null
  do {
    const at: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page: { traces: Trace[]; cursor: string | null } = await getJson(
      target,
      `/api/v1/traces?limit=1000${at}`,
    )
    traces.push(...page.traces)
    cursor = page.cursor
  } while (cursor !== null)
  return traces
}

/** A trace with all its spans; undefined when there is none with this id. */
export async function readTrace(
  target: Target,
  traceId: string,
): Promise<{ trace: Trace; spans: TreeSpan[] } | undefined> {
  const spans: TreeSpan[] = []
  let trace: Trace | undefined
  let cursor: string | null = null
  do {
    const at: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const answer: Answer = await request(target, { path: `/api/v1/traces/${traceId}?limit=10000${at}` })
    if (answer.status === 404) return undefined
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body.toString()}`)
    const page = JSON.parse(answer.body.toString()) as {
      trace: Trace
      spans: TreeSpan[]
      cursor: string | null
    }
    trace = page.trace
    spans.push(...page.spans)
    cursor = page.cursor
  } while (cursor !== null)
  return { trace: trace as Trace, spans }
}

/** A span as the API gives it back whole. */
export interface ExportedSpan {
  readonly span: {
    readonly spanId: string
    readonly attributes?: readonly { key: string; value: { stringValue?: string; intValue?: string } }[]
  }
}

/** Every span of a trace with its attributes. */
export async function exportTrace(target: Target, traceId: string): Promise<ExportedSpan[]> {
  const answer = await request(target, { path: `/api/v1/traces/${traceId}/export` })
  if (answer.status !== 200) throw new Error(`export: ${answer.status} ${answer.body.toString()}`)
  const lines = answer.body.toString().split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line) as ExportedSpan)
}
