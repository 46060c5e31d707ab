// Numbers as people read them: the same words in every view.

/** What is not known. */
export const UNKNOWN = '–'

const US = 1_000n
const MS = 1_000_000n
const SECOND = 1_000_000_000n
const MINUTE = 60n * SECOND
const HOUR = 60n * MINUTE
const DAY = 24n * HOUR

/** `12 µs`, `820 ms`, `3.42 s`, `2 m 05 s`, `1 h 02 m`, `3 d 04 h`. Below zero counts as zero. */
export function formatDuration(ns: bigint): string {
  if (ns < US) return ns <= 0n ? '0 ms' : '1 µs'
  if (ns < MS) return `${Number(ns / US)} µs`
  if (ns < 10n * MS) return `${(Number(ns) / 1e6).toFixed(1)} ms`
  // Rounding must not show `1000 ms` or `60.00 s`: the bounds are those of what is printed.
  if (ns < 999_500_000n) return `${Math.round(Number(ns) / 1e6)} ms`
  if (ns < 9_995_000_000n) return `${(Number(ns) / 1e9).toFixed(2)} s`
  if (ns < 59_950_000_000n) return `${(Number(ns) / 1e9).toFixed(1)} s`
  if (ns < HOUR - SECOND / 2n) {
    const seconds = (ns + SECOND / 2n) / SECOND
    return `${seconds / 60n} m ${two(seconds % 60n)} s`
  }
  if (ns < DAY - MINUTE / 2n) {
    const minutes = (ns + MINUTE / 2n) / MINUTE
    return `${minutes / 60n} h ${two(minutes % 60n)} m`
  }
  const hours = (ns + HOUR / 2n) / HOUR
  return `${hours / 24n} d ${two(hours % 24n)} h`
}

/** `now`, `12 s ago`, `5 m ago`, `3 h ago`, `2 d ago`; after 30 days the date. `in 5 m` for a clock ahead. */
export function formatAgo(thenNs: bigint, nowNs: bigint): string {
  const delta = nowNs - thenNs
  if (delta < 0n) return delta > -5n * SECOND ? 'now' : `in ${roughly(-delta)}`
  if (delta < SECOND) return 'now'
  return delta < 30n * DAY ? `${roughly(delta)} ago` : (formatTime(thenNs).split(' ')[0] as string)
}

function roughly(ns: bigint): string {
  if (ns < MINUTE) return `${ns / SECOND} s`
  if (ns < HOUR) return `${ns / MINUTE} m`
  if (ns < DAY) return `${ns / HOUR} h`
  return `${ns / DAY} d`
}

/** `2026-11-22 20:46:49.281` in UTC; times outside of what a calendar holds as they are. */
export function formatTime(ns: bigint): string {
  const time = new Date(Number(ns / MS))
  return Number.isNaN(time.getTime()) ? `${ns} ns` : time.toISOString().replace('T', ' ').replace('Z', '')
}

/** `812`, `12.4k`, `312k`, `1.2M`; unknown is `–`. */
export function formatTokens(tokens: number | undefined | null): string {
  if (tokens == null) return UNKNOWN
  if (tokens < 1_000) return String(Math.round(tokens))
  return scaled(tokens, [
    [1e3, 'k'],
    [1e6, 'M'],
    [1e9, 'B'],
  ])
}

/** `812 B`, `12.4 kB`, `3.1 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${Math.round(bytes)} B`
  return scaled(bytes, [
    [1e3, ' kB'],
    [1e6, ' MB'],
    [1e9, ' GB'],
    [1e12, ' TB'],
  ])
}

function scaled(value: number, units: readonly (readonly [number, string])[]): string {
  for (const [size, unit] of units) {
    const number = value / size
    // One decimal below a hundred; what would round up to 1000 goes to the next unit.
    if (number < 99.95) return number.toFixed(1) + unit
    if (number < 999.5) return number.toFixed(0) + unit
  }
  const [size, unit] = units[units.length - 1] as readonly [number, string]
  return groups((value / size).toFixed(0)) + unit
}

/**
 * USD. Two significant digits below a dollar, so that what cost something never shows as zero; cents above.
 * Unknown is `–`, free is `$0`.
 */
export function formatCost(usd: number | undefined | null): string {
  if (usd == null) return UNKNOWN
  if (usd <= 0) return '$0'
  if (usd >= 0.995) {
    const [whole, cents] = usd.toFixed(2).split('.') as [string, string]
    return usd < 999.995 ? `$${whole}.${cents}` : `$${groups(usd.toFixed(0))}`
  }
  if (usd < 1e-6) return '<$0.000001'
  const rounded = Number(usd.toPrecision(2))
  const text = rounded.toFixed(1 - Math.floor(Math.log10(rounded)))
  return `$${rounded < 0.01 ? text.replace(/0$/, '') : text}`
}

/** `100%` only when all are; `<1%` and `>99%` where rounding would hide some. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0) return ''
  if (part >= whole) return '100%'
  if (part <= 0) return '0%'
  const percent = (100 * part) / whole
  return percent < 1 ? '<1%' : percent > 99 ? '>99%' : `${Math.floor(percent)}%`
}

/** `1 call`, `2 calls`, `12,345 calls`. */
export function formatCount(number: number, word: string): string {
  return `${groups(String(number))} ${word}${number === 1 ? '' : 's'}`
}

function groups(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',')
}

function two(number: bigint): string {
  return String(number).padStart(2, '0')
}
