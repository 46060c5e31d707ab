// What the spans of a trace add up to, kept by adding and taking back single spans. Which span a text comes
// from depends on the spans alone, never on the order of their arrival. Pure.
import { spanTypes } from '../../trace/fields.ts'
import type { TraceStatus } from '../contract.ts'
import { latencyBucket } from '../latency-buckets.ts'
import { addHourUsage, addLatency, type HourKey, Hours } from './hours.ts'

const MAX_LISTED = 500
const MAX_ERROR_LENGTH = 500

/** What a span with usage adds; cost in 1e-12 USD, so that sums are exact in any order. */
export interface UsageSums {
  readonly input: number | undefined
  readonly output: number | undefined
  readonly total: number | undefined
  readonly cost: bigint | undefined
}

/** What one span adds to its trace. Texts are string ids, 0 for none. */
export interface Contribution extends HourKey {
  /** True for a span without parent. */
  readonly root: boolean
  readonly start: bigint
  readonly end: bigint
  readonly span: Buffer
  readonly type: number
  readonly statusCode: number
  readonly name: number
  readonly service: number
  readonly agent: number
  readonly session: number
  readonly user: number
  readonly endState: number
  readonly model: number
  readonly tags: readonly number[]
  readonly error: string | undefined
  readonly hasIds: boolean
  /** `undefined` where the span carries neither usage nor a cost. */
  readonly usage: UsageSums | undefined
}

/** A value and the span that gives it: roots before others, then the earliest, then the lowest id. */
export interface Ranked<Value> {
  readonly root: boolean
  readonly start: bigint
  /** Span id in hex. */
  readonly span: string
  readonly value: Value
}

/** Fields that the best-ranked span with a value gives. */
export const rankedFields = ['name', 'service', 'agent', 'session', 'user', 'endState'] as const

/** The sums of a trace. */
export interface Totals {
  /** Earliest known start; 0 while none is known. */
  start: bigint
  end: bigint
  spans: number
  errors: number
  calls: number
  tools: number
  /** How long ended LLM calls and tools took, ns. */
  llmTime: bigint
  toolTime: bigint
  callsWithIds: number
  /** Status code of the span that gives the name, where it is a root. */
  rootStatus: number
  /** Sums, each with the number of spans in it. */
  usage: { input: number; output: number; total: number; cost: bigint }
  carriers: { input: number; output: number; total: number; cost: number }
  ranked: Record<(typeof rankedFields)[number], Ranked<number> | undefined>
  error: Ranked<string> | undefined
  models: number[]
  tags: number[]
  readonly hours: Hours
}

/** Totals of no spans. */
export function emptyTotals(): Totals {
  return {
    start: 0n,
    end: 0n,
    spans: 0,
    errors: 0,
    calls: 0,
    tools: 0,
    llmTime: 0n,
    toolTime: 0n,
    callsWithIds: 0,
    rootStatus: 0,
    usage: { input: 0, output: 0, total: 0, cost: 0n },
    carriers: { input: 0, output: 0, total: 0, cost: 0 },
    ranked: {
      name: undefined,
      service: undefined,
      agent: undefined,
      session: undefined,
      user: undefined,
      endState: undefined,
    },
    error: undefined,
    models: [],
    tags: [],
    hours: new Hours(),
  }
}

/** Adds a span, all but its usage. */
export function addSpan(totals: Totals, span: Contribution): void {
  count(totals, span, 1)
  offer(totals, span)
}

/** Adds the usage of a span that counts; `key` is the span's. */
export function addUsage(totals: Totals, key: HourKey, usage: UsageSums): void {
  sumUsage(totals, key, usage, 1)
}

/** Takes back what `addUsage` added. */
export function takeUsage(totals: Totals, key: HourKey, usage: UsageSums): void {
  sumUsage(totals, key, usage, -1)
}

/**
 * Puts a later copy of a span in the place of an earlier one, all but its usage. False, and nothing changed,
 * where the earlier copy gave something that the later one lacks: the trace has to be counted again.
 */
export function replaceSpan(totals: Totals, earlier: Contribution, later: Contribution): boolean {
  const keepsRank = earlier.root === later.root && earlier.start === later.start
  const keepsTexts = rankedFields.every((field) => earlier[field] === 0 || later[field] !== 0)
  const keepsError = earlier.error === undefined || later.error !== undefined
  const keepsLists =
    (earlier.model === 0 || earlier.model === later.model) &&
    earlier.tags.every((tag) => later.tags.includes(tag))
  if (!keepsRank || !keepsTexts || !keepsError || !keepsLists || earlier.end > later.end) return false
  count(totals, earlier, -1)
  addSpan(totals, later)
  return true
}

