// Traces over time: how many of a filter began when, in bars of one round width. Pure but for the question itself.
import type { TraceFilter, TraceStart } from '../store/contract.ts'
import type { QuerySources } from './queries.ts'

/** Traces that began in a time, and how many of them failed. */
export interface HistogramBar {
  readonly traces: number
  readonly errors: number
}

/** Bars side by side, oldest first. */
export interface Histogram {
  /** Where the first one begins: a multiple of the width since the Unix epoch. */
  readonly fromMs: number
  readonly widthMs: number
  readonly bars: readonly HistogramBar[]
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY
const widths = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 30, 90].map((days) => days * DAY),
  YEAR,
]

const NS_PER_MS = 1_000_000n

/** The traces of a filter over its time: to now where it has no end, and no further back than what is counted. */
export async function getTraceHistogram(
  { store }: QuerySources,
  { filter, bars, nowMs }: { filter: TraceFilter; bars: number; nowMs: number },
): Promise<object> {
  const { starts, complete } = await store.traceStarts(filter)
  const { sinceNs, untilNs } = filter
  const from = complete && sinceNs !== undefined ? Math.max(0, Number(sinceNs / NS_PER_MS)) : undefined
  // What ends a time is no longer within it, and what lies ahead is empty.
  const end = untilNs === undefined ? nowMs : Math.min(nowMs, Number((untilNs - 1n) / NS_PER_MS))
  const to = sinceNs === undefined && untilNs === undefined ? undefined : end
  const { fromMs, widthMs, bars: counted } = histogramOf(starts, { from, to }, bars)
  return {
    fromNs: BigInt(fromMs) * NS_PER_MS,
    widthNs: BigInt(widthMs) * NS_PER_MS,
    bars: counted,
    complete,
  }
}

/**
 * Counts `starts` in `most` bars or fewer, as narrow as a round width allows. They reach from `from` to `to`, in ms, and
 * over everything that began before or after. Without a start and a time there is no bar.
 */
export function histogramOf(
  starts: readonly TraceStart[],
  { from, to }: { readonly from: number | undefined; readonly to: number | undefined },
  most: number,
): Histogram {
  let [first, last] = [from ?? Number.POSITIVE_INFINITY, to ?? Number.NEGATIVE_INFINITY]
  for (const { ms } of starts) {
    if (ms < first) first = ms
    if (ms > last) last = ms
  }
  // A time of which only the end is known, or that has not begun.
  if (!(first <= last)) return { fromMs: 0, widthMs: widths[0] as number, bars: [] }
  const reaches = (width: number) => Math.floor(last / width) - Math.floor(first / width) < most
  let widthMs = widths.find(reaches) ?? YEAR
  while (!reaches(widthMs)) widthMs *= 2
  const place = (ms: number) => Math.floor(ms / widthMs) - Math.floor(first / widthMs)
  const bars = Array.from({ length: place(last) + 1 }, () => ({ traces: 0, errors: 0 }))
  for (const { ms, failed } of starts) {
    const bar = bars[place(ms)]
    if (!bar) continue
    bar.traces++
    if (failed) bar.errors++
  }
  return { fromMs: Math.floor(first / widthMs) * widthMs, widthMs, bars }
}
