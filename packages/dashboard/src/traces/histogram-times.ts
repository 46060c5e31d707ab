// Bars of a histogram as times: what a choice of them narrows the list to, and how one is told. Pure.
import { formatTime } from '../../../agentlightning/src/cli/views/format.ts'
import type { Histogram } from '../api.ts'
import { formatCount } from '../values.ts'
import { type TimeRange, timeOf } from './filter.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** Bars side by side, by their places. */
export interface Choice {
  readonly from: number
  readonly to: number
}

/** The two places in either order. */
export function choiceOf(one: number, other: number): Choice {
  return { from: Math.min(one, other), to: Math.max(one, other) }
}

/** When the chosen bars begin and end, ms. */
function timesOf({ fromNs, widthNs }: Histogram, { from, to }: Choice): { fromMs: number; toMs: number } {
  const [firstMs, widthMs] = [Number(BigInt(fromNs) / 1_000_000n), Number(BigInt(widthNs) / 1_000_000n)]
  return { fromMs: firstMs + from * widthMs, toMs: firstMs + (to + 1) * widthMs }
}

/** The time of the chosen bars, as far as it is in the one that the list has: bars at its ends may reach out of it. */
export function rangeOf(
  histogram: Histogram,
  choice: Choice,
  { since, until }: TimeRange,
  nowMs: number,
): TimeRange {
  const { fromMs, toMs } = timesOf(histogram, choice)
  const iso = (ms: number) => new Date(ms).toISOString()
  return {
    since: iso(since === undefined ? fromMs : Math.max(fromMs, timeOf(since, nowMs))),
    until: iso(until === undefined ? toMs : Math.min(toMs, timeOf(until, nowMs))),
  }
}

/** `12 traces, 2 failed · 2026-01-15 12:00 – 12:05 UTC`, of all bars of the choice. */
export function wordsOf(histogram: Histogram, choice: Choice): string {
  const bars = histogram.bars.slice(choice.from, choice.to + 1)
  const sum = (count: (bar: Histogram['bars'][number]) => number) =>
    bars.reduce((total, bar) => total + count(bar), 0)
  const [traces, errors] = [sum((bar) => bar.traces), sum((bar) => bar.errors)]
  const failed = errors === 0 ? '' : `, ${errors.toLocaleString('en')} failed`
  const { fromMs, toMs } = timesOf(histogram, choice)
  const [from, to] = [timeText(histogram, fromMs), timeText(histogram, toMs)]
  // A day that was just told is not told again.
  const [day, time] = to.split(' ')
  const end = time !== undefined && from.startsWith(`${day} `) ? time : to
  return `${formatCount(traces, 'trace')}${failed} · ${from} – ${end} UTC`
}

/** Where the first bar begins and the last one ends. */
export function endsOf(histogram: Histogram): readonly [string, string] {
  const { fromMs, toMs } = timesOf(histogram, { from: 0, to: histogram.bars.length - 1 })
  return [timeText(histogram, fromMs), timeText(histogram, toMs)]
}

/** As exact as the bars are wide. */
function timeText({ widthNs }: Histogram, ms: number): string {
  const widthMs = Number(BigInt(widthNs) / 1_000_000n)
  const text = formatTime(BigInt(ms) * 1_000_000n)
  return text.slice(0, widthMs >= DAY_MS ? 10 : widthMs >= MINUTE_MS ? 16 : 19)
}
