// Which gateway call a span stands for that tells no response id: it is time that says it. A function of the calls and
// spans that are there. Pure.
import { fitsType } from './assign.ts'

/** Times here are ns. */
const SECOND = 1_000_000_000
/** A client's clock may be ahead of the gateway's by so much where both run on one machine. */
const CLOCK = 5_000_000

/** More calls, or spans, than these within a second say nothing about which belongs to which. */
export const MOST_A_SECOND = 64

/** What both sides tell. `undefined` is unknown, and contradicts nothing. */
interface Ended {
  readonly key: string
  readonly start: bigint
  readonly end: bigint
  readonly model: string | undefined
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
  const spansOf = new Map<Call, Candidates<Span>>()
  const callsOf = new Map<Span, Candidates<Call>>()
  /** Calls that a span which did not fail may stand for. */
  const fitSuccess = new Set<Call>()
  const timedSpans = spans.map((span) => timed(span, first.end))
  for (const call of calls.map((one) => timed(one, first.end)))
    for (const span of timedSpans) {
      if (!isWithin(call, span) || !fits(call.of, span.of)) continue
      const apart = Math.abs(call.end - span.end)
      add(spansOf, call.of, { of: span.of, apart })
      add(callsOf, span.of, { of: call.of, apart })
      if (!span.of.failed) fitSuccess.add(call.of)
    }
  const pairs = new Map<Call, Span>()
  for (const [call, { nearest, count }] of spansOf) {
    const span = nearest.of
    const others = callsOf.get(span)
    if (others?.nearest.of !== call) continue
    const isOnly = count === 1 && others.count === 1
    if (span.failed ? !fitSuccess.has(call) : isOnly) pairs.set(call, span)
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

interface Candidates<Item> {
  readonly nearest: Near<Item>
  readonly count: number
}

function timed<Item extends Ended>(item: Item, base: bigint): Timed<Item> {
  return { of: item, start: Number(item.start - base), end: Number(item.end - base) }
}

/** The cheap half of what fits: most pairs of a second end here. */
function isWithin(call: Timed<LooseCall>, span: Timed<NamelessSpan>): boolean {
  if (Math.abs(call.end - span.end) > SECOND || span.start > call.start + CLOCK || call.start > span.end)
    return false
  const { ending } = call.of
  if (ending === 'complete') return call.end <= span.end + CLOCK
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
    sameModel(call.model, span.model)
  )
}

function add<Key, Item extends Ended>(
  candidates: Map<Key, Candidates<Item>>,
  key: Key,
  one: Near<Item>,
): void {
  const known = candidates.get(key)
  if (!known) {
    candidates.set(key, { nearest: one, count: 1 })
    return
  }
  const { nearest, count } = known
  const isNearer = one.apart === nearest.apart ? one.of.key < nearest.of.key : one.apart < nearest.apart
  candidates.set(key, { nearest: isNearer ? one : nearest, count: count + 1 })
}

function agree<Value>(one: Value | undefined, other: Value | undefined): boolean {
  return one === undefined || other === undefined || one === other
}

/** Recorders and routers put a provider before the name: `openai/gpt-5`. */
function sameModel(one: string | undefined, other: string | undefined): boolean {
  return agree(one, other) || Boolean(one?.endsWith(`/${other}`)) || Boolean(other?.endsWith(`/${one}`))
}
