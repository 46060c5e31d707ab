// Careful reading of values of unknown shape.
import type { PlainValue } from '../../otlp/decode/plain-value.ts'
import { MOST_TEXT_LEVELS, nesting } from '../nesting.ts'

/** Anything that JSON or an attribute can hold. */
export type Value = PlainValue | undefined

/** A longer text is not tried as JSON. */
const JSON_LIMIT = 32 * 1024 * 1024

/** The members of an object; none of anything else. */
export function members(value: Value): { readonly [key: string]: PlainValue | undefined } {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {}
}

/** The value that a text holds as JSON object or array; any other value as it is. */
export function parsed(value: Value): Value {
  if (typeof value !== 'string' || value.length > JSON_LIMIT) return value
  const first = /^\s*([[{])/.exec(value)
  if (!first || nesting(value) > MOST_TEXT_LEVELS) return value
  try {
    return JSON.parse(value) as PlainValue
  } catch {
    // Cut off by a limit of the SDK, or no JSON at all.
    return value
  }
}

/** The text in a JSON string, for producers that encode every value; nothing for `null`; else the value as it is. */
export function unquoted(value: Value): Value {
  if (value === 'null') return undefined
  if (typeof value !== 'string' || !value.startsWith('"')) return value
  try {
    return JSON.parse(value) as PlainValue
  } catch {
    return value
  }
}

/** The value as text: a string as it is, anything else as JSON; nothing for what is absent. */
export function textOf(value: Value): string | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A text that says something. */
export function said(value: Value): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The first of `names` that the object has. */
export function firstOf(of: Readonly<Record<string, Value>>, ...names: readonly string[]): Value {
  for (const name of names) if (of[name] !== undefined && of[name] !== null) return of[name]
  return undefined
}
