// Which call belongs to which span without a response id, found from all of them at once.
import type { CallRow } from '../calls.ts'
import type { SpanRow } from '../contract.ts'
import { placeOf } from './join-oracle.ts'

const SECOND = 1_000_000_000n
const MS = 1_000_000n

/** Pairs of `calls` and `spans` that nothing else joins; `all` are those that tell the runs of traces. */
export function timePairs(
  calls: readonly CallRow[],
  spans: readonly SpanRow[],
  all: readonly SpanRow[],
): [CallRow, SpanRow][] {
  const ended = calls.filter(({ finished }) => finished)
  const nameless = spans.filter(
    ({ fields: { type, responseId } }) => responseId === undefined && ['llm', 'embedding'].includes(type),
  )
  const fitting = ended.flatMap((call) => {
    const around = nameless.filter((span) => mayBelong(call, span, all))
    const parents = new Set(
      around.map(({ traceId, parentSpanId: spanId }) => spanId && placeOf({ traceId, spanId })),
    )
    return around
      .filter((span) => !parents.has(placeOf(span)) || isOwnParent(span))
      .map((span) => ({ call, span }))
  })
  const rank = ({ call, span }: (typeof fitting)[0]): string =>
    `${String(abs(call.endNs - span.endNs)).padStart(20, '0')} ${placeOf(span)} ${call.callId}`
  const first = (pairs: typeof fitting): (typeof fitting)[0] | undefined =>
    pairs.toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1))[0]
  const best = fitting.filter((pair) => {
    const ofCall = fitting.filter(({ call }) => call === pair.call)
    const ofSpan = fitting.filter(({ span }) => span === pair.span)
    if (first(ofCall) !== pair || first(ofSpan) !== pair) return false
    return pair.span.statusCode === 2
      ? ofCall.every(({ span }) => span.statusCode === 2)
      : ofCall.length === 1 && ofSpan.length === 1
  })
  return best.map(({ call, span }) => [call, span])
}

function mayBelong(call: CallRow, span: SpanRow, all: readonly SpanRow[]): boolean {
  const { fields, source } = span
  const run = source.resourceFields.run ?? runOf(all.filter(({ traceId }) => traceId.equals(span.traceId)))
  const differ = <Value>(one: Value | undefined, other: Value | undefined): boolean =>
    one !== undefined && other !== undefined && one !== other
  return (
    abs(call.endNs - span.endNs) <= SECOND &&
    span.startNs - call.startNs <= 2n * MS &&
    span.endNs >= call.startNs &&
    (call.error !== undefined || span.endNs + 5n * MS >= call.endNs) &&
    (span.statusCode === 2 || call.error === undefined || call.outcome === 'client_left') &&
    !differ(call.usage?.input, fields.usage?.input) &&
    !differ(call.usage?.output, fields.usage?.output) &&
    (fields.type === 'embedding') === (call.dialect === 'embeddings') &&
    (!call.parentSpanId || call.traceId.equals(span.traceId)) &&
    !differ(call.project, source.project) &&
    !differ(call.run, run) &&
    haveCommon([call.requestModel, call.responseModel], [fields.requestModel, fields.responseModel])
  )
}

function isOwnParent({ spanId, parentSpanId }: SpanRow): boolean {
  return parentSpanId?.equals(spanId) ?? false
}

function haveCommon(some: readonly (string | undefined)[], others: readonly (string | undefined)[]): boolean {
  const [one, other] = [some, others].map((all) => all.filter((model) => model !== undefined))
  return one?.length === 0 || other?.length === 0 || Boolean(one?.some((model) => other?.includes(model)))
}

function runOf(spans: readonly SpanRow[]): string | undefined {
  const tags = spans.flatMap(({ fields, source }) => [
    ...(fields.tags ?? []),
    ...(source.resourceFields.tags ?? []),
  ])
  const runs = new Set(tags.flatMap((tag) => /^agl\.run=(.+)$/.exec(tag)?.[1] ?? []))
  return runs.size === 1 ? [...runs][0] : undefined
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}
