// Which span stands for which gateway call (design §11). A function of the calls and spans that are there, never
// of the order in which they came. Pure.

/** Calls and spans of one response id beyond these say nothing about which belongs to which. */
export const MOST_SHARING = 100
/** A response id is believed for so long. */
const WINDOW_NS = 600n * 1_000_000_000n

/** How a call was joined to a span. Numbers are stored: never renumber. */
export const joinWays = { none: 0, context: 1, responseId: 2, time: 3 } as const
/** Ways of calls that may be joined by time, in the words of an index: see schema.ts. */
export const looseWaysSql = `(${joinWays.none}, ${joinWays.time})`

/** What joining needs to know of a call. */
export interface JoinableCall {
  readonly key: string
  readonly start: bigint
  /** Row of its trace; 0 where no span of that trace is known. */
  readonly traceRow: number
  readonly finished: boolean
  readonly status: number
  readonly dialect: string
  readonly project: string | undefined
  readonly responseId: string | undefined
}

/** What joining needs to know of a span. */
export interface JoinableSpan {
  readonly row: number
  /** Trace and span id, for an order that does not depend on rows. */
  readonly key: string
  readonly traceRow: number
  readonly start: bigint
  readonly type: string
  readonly project: string | undefined
  readonly responseId: string | undefined
}

/**
 * The call that belongs to a span by trace context, of those whose `traceparent` names it. The span must be a
 * model call, or tell the same response id. Of several (retries of one request) the one with the span's response
 * id wins, then one that succeeded, then the latest.
 */
export function callByContext<Call extends JoinableCall>(
  span: JoinableSpan,
  calls: readonly Call[],
): Call | undefined {
  const fitting = calls.filter((call) => fitsType(span.type, call.dialect) || sameResponse(span, call))
  return fitting.sort(
    (one, other) =>
      rank(sameResponse(span, other)) - rank(sameResponse(span, one)) ||
      rank(succeeded(other)) - rank(succeeded(one)) ||
      order(other.start, one.start) ||
      order(one.key, other.key),
  )[0]
}

/** A call and the span that it is joined to. */
export interface Pair<Call, Span> {
  readonly call: Call
  readonly span: Span
}

/**
 * Pairs calls and spans that tell one response id: at most ten minutes apart and not of two projects; a span of
 * the call's own trace first, then the nearest in time. Each call and each span is in one pair at most.
 */
export function pairByResponse<Call extends JoinableCall, Span extends JoinableSpan>(
  calls: readonly Call[],
  spans: readonly Span[],
): Pair<Call, Span>[] {
  const pairs = calls.flatMap((call) =>
    spans.flatMap((span) => {
      const apart = call.start > span.start ? call.start - span.start : span.start - call.start
      return apart <= WINDOW_NS && sameProject(call, span) ? [{ call, span, apart }] : []
    }),
  )
  pairs.sort(
    (one, other) =>
      rank(isOwnTrace(other)) - rank(isOwnTrace(one)) ||
      order(one.apart, other.apart) ||
      order(one.span.key, other.span.key) ||
      order(one.call.key, other.call.key),
  )
  const taken = new Set<Call | Span>()
  return pairs.filter(({ call, span }) => {
    if (taken.has(call) || taken.has(span)) return false
    taken.add(call)
    taken.add(span)
    return true
  })
}

/**
 * True where both a call and its span have ids, and their numbers cannot be of the same reply. Recorders that know
 * one choice alone write the first one's ids.
 */
export function idsDiffer(
  call: { promptIds: number; responseIds: number; firstIds: number },
  span: { promptIds: number; responseIds: number },
): boolean {
  if (call.promptIds > 0 && span.promptIds > 0 && call.promptIds !== span.promptIds) return true
  if (call.responseIds === 0 || span.responseIds === 0) return false
  return span.responseIds !== call.responseIds && span.responseIds !== call.firstIds
}

/** True where spans of a type stand for calls of a dialect. */
export function fitsType(type: string, dialect: string): boolean {
  return type === (dialect === 'embeddings' ? 'embedding' : 'llm')
}

function sameResponse(span: JoinableSpan, call: JoinableCall): boolean {
  return call.responseId !== undefined && call.responseId === span.responseId
}

function succeeded(call: JoinableCall): boolean {
  return call.finished && call.status >= 200 && call.status < 300
}

/** A request that names no project may belong to any. */
function sameProject(call: JoinableCall, span: JoinableSpan): boolean {
  return call.project === undefined || span.project === undefined || call.project === span.project
}

function isOwnTrace({ call, span }: Pair<JoinableCall, JoinableSpan>): boolean {
  return call.traceRow !== 0 && call.traceRow === span.traceRow
}

function rank(is: boolean): number {
  return is ? 1 : 0
}

function order<Value extends bigint | string>(one: Value, other: Value): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
