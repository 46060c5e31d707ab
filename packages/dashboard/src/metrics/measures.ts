// What of a series can be drawn, and the numbers of it.
import type { MetricPoint, MetricSeries } from '../signals-api.ts'

/** A number that points have, in words. */
export type Measure = 'value' | 'per second' | 'mean' | 'count' | 'sum'

/** One place of a line. */
export interface Place {
  readonly ms: number
  readonly value: number
}

const CUMULATIVE = 2
const NS_PER_MS = 1_000_000n

/** The measures of a series, the one that says most first. */
export function measuresOf({
  type,
  temporality,
  monotonic,
}: Pick<MetricSeries, 'type' | 'temporality' | 'monotonic'>): Measure[] {
  if (type === 'gauge') return ['value']
  if (type === 'sum') return monotonic && temporality === CUMULATIVE ? ['per second', 'value'] : ['value']
  return ['mean', 'count', 'sum']
}

/** The line of a measure, by time. Points without it are left out. */
export function lineOf(points: readonly MetricPoint[], measure: Measure): Place[] {
  const places: Place[] = []
  let before: MetricPoint | undefined
  for (const point of points) {
    const value = measure === 'per second' ? rate(before, point) : numberOf(point, measure)
    if (value !== undefined) places.push({ ms: Number(BigInt(point.timeNs) / NS_PER_MS), value })
    before = point
  }
  return places
}

function numberOf({ value, count, sum }: MetricPoint, measure: Measure): number | undefined {
  if (measure === 'value') return value ?? undefined
  if (measure === 'count') return count ?? undefined
  if (measure === 'sum') return sum ?? undefined
  return count && sum != null ? sum / count : undefined
}

/** How much it grew a second since the point before; of a counter that began anew, since its start. */
function rate(before: MetricPoint | undefined, point: MetricPoint): number | undefined {
  if (before?.value == null || point.value == null) return undefined
  const seconds = Number(BigInt(point.timeNs) - BigInt(before.timeNs)) / 1e9
  if (seconds <= 0) return undefined
  const grown = point.value < before.value ? point.value : point.value - before.value
  return grown / seconds
}

/** Up to `most` round numbers between two, for an axis. */
export function ticksOf(least: number, greatest: number, most: number): number[] {
  const span = greatest - least
  if (!(span > 0)) return [least]
  const rough = span / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough
  const ticks: number[] = []
  for (let at = Math.ceil(least / step); at * step <= greatest; at++) ticks.push(at * step)
  return ticks
}
