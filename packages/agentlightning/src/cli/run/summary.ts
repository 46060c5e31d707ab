// What a run left in the record, asked of its server when the program has ended.
import { setTimeout as sleep } from 'node:timers/promises'
import { flushServer } from '../../manager/ask.ts'
import type { ServerState } from '../../server/data-dir/state-file.ts'
import type { CallSummary } from '../../store/calls.ts'
import type { TraceSummary } from '../../store/contract.ts'
import { isRunTag, runTag } from '../../trace/run-tag.ts'
import { httpSource } from '../read/http-source.ts'
import type { Parameters, TraceSource } from '../read/source.ts'

/** The part of the time in which what was acknowledged may become readable. */
const SETTLE_SHARE = 0.6
/** Traces that no tag names and that are asked for one by one. */
const MOST_LOOKUPS = 20
/** A clock that steps back a little must not hide the first call. */
const SLACK_MS = 1_000
/** Starts of calls are rounded down to milliseconds. */
const ROUNDING_MS = 5

/** What was recorded of a run; absent is unknown. */
export interface Recorded {
  readonly calls: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Calls that could have token ids: all but embeddings and what is no model call. */
  readonly generations: number
  /** Of these, those with prompt and response ids. */
  readonly callsWithIds: number
  /** USD; absent when no price is known. */
  readonly cost: number | undefined
  /** Spans with an error; of traces that are shared with other runs, its failed calls. */
  readonly errors: number
  /** Ids, the one with the most calls first. */
  readonly traces: readonly string[]
  /** Where nothing else was recorded: traces that began since the start and name no run, at most 100. */
  readonly unnamedTraces: number
  /** False when the index was behind, or there was more than could be read in time: then all is «at least». */
  readonly complete: boolean
}

/** Gathers it within `patienceMs`; `undefined` when the server does not answer. `signal` ends the waiting. */
export async function gather(
  state: ServerState,
  run: string,
  startedMs: number,
  patienceMs: number,
  signal: AbortSignal,
): Promise<Recorded | undefined> {
  const source = httpSource(state.url, state.config.apiKey)
  const end = Date.now() + patienceMs
  const inTime = async <T>(work: Promise<T>): Promise<T | undefined> => {
    const guarded = work.catch(() => undefined)
    const late = sleep(Math.max(1, end - Date.now()), undefined, { signal, ref: false }).catch(
      () => undefined,
    )
    return Promise.race([guarded, late])
  }
  const settleMs = patienceMs * SETTLE_SHARE
  const settled = await inTime(flushServer(state.url, state.config.apiKey, settleMs).then(() => true))
  if (signal.aborted) return undefined
  // What is readable by now is told even when the index is behind.
  const since = new Date(startedMs - SLACK_MS).toISOString()
  const tagged = await inTime(source.list({ tag: runTag(run), limit: '1000' }))
  const listed = await allCalls(source, { run, since, limit: '1000' }, inTime)
  if (!tagged && !listed) return undefined
  const ids = new Set(tagged?.traces.map(({ traceId }) => traceId))
  const calls = listed?.calls ?? []
  const traces = [...(tagged?.traces ?? [])]
  for (const id of new Set(calls.map(({ traceId }) => traceId))) {
    if (ids.has(id)) continue
    if (traces.length - ids.size >= MOST_LOOKUPS) break
    const found = await inTime(source.list({ id, limit: '1' }))
    traces.push(...(found?.traces ?? []))
  }
  const unnamedTraces = calls.length + traces.length > 0 ? 0 : await countUnnamed(source, since, inTime)
  const complete = settled === true && tagged?.cursor === null && listed?.complete === true
  // Runs around this one gave the program their tags as well.
  const ours = [runTag(run), ...(process.env.AGENTOPS_DEFAULT_TAGS ?? '').split(',')]
  return {
    ...sumUp(calls, traces, BigInt(startedMs - ROUNDING_MS) * 1_000_000n, ours),
    unnamedTraces,
    complete,
  }
}

/** Recorders that pass on neither tags nor the resource leave no sign of the run. */
async function countUnnamed(source: TraceSource, since: string, inTime: InTime): Promise<number> {
  const found = await inTime(source.list({ since, limit: '100' }))
  return (found?.traces ?? []).filter(({ tags }) => !tags.some(isRunTag)).length
}

type InTime = <T>(work: Promise<T>) => Promise<T | undefined>

async function allCalls(
  source: TraceSource,
  parameters: Parameters,
  inTime: InTime,
): Promise<{ readonly calls: CallSummary[]; readonly complete: boolean } | undefined> {
  const first = await inTime(source.calls(parameters))
  if (!first) return undefined
  const calls = first.calls
  for (let { cursor } = first; cursor !== null; ) {
    const page = await inTime(source.calls({ ...parameters, cursor }))
    if (!page) return { calls, complete: false }
    calls.push(...page.calls)
    cursor = page.cursor
  }
  return { calls, complete: true }
}

/**
 * Sums; a trace that began before the run, or has the tag of a run that is not among `ours`, is shared with others: its
 * own sums are left out.
 */
export function sumUp(
  calls: readonly CallSummary[],
  traces: readonly TraceSummary[],
  startNs: bigint,
  ours: readonly string[],
): Omit<Recorded, 'complete' | 'unnamedTraces'> {
  const isOwn = ({ tags, startNs: began }: TraceSummary): boolean =>
    began >= startNs && tags.every((tag) => !isRunTag(tag) || ours.includes(tag))
  const generations = calls.filter(({ dialect }) => dialect !== 'embeddings' && dialect !== 'other')
  const own = new Set(traces.filter(isOwn).map(({ traceId }) => traceId))
  const costs = traces.flatMap(({ traceId, cost }) => (own.has(traceId) ? (cost ?? []) : []))
  const count = (id: string): number => calls.filter(({ traceId }) => traceId === id).length
  const sum = (numbers: readonly (number | undefined)[]): number =>
    numbers.reduce<number>((total, number) => total + (number ?? 0), 0)
  return {
    calls: calls.length,
    inputTokens: sum(calls.map(({ usage }) => usage?.input)),
    outputTokens: sum(calls.map(({ usage }) => usage?.output)),
    generations: generations.length,
    callsWithIds: generations.filter((call) => call.promptIds && call.responseIds).length,
    cost: costs.length === 0 ? undefined : sum(costs),
    errors:
      sum(traces.map(({ traceId, errors }) => (own.has(traceId) ? errors : 0))) +
      calls.filter(({ traceId, error }) => error !== undefined && error !== null && !own.has(traceId)).length,
    traces: [...new Set([...traces, ...calls].map(({ traceId }) => traceId))]
      .map((id) => ({ id, calls: count(id) }))
      .sort((a, b) => b.calls - a.calls)
      .map(({ id }) => id),
  }
}
