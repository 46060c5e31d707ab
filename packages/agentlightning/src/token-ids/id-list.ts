// Lists of token ids as replies give them: flat, or one list in another.
import type { Growing } from './growing.ts'
import { describe } from './json.ts'

const BEYOND = 2 ** 32

/** Whether a list holds lists. */
export function isNested(value: unknown): value is readonly (readonly unknown[])[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => Array.isArray(item))
}

/** The lists of a value that is a list of lists; a flat list is the only one. */
export function listsOf(value: unknown): readonly unknown[] {
  return isNested(value) ? value : [value]
}

/**
 * Appends ids to `to`. Gives what is wrong with the value, as the end of a sentence that begins with its path;
 * then nothing of it can be trusted.
 */
export function appendIds(value: unknown, to: Growing<Uint32Array>): string | undefined {
  const list = isNested(value) && value.length === 1 ? value[0] : value
  if (!Array.isArray(list)) return `: expected integers, got ${describe(value)}`
  const { data, start } = to.reserve(list.length)
  for (let at = 0; at < list.length; at++) {
    const id: unknown = list[at]
    if (typeof id !== 'number' || !(id >= 0 && id < BEYOND) || !Number.isInteger(id))
      return `[${at}]: expected an integer from 0 to 4294967295, got ${describe(id)}`
    data[start + at] = id
  }
  return undefined
}

/** As `appendIds` for natural logarithms of probabilities; `null` (the first token of an echo) becomes NaN. */
export function appendLogprobs(list: unknown, to: Growing<Float64Array>): string | undefined {
  if (!Array.isArray(list)) return `: expected numbers, got ${describe(list)}`
  const { data, start } = to.reserve(list.length)
  for (let at = 0; at < list.length; at++) {
    const value: unknown = list[at]
    if (typeof value !== 'number' && value !== null)
      return `[${at}]: expected a number, got ${describe(value)}`
    data[start + at] = value ?? Number.NaN
  }
  return undefined
}

/** Whether two lists are the same. */
export function sameIds(one: Uint32Array, other: Uint32Array): boolean {
  if (one === other) return true
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false
  return true
}
