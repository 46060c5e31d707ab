// The doctor's question about calls and traces. Bounded: so many calls are looked at, and so much is read.

import { setImmediate } from 'node:timers/promises'
import type { ScopeAnswer } from '../../doctor/answer.ts'
import { countCalls } from '../../doctor/checks/calls.ts'
import { examineScope } from '../../doctor/examine.ts'
import type { CallFact, ScopeFacts, TraceFact } from '../../doctor/facts.ts'
import type { CallFilter, CallSummary } from '../../store/calls.ts'
import type { TraceSummary } from '../../store/contract.ts'
import { verdict } from '../../token-ids/verdict/codes.ts'
import { runOfTags, runTag } from '../../trace/run-tag.ts'
import { callDetail, spanOf } from '../calls/call-detail.ts'
import { readPayload } from '../decode-payload.ts'
import { findTrace } from '../find-trace.ts'
import type { QuerySources } from '../queries.ts'

/** Calls that are looked at. */
const MOST_CALLS = 1000
const MOST_TRACES = 200
/** Calls whose payload is read. */
const MOST_READ = 300
/** Milliseconds after which no further payload is read. */
const READ_MS = 1500
/** Milliseconds after which other questions of the thread are let in. */
const TURN_MS = 20

/** What is to be examined: one trace, rollout or run, else what began since a time. */
export interface ScopeQuery {
  readonly trace?: string
  readonly rollout?: string
  readonly run?: string
  /** ns since the epoch. */
  readonly sinceNs?: bigint
  /** The time in words: `in the last 1h`. */
  readonly words: string
}

/** Examines calls and traces. Throws `AGL_NOT_FOUND` for a trace that is not there. */
export async function diagnose(sources: QuerySources, query: ScopeQuery): Promise<ScopeAnswer> {
  const scope = await scopeOf(sources, query)
  const { words, calls, hasMoreCalls } = scope
  return { scope: words, calls: countCalls(calls), hasMoreCalls, findings: examineScope(scope) }
}

async function scopeOf(sources: QuerySources, query: ScopeQuery): Promise<ScopeFacts> {
  const { store } = sources
  const trace = query.trace === undefined ? undefined : await findTrace(store, query.trace)
  const { rollout, run, sinceNs } = query
  const filter: CallFilter = {
    ...(trace ? { traceId: trace.traceId } : {}),
    ...(rollout === undefined ? {} : { rollout }),
    ...(run === undefined ? {} : { run }),
    ...(sinceNs === undefined ? {} : { sinceNs }),
  }
  const page = await store.calls({ filter, limit: MOST_CALLS })
  const { traces, hasMoreTraces } = trace
    ? { traces: [trace], hasMoreTraces: false }
    : await tracesOf(sources, query, page.items)
  const reader = new CallFacts(sources)
  const calls: CallFact[] = []
  for (const summary of page.items) calls.push(await reader.of(summary))
  return {
    words: [trace && `of trace ${trace.traceId.slice(0, 12)}`, query.words].filter(Boolean).join(' '),
    named: trace !== undefined || rollout !== undefined || run !== undefined,
    calls,
    traces: await reader.ofTraces(traces),
    beside: await besides(sources, traces, calls),
    hasMoreCalls: page.cursor !== undefined,
    hasMoreTraces,
    unread: reader.unread,
  }
}

/** The traces that began in a time; of a run or rollout those of the calls, and those with the tag of the run. */
async function tracesOf(
  { store }: QuerySources,
  { rollout, run, sinceNs }: ScopeQuery,
  calls: readonly CallSummary[],
): Promise<{ readonly traces: readonly TraceSummary[]; readonly hasMoreTraces: boolean }> {
  if (rollout === undefined && run === undefined) {
    const filter = sinceNs === undefined ? {} : { sinceNs }
    const { items, cursor } = await store.listTraces({ filter, limit: MOST_TRACES })
    return { traces: items, hasMoreTraces: cursor !== undefined }
  }
  // Traces of a run that tell of no call have its tag at least.
  const tagged =
    run === undefined
      ? undefined
      : await store.listTraces({ filter: { tag: runTag(run) }, limit: MOST_TRACES })
  const ids = [...new Set([...(tagged?.items ?? []), ...calls].map(({ traceId }) => traceId))]
  const found = await Promise.all(ids.slice(0, MOST_TRACES).map((id) => store.trace(id)))
  return { traces: found.filter((one) => one !== undefined), hasMoreTraces: ids.length > MOST_TRACES }
}

