// What attribute values mean that arrive as text: numbers and arrays inside strings.

/** Longest text, in bytes, that may be a number. */
export const LONGEST_NUMBER = 64

/** Longest text that may be an exact integer: beyond it the search for one would cost too much. */
const LONGEST_INTEGER = 128

/** Longest text, in bytes, that is looked into for a JSON array. */
export const LONGEST_JSON_ARRAY = 64 * 1024

const decimal = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/

/** The number that `text` is as a whole, or `undefined`. */
export function numberFromText(text: string): number | undefined {
  return decimal.test(text) ? finite(Number(text)) : undefined
}

/** `value` if it is a finite number. */
export function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}

/** The strings of the JSON array that `text` holds; `undefined` when it holds none. */
export function stringsFromText(text: string): string[] | undefined {
  if (!/^\s*\[/.test(text)) return undefined
  try {
    const parsed: unknown = JSON.parse(text)
    if (!Array.isArray(parsed)) return undefined
    return parsed.filter((item) => typeof item === 'string')
  } catch {
    return undefined
  }
}

/**
 * The integer that a JSON number stands for, in decimal and exact, however large: `12`, `-0`, `1.5e3`.
 * `undefined` when it is no integer, or one of more than 40 digits.
 */
export function exactInteger(text: string): string | undefined {
  if (text.length > LONGEST_INTEGER) return undefined
  const match = /^([-+]?)0*(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([-+]?\d{1,3}))?$/.exec(text.trim())
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const places = Number(exponent) - fraction.length
  const digits = whole + fraction
  if (places > 40) return undefined
  const kept = places < 0 ? digits.slice(0, places) || '0' : digits + '0'.repeat(places)
  if (places < 0 && /[^0]/.test(digits.slice(places))) return undefined
  const value = kept.replace(/^0+(?=\d)/, '')
  return sign === '-' && value !== '0' ? `-${value}` : value
}
