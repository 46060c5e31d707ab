// Numbers and attributes of metrics in words: the same in the terminal and on the page.
import type { MetricPoint, MetricSeries } from '../../store/signals.ts'
import { UNKNOWN } from './format.ts'
import { cleanLine } from './text.ts'

/** What one point says in one number: its value, or the mean of what it counted. */
export function pointValue({
  value,
  count,
  sum,
}: Pick<MetricPoint, 'value' | 'count' | 'sum'>): number | undefined {
  if (value != null) return value
  return count != null && sum != null && count > 0 ? sum / count : undefined
}

/** A number in at most 6 digits; unknown is `–`. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined) return UNKNOWN
  return value.toLocaleString('en', { maximumSignificantDigits: 6 })
}

/** `key=value key=value` of a series' attributes. */
export function attributesLine({ attributes }: Pick<MetricSeries, 'attributes'>): string {
  const pairs = Object.entries(attributes).map(
    ([key, value]) => `${key}=${typeof value === 'object' ? plainText(value) : String(value)}`,
  )
  return cleanLine(pairs.join(' '))
}

/** A value as JSON; whole numbers that came as text stay text. */
function plainText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner))
}

/** A unit in words: `1` says nothing, and annotations stand without their braces (UCUM). */
export function unitWord(unit: string): string {
  return unit === '1' ? '' : cleanLine(unit.replace(/[{}]/g, ''))
}