/** Removes from the countable sums what spans added; times, texts and lists stay as they are. */
export function takeCounts(totals: Totals, spans: Totals): void {
  totals.spans -= spans.spans
  totals.errors -= spans.errors
  totals.calls -= spans.calls
  totals.tools -= spans.tools
  totals.llmTime -= spans.llmTime
  totals.toolTime -= spans.toolTime
  totals.callsWithIds -= spans.callsWithIds
  for (const field of ['input', 'output', 'total'] as const) totals.usage[field] -= spans.usage[field]
  totals.usage.cost -= spans.usage.cost
  for (const field of ['input', 'output', 'total', 'cost'] as const)
    totals.carriers[field] -= spans.carriers[field]
  totals.hours.merge(spans.hours.nonZero(), -1)
}

/**
 * Outcome of a trace. `error`: its end state says so, or a root failed, or any span failed and no end state
 * says success. Else `ok` once a root is known, and `running` until then.
 */
export function statusOf(totals: Totals, endState: string | undefined): TraceStatus {
  const said = endState?.toLowerCase()
  if (said === 'fail' || said === 'failure' || said === 'failed' || said === 'error') return 'error'
  if (totals.rootStatus === 2) return 'error'
  const succeeded = said === 'success' || said === 'ok'
  if (totals.errors > 0 && !succeeded) return 'error'
  return isRootKnown(totals) ? 'ok' : 'running'
}

/** True when a span without parent has arrived. */
export function isRootKnown(totals: Totals): boolean {
  return totals.ranked.name?.root === true
}

function count(totals: Totals, span: Contribution, sign: 1 | -1): void {
  totals.spans += sign
  if (span.statusCode === 2) totals.errors += sign
  if (span.type === spanTypes.llm) totals.calls += sign
  if (span.type === spanTypes.tool) totals.tools += sign
  if (span.end > span.start) {
    const time = sign === 1 ? span.end - span.start : span.start - span.end
    if (span.type === spanTypes.llm) totals.llmTime += time
    else if (span.type === spanTypes.tool) totals.toolTime += time
  }
  if (span.hasIds) totals.callsWithIds += sign
  countHour(totals.hours, span, sign)
}

function countHour(hours: Hours, span: Contribution, sign: 1 | -1): void {
  const sums = hours.at(span)
  sums.spans += sign
  if (span.statusCode === 2) sums.errors += sign
  if (span.type !== spanTypes.llm) return
  sums.calls += sign
  // A call that has not ended says nothing about latency.
  if (span.end >= span.start) addLatency(sums, latencyBucket(Number(span.end - span.start)), sign)
}

function offer(totals: Totals, span: Contribution): void {
  if (span.start > 0n && (totals.start === 0n || span.start < totals.start)) totals.start = span.start
  if (span.start > totals.end) totals.end = span.start
  if (span.end > totals.end) totals.end = span.end

  const { ranked } = totals
  if (comesFirst(span, span.root, ranked.name)) {
    ranked.name = rank(span, span.root, span.name)
    totals.rootStatus = span.root ? span.statusCode : 0
  }
  for (let at = 1; at < rankedFields.length; at++) {
    const field = rankedFields[at] as (typeof rankedFields)[number]
    const value = span[field]
    if (value !== 0 && comesFirst(span, span.root, ranked[field]))
      ranked[field] = rank(span, span.root, value)
  }
  if (span.error !== undefined && comesFirst(span, false, totals.error))
    totals.error = rank(span, false, oneLine(span.error))

  if (span.model !== 0) list(totals.models, span.model)
  for (const tag of span.tags) list(totals.tags, tag)
}

function sumUsage(totals: Totals, key: HourKey, usage: UsageSums, sign: 1 | -1): void {
  addHourUsage(totals.hours.at(key), usage, sign)
  const { usage: sums, carriers } = totals
  for (const field of ['input', 'output', 'total'] as const) {
    const value = usage[field]
    if (value === undefined) continue
    sums[field] += sign * value
    carriers[field] += sign
  }
  if (usage.cost === undefined) return
  sums.cost += sign === 1 ? usage.cost : -usage.cost
  carriers.cost += sign
}

function comesFirst(span: Contribution, root: boolean, current: Ranked<unknown> | undefined): boolean {
  if (current === undefined) return true
  if (root !== current.root) return root
  if (span.start !== current.start) return span.start < current.start
  return span.span.toString('hex') <= current.span
}

function rank<Value>(span: Contribution, root: boolean, value: Value): Ranked<Value> {
  return { root, start: span.start, span: span.span.toString('hex'), value }
}

function list(values: number[], value: number): void {
  if (!values.includes(value) && values.length < MAX_LISTED) values.push(value)
}

function oneLine(text: string): string {
  return text.slice(0, MAX_ERROR_LENGTH).replace(/\s+/g, ' ').trim()
}
