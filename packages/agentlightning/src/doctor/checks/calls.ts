// The calls of a trace, a rollout, a run or a time: their verdicts, and which of span and gateway lacks them.
import type { CallCounts, CallFact, ScopeFacts, TraceFact } from '../facts.ts'
import { docsOf, type Finding, finding, type Level } from '../finding.ts'

const MOST_EXAMPLES = 3

/** Verdicts that say how a program is set up, which is no fault where nobody wants token ids. */
const setUp = new Set(['ids.not_on_span', 'ids.not_in_event', 'ids.backend_cannot', 'ids.flag_not_sent'])
/** Verdicts on calls that are as they are. */
const harmless = new Set(['call.no_end', 'call.not_attributed'])

/** Sums over the calls. */
export function countCalls(calls: readonly CallFact[]): CallCounts {
  return {
    total: calls.length,
    withIds: calls.filter(hasIds).length,
    failed: calls.filter(({ verdict }) => verdict.code === 'call.failed').length,
  }
}

/** Verdicts that are not in order, grouped by code and by what to do. */
export function checkVerdicts(scope: ScopeFacts): Finding[] {
  const { calls, words } = scope
  if (calls.length === 0)
    return [finding('calls.none', 'calls', { scope: words }, isMissed(scope) ? { level: 'warn' } : {})]
  const wanted = scope.named || calls.some((call) => hasIds(call) || call.rollout !== undefined)
  const { total, withIds, failed } = countCalls(calls)
  const level: Level = withIds < total ? 'info' : 'ok'
  const shown = scope.hasMoreCalls ? `the newest ${total}` : total
  const groups = Map.groupBy(
    calls.filter(({ verdict }) => !verdict.ok),
    ({ verdict }) => `${verdict.code} ${verdict.todo}`,
  )
  return [
    finding(
      'calls.summary',
      'calls',
      { total: shown, withIds, failed, scope: words },
      { level, count: total },
    ),
    ...[...groups.values()].map((group) => ofVerdict(group, wanted)),
    ...partial(scope),
  ]
}

/** Calls that only one of gateway and span knows, where others have both. */
export function checkBothSides({ calls, traces, beside }: ScopeFacts): Finding[] {
  const joinedTraces = new Set(calls.filter(({ source }) => source === 'both').map(({ traceId }) => traceId))
  const past = calls.filter(({ source, traceId }) => source === 'span' && joinedTraces.has(traceId))
  const during = traces.filter(({ traceId }) => joinedTraces.has(traceId))
  const bare = beside.filter((call) => isServed(call) && during.some((trace) => ranDuring(trace, call)))
  return [
    ...(past.length > 0 ? [grouped('calls.span_without_call', past)] : []),
    ...(bare.length > 0 ? [grouped('calls.call_without_span', bare)] : []),
  ]
}

/** Traces without LLM spans, and spans that lost attributes. */
export function checkTraces({ calls, traces, beside, words }: ScopeFacts): Finding[] {
  if (traces.length === 0) return [finding('traces.none', 'traces', { scope: words })]
  const told = new Set(calls.filter(({ source }) => source !== 'gateway').map(({ traceId }) => traceId))
  const own = Map.groupBy(
    [...calls, ...beside].filter(({ source }) => source === 'gateway'),
    ({ traceId }) => traceId,
  )
  const idsOfOwn = (trace: string) => new Set((own.get(trace) ?? []).map(({ id }) => id)).size
  // A trace with more model calls than are in view may well have some of its own.
  const mute = traces.filter(({ traceId, spans, calls: all }) => {
    const gatewayOnly = idsOfOwn(traceId)
    return !told.has(traceId) && spans > gatewayOnly && all <= gatewayOnly
  })
  const cut = mute.filter(({ droppedAttributes }) => droppedAttributes > 0)
  const whole = mute.filter(({ droppedAttributes }) => droppedAttributes === 0)
  const [blind, plain] = [whole.filter(wasCalling), whole.filter((trace) => !wasCalling(trace))]
  const dropped = calls.filter(({ droppedAttributes }) => droppedAttributes > 0)
  const most = Math.max(0, ...dropped.map(({ droppedAttributes }) => droppedAttributes))
  return [
    ...(cut.length > 0
      ? [
          ofTraces('traces.spans_cut', cut, {
            most: Math.max(...cut.map((trace) => trace.droppedAttributes)),
          }),
        ]
      : []),
    ...(blind.length > 0 ? [ofTraces('traces.import_order', blind)] : []),
    ...(plain.length > 0 ? [ofTraces('traces.no_llm_spans', plain)] : []),
    ...(dropped.length > 0 ? [grouped('traces.attributes_dropped', dropped, { most })] : []),
  ]

  function wasCalling(trace: TraceFact): boolean {
    return own.has(trace.traceId) || beside.some((call) => ranDuring(trace, call))
  }
}

