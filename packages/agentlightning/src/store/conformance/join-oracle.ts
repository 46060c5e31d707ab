// Which span stands for which call, found from everything that is there at once (design §11).
import type { CallRow } from '../calls.ts'
import type { SpanRow } from '../contract.ts'
import { timePairs } from './time-oracle.ts'

const WINDOW = 600_000_000_000n

/** `TRACE-SPAN` of the span that each joined call belongs to, by call id. `copies`: in the order of arrival. */
export function expectedJoins(copies: readonly SpanRow[], calls: readonly CallRow[]): Map<string, string> {
  const spans = new Map<string, SpanRow>()
  for (const copy of copies) {
    const known = spans.get(placeOf(copy))
    const wins =
      !known ||
      copy.endNs > known.endNs ||
      (copy.endNs === known.endNs && copy.attributeCount > known.attributeCount)
    if (wins) spans.set(placeOf(copy), copy)
  }
  const joins = new Map<string, string>()
  for (const span of spans.values()) {
    const pointing = calls.filter(
      (call) =>
        call.traceId.equals(span.traceId) &&
        call.parentSpanId?.equals(span.spanId) &&
        (span.fields.type === (call.dialect === 'embeddings' ? 'embedding' : 'llm') || sameId(span, call)),
    )
    const score = (call: CallRow): bigint[] => [
      sameId(span, call) ? 1n : 0n,
      call.finished && call.status === 200 ? 1n : 0n,
      call.startNs,
      -BigInt(`0x${call.callId.replaceAll('-', '')}`),
    ]
    const [best] = pointing.sort((one, other) => descending(score(one), score(other)))
    if (best) joins.set(best.callId, placeOf(span))
  }
  const taken = new Set(joins.values())
  const byTrace = [...joins.keys()]
  for (const id of new Set(calls.map((call) => call.responseId))) {
    if (id === undefined) continue
    const telling = [...spans.values()].filter((span) => span.fields.responseId === id)
    const free = telling.filter(
      (span) => !taken.has(placeOf(span)) && !telling.some((other) => isAbove(span, other, spans)),
    )
    const pairs = calls
      .filter((call) => call.responseId === id && !byTrace.includes(call.callId))
      .flatMap((call) => free.map((span) => ({ call, span, apart: distance(call, span) })))
      .filter(({ call, span, apart }) => {
        const [one, other] = [call.project, span.source.project]
        return apart <= WINDOW && (one === undefined || other === undefined || one === other)
      })
    const value = ({ call, span, apart }: (typeof pairs)[0]): string[] => [
      call.traceId.equals(span.traceId) ? '0' : '1',
      String(apart).padStart(20, '0'),
      placeOf(span),
      call.callId,
    ]
    pairs.sort((one, other) => (value(one).join() < value(other).join() ? -1 : 1))
    for (const { call, span } of pairs) {
      if (joins.has(call.callId) || taken.has(placeOf(span))) continue
      joins.set(call.callId, placeOf(span))
      taken.add(placeOf(span))
    }
  }
  const all = [...spans.values()]
  const free = all.filter((span) => !taken.has(placeOf(span)))
  const left = calls.filter(({ callId }) => !joins.has(callId))
  for (const [call, span] of timePairs(left, free, all)) joins.set(call.callId, placeOf(span))
  return joins
}

/** The id of the call that is joined to a span. */
export function joinedTo(joins: ReadonlyMap<string, string>, span: SpanRow): string | undefined {
  for (const [id, place] of joins) if (place === placeOf(span)) return id
  return undefined
}

/** A span with what the call gives that is joined to it: ids, tags, and the usage and model of a span without. */
export function asJoined(span: SpanRow, call: CallRow | undefined): SpanRow {
  if (!call) return span
  const { fields } = span
  const named = fields.responseModel ?? fields.requestModel
  const model = named ?? call.responseModel ?? call.requestModel
  const carries = fields.cost !== undefined || fields.usage !== undefined
  const gives = (call.promptIds ?? 0) > 0 && (call.responseIds ?? 0) > 0
  return {
    ...span,
    fields: {
      ...fields,
      ...(model === undefined ? {} : { responseModel: model }),
      ...(carries || !call.usage ? {} : { usage: call.usage }),
      ...(call.tags.length === 0 ? {} : { tags: [...(fields.tags ?? []), ...call.tags] }),
      ...(gives ? { promptIds: 1, responseIds: 1 } : {}),
    },
  }
}

/** A span by its ids. */
export function placeOf(span: { traceId: Buffer; spanId: Buffer }): string {
  return `${span.traceId.toString('hex')}-${span.spanId.toString('hex')}`
}

function sameId(span: SpanRow, call: CallRow): boolean {
  return call.responseId !== undefined && span.fields.responseId === call.responseId
}

function distance(call: CallRow, span: SpanRow): bigint {
  return call.startNs > span.startNs ? call.startNs - span.startNs : span.startNs - call.startNs
}

/** True where a span is a parent, or a parent's parent, of another. */
function isAbove(span: SpanRow, below: SpanRow, spans: ReadonlyMap<string, SpanRow>): boolean {
  const seen = new Set<string>()
  for (let at: SpanRow | undefined = below; at && !seen.has(placeOf(at)); ) {
    seen.add(placeOf(at))
    const parent: Buffer | undefined = at.parentSpanId
    if (!parent || parent.equals(at.spanId)) return false
    if (parent.equals(span.spanId) && span.traceId.equals(below.traceId)) return span !== below
    at = spans.get(placeOf({ traceId: at.traceId, spanId: parent }))
  }
  return false
}

function descending(one: readonly bigint[], other: readonly bigint[]): number {
  for (const [at, value] of one.entries()) {
    const against = other[at] as bigint
    if (value !== against) return value > against ? -1 : 1
  }
  return 0
}
