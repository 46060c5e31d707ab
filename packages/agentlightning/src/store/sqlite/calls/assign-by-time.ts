// Which gateway call a span stands for that tells no response id: it is time that says it. A function of the calls and
// spans that are there. Pure.
import { fitsType } from './assign.ts'

/** Times here are ns. */
const SECOND = 1_000_000_000
/** The gateway's times are whole milliseconds; clients of one machine are not more than one ahead of it. */
const AHEAD = 2_000_000
/** A client may have read what it needs before the gateway sees the end. */
const BEFORE_END = 5_000_000

/** More calls, or spans, than these within a second say nothing about which belongs to which. */
export const MOST_A_SECOND = 64

/** What both sides tell. `undefined` is unknown, and contradicts nothing. */
interface Ended {
  readonly key: string
  readonly start: bigint
  readonly end: bigint
  /** Asked for and answering; none where neither is known. Some recorders name the second as the first. */
  readonly models: readonly string[]
  readonly project: string | undefined
  readonly run: string | undefined
  /** Tokens. */
  readonly input: number | undefined
  readonly output: number | undefined
}

/** A call of the gateway that nothing else joins. */
export interface LooseCall extends Ended {
  /** `left`: by the client, before its end. */
  readonly ending: 'complete' | 'failed' | 'left'
  readonly dialect: string
  /** The trace that the client's `traceparent` named; `undefined` where it sent none. */
  readonly namedTrace: string | undefined
}

/** A span of a model call that tells no response id. */
export interface NamelessSpan extends Ended {
  readonly failed: boolean
  readonly type: string
  readonly trace: string
  readonly spanId: string
  readonly parent: string | undefined
}

/** The second in which something ended: what ended more than a second apart is never a pair. */
export function secondOf(end: bigint): bigint {
  return end / BigInt(SECOND)
}

/**
 * Pairs calls and spans: the span began before the call, and both ended within a second of each other. All of them ended
 * within days, so that ns between them are exact as numbers.
 *
 * A span that failed takes the call that ended nearest to its end, and which no other such span is nearer to: the last of
 * several attempts, or a reply that the program could not use. A span that did not fail may be given ids that are trained
 * on: it takes a call only where no other span could be meant, and no other call.
 */
export function pairByTime<Call extends LooseCall, Span extends NamelessSpan>(
  calls: readonly Call[],
  spans: readonly Span[],
): Map<Call, Span> {
  const [first] = calls
  if (!first) return new Map()
  const timedSpans = spans.map((span) => timed(span, first.end))
  const spansOf = new Map<Call, Near<Span>[]>()
  const callsOf = new Map<Span, Near<Call>[]>()
  for (const call of calls.map((one) => timed(one, first.end))) {
    const fitting = timedSpans.filter((span) => isWithin(call, span) && fits(call.of, span.of))
    const inner = fitting.filter(({ of: span }) => !fitting.some(({ of: other }) => isParent(span, other)))
    for (const span of inner) {
      const apart = Math.abs(call.end - span.end)
      add(spansOf, call.of, { of: span.of, apart })
      add(callsOf, span.of, { of: call.of, apart })
    }
  }
  const pairs = new Map<Call, Span>()
  for (const [call, near] of spansOf) {
    const span = nearest(near)
    if (!span) continue
    const others = callsOf.get(span) ?? []
    if (nearest(others) !== call) continue
    const isOnly = near.length === 1 && others.length === 1
    if (span.failed ? near.every(({ of }) => of.failed) : isOnly) pairs.set(call, span)
  }
  return pairs
}

interface Timed<Item> {
  readonly of: Item
  /** ns after some common time. */
  readonly start: number
  readonly end: number
}

interface Near<Item> {
  readonly of: Item
  /** ns between the ends. */
  readonly apart: number
}

function timed<Item extends Ended>(item: Item, base: bigint): Timed<Item> {
  return { of: item, start: Number(item.start - base), end: Number(item.end - base) }
}

/** The cheap half of what fits: most pairs of a second end here. */
function isWithin(call: Timed<LooseCall>, span: Timed<NamelessSpan>): boolean {
  if (Math.abs(call.end - span.end) > SECOND || span.start > call.start + AHEAD || call.start > span.end)
    return false
  const { ending } = call.of
  if (ending === 'complete') return call.end <= span.end + BEFORE_END
  return ending === 'left' || span.of.failed
}

function fits(call: LooseCall, span: NamelessSpan): boolean {
  return (
    fitsType(span.type, call.dialect) &&
    (call.namedTrace === undefined || call.namedTrace === span.trace) &&
    agree(call.project, span.project) &&
    agree(call.run, span.run) &&
    agree(call.input, span.input) &&
    agree(call.output, span.output) &&
    sameModel(call.models, span.models)
  )
}

/** SDKs that wrap one another write a span each. */
function isParent(span: NamelessSpan, other: NamelessSpan): boolean {
  return span.trace === other.trace && span.spanId === other.parent && span !== other
}

function add<Key, Item>(all: Map<Key, Near<Item>[]>, key: Key, one: Near<Item>): void {
  const known = all.get(key)
  if (known) known.push(one)
  else all.set(key, [one])
}

function nearest<Item extends Ended>(near: readonly Near<Item>[]): Item | undefined {
  let best: Near<Item> | undefined
  for (const one of near) {
    const wins = !best || one.apart < best.apart || (one.apart === best.apart && one.of.key < best.of.key)
    if (wins) best = one
  }
  return best?.of
}

function agree<Value>(one: Value | undefined, other: Value | undefined): boolean {
  return one === undefined || other === undefined || one === other
}

/** Recorders and routers put a provider before the name: `openai/gpt-5`. */
function sameModel(some: readonly string[], others: readonly string[]): boolean {
  if (some.length === 0 || others.length === 0) return true
  return some.some((one) =>
    others.some((other) => one === other || one.endsWith(`/${other}`) || other.endsWith(`/${one}`)),
  )
}