function partial({ calls, traces, hasMoreCalls, hasMoreTraces, unread }: ScopeFacts): Finding[] {
  const limits = [
    ...(hasMoreCalls ? [`there are more calls than the newest ${calls.length}`] : []),
    ...(hasMoreTraces ? [`there are more traces than the newest ${traces.length}`] : []),
    ...(unread > 0 ? [`${unread} calls were judged without reading them in full`] : []),
  ]
  return limits.length === 0 ? [] : [finding('calls.partial', 'calls', { what: limits.join(', and ') })]
}

/** A rollout or a run exists by its calls: one without any is not what its user expects. */
function isMissed({ named, traces }: ScopeFacts): boolean {
  return named && traces.length === 0
}

function ofVerdict(group: readonly CallFact[], wanted: boolean): Finding {
  const { code, sentence, todo } = (group[0] as CallFact).verdict
  const isQuiet = harmless.has(code) || (setUp.has(code) && !wanted)
  return {
    code,
    level: isQuiet ? 'info' : 'warn',
    subject: 'calls',
    sentence: `${group.length} × ${sentence}`,
    todo,
    docs: docsOf(code),
    count: group.length,
    ...shownOf(group),
  }
}

function grouped(
  code: 'calls.span_without_call' | 'calls.call_without_span' | 'traces.attributes_dropped',
  calls: readonly CallFact[],
  details: Record<string, number> = {},
): Finding {
  const count = calls.length
  return finding(code, 'calls', { count, ...details }, { count, ...shownOf(calls) })
}

function ofTraces(
  code: 'traces.import_order' | 'traces.no_llm_spans' | 'traces.spans_cut',
  traces: readonly { traceId: string }[],
  details: Record<string, number> = {},
): Finding {
  const places = traces.slice(0, MOST_EXAMPLES).map(({ traceId }) => ({ traceId }))
  const examples = places.map(({ traceId }) => traceId)
  return finding(
    code,
    'traces',
    { count: traces.length, ...details },
    { count: traces.length, examples, places },
  )
}

/** Some of them, of different traces as far as there are, and when the newest began. */
function shownOf(calls: readonly CallFact[]): Required<Pick<Finding, 'examples' | 'places' | 'lastMs'>> {
  const firsts = new Set(new Map(calls.toReversed().map((call) => [call.traceId, call])).values())
  const others = calls.filter((call) => !firsts.has(call))
  const some = [...calls.filter((call) => firsts.has(call)), ...others].slice(0, MOST_EXAMPLES)
  return {
    examples: some.map(({ id }) => id),
    places: some.map(({ traceId, spanId }) => ({ traceId, spanId })),
    lastMs: newestOf(calls),
  }
}

/** When the newest of them began, ms since the epoch. */
function newestOf(calls: readonly CallFact[]): number {
  return Math.max(...calls.map(({ startNs }) => Number(startNs / 1_000_000n)))
}

function hasIds({ verdict }: CallFact): boolean {
  return verdict.code === 'ids.complete' || verdict.code === 'call.not_attributed'
}

function isServed({ verdict }: CallFact): boolean {
  return verdict.code.startsWith('ids.')
}

/** At the same time, and not of another program: a program under `agl run` has the run in its traces as well. */
function ranDuring(trace: TraceFact, { startNs, run }: CallFact): boolean {
  if (run !== undefined && run !== trace.run) return false
  return startNs >= trace.startNs && startNs <= trace.endNs
}