/** Calls that the gateway alone knows, from the first beginning of the traces to their last end. */
async function besides(
  { store }: QuerySources,
  traces: readonly TraceSummary[],
  calls: readonly CallFact[],
): Promise<CallFact[]> {
  if (traces.length === 0) return []
  const [first, last] = [
    traces.map(({ startNs }) => startNs).sort(ascending)[0],
    traces
      .map(({ endNs }) => endNs)
      .sort(ascending)
      .at(-1),
  ] as [bigint, bigint]
  const filter = { sinceNs: first, untilNs: last + 1n }
  const { items } = await store.calls({ filter, limit: MOST_CALLS })
  const judged = new Map(calls.map((call) => [call.id, call]))
  return items
    .filter(({ source }) => source === 'gateway')
    .map((summary) => judged.get(summary.id) ?? factOf(summary, verdict(summary.verdict), 0))
}

function ascending(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0
}

/** Of the traces without a call so many, and of each so many spans, are looked through for lost attributes. */
const MOST_MUTE = 20
const MOST_SPANS = 100
/** Limits below this are nobody's. */
const LEAST_LIMIT = 16

/** Judges calls in full while there is time, then by what the index says. */
class CallFacts {
  /** Calls that would have been read, had there been time. */
  unread = 0
  #read = 0
  readonly #sources: QuerySources
  readonly #endMs = performance.now() + READ_MS
  #turnMs = performance.now()

  constructor(sources: QuerySources) {
    this.#sources = sources
  }

  async of(summary: CallSummary): Promise<CallFact> {
    const said = verdict(summary.verdict)
    const isGateway = summary.source === 'gateway'
    if (said.ok && isGateway) return factOf(summary, said, 0)
    if (this.#read >= MOST_READ || performance.now() >= this.#endMs) {
      this.unread++
      return factOf(summary, said, 0)
    }
    this.#read++
    await this.#letOthersIn()
    try {
      // The ids of two sides are compared where a call is read, not in the index.
      const isDone = said.ok && summary.source !== 'both'
      const detail = isDone ? undefined : await callDetail(this.#sources, summary)
      const dropped = isGateway ? 0 : await this.#dropped(summary)
      return factOf(summary, detail?.verdict ?? said, dropped)
    } catch {
      // Its payload was pruned: what the index says still holds.
      return factOf(summary, said, 0)
    }
  }

  /** Traces without a call are looked through while there is time: an LLM span may have lost what tells of it. */
  async ofTraces(traces: readonly TraceSummary[]): Promise<TraceFact[]> {
    const mute = new Set(traces.filter(({ calls }) => calls === 0).slice(0, MOST_MUTE))
    const facts: TraceFact[] = []
    for (const trace of traces)
      facts.push(traceFact(trace, mute.has(trace) ? await this.#mostDropped(trace) : 0))
    return facts
  }

  async #mostDropped({ traceId }: TraceSummary): Promise<number> {
    const { items } = await this.#sources.store.spans(traceId, { limit: MOST_SPANS })
    let most = 0
    for (const { spanId } of items.filter(({ attributeCount }) => attributeCount >= LEAST_LIMIT)) {
      if (this.#read >= MOST_READ || performance.now() >= this.#endMs) break
      this.#read++
      await this.#letOthersIn()
      most = Math.max(most, await this.#droppedOf(traceId, spanId))
    }
    return most
  }

  async #droppedOf(traceId: string, spanId: string): Promise<number> {
    try {
      const address = await this.#sources.store.spanAddress(traceId, spanId)
      if (!address || address.encoding === 'legacy') return 0
      return readPayload(this.#sources, address).span.droppedAttributesCount
    } catch {
      // Its payload was pruned.
      return 0
    }
  }

  async #letOthersIn(): Promise<void> {
    if (performance.now() - this.#turnMs < TURN_MS) return
    await setImmediate()
    this.#turnMs = performance.now()
  }

  async #dropped(summary: CallSummary): Promise<number> {
    const address = await spanOf(this.#sources, summary)
    if (!address || address.encoding === 'legacy') return 0
    return readPayload(this.#sources, address).span.droppedAttributesCount
  }
}

function factOf(summary: CallSummary, said: CallFact['verdict'], droppedAttributes: number): CallFact {
  const { id, traceId, spanId, source, startNs, run, rollout } = summary
  const { code, ok, sentence, todo } = said
  const judged = { code, ok, sentence, todo }
  return { id, traceId, spanId, source, startNs, run, rollout, droppedAttributes, verdict: judged }
}

function traceFact(
  { traceId, spans, calls, tags, startNs, endNs }: TraceSummary,
  droppedAttributes: number,
): TraceFact {
  return { traceId, spans, calls, droppedAttributes, run: runOfTags(tags), startNs, endNs }
}
