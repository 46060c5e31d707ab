// Reading what was parsed from a client's JSON, where any member may be of any type, and writing attributes.
import type { AnyValue, KeyValue } from '../../otlp/decode/types.ts'
import { MOST_TEXT_LEVELS, nesting } from '../nesting.ts'

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>

/** The value as an object, or `undefined`. */
export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined
}

/** A text that says something, without surrounding space. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  return value.trim() || undefined
}

/** A finite number, also one that is written as text. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** The text of a value for people: a text as it is, anything else as JSON; `undefined` for nothing. */
export function shownOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What a JSON text holds, or the value itself when it is no text: pydantic objects arrive as text. */
export function unwrapped(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[{[]/.test(value) || nesting(value) > MOST_TEXT_LEVELS) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

/** Collects attributes; what is `undefined` or empty is left out. */
export class Attributes {
  readonly list: KeyValue[] = []

  text(key: string, value: string | undefined): void {
    if (value !== undefined && value !== '') this.#add(key, { stringValue: value })
  }

  integer(key: string, value: number | undefined): void {
    if (value !== undefined && Number.isSafeInteger(value)) this.#add(key, { intValue: String(value) })
  }

  double(key: string, value: number | undefined): void {
    if (value !== undefined) this.#add(key, { doubleValue: value })
  }

  texts(key: string, values: readonly string[] | undefined): void {
    if (values === undefined || values.length === 0) return
    this.#add(key, { arrayValue: { values: values.map((stringValue) => ({ stringValue })) } })
  }

  integers(key: string, values: readonly number[] | undefined): void {
    if (values === undefined || values.length === 0) return
    this.#add(key, { arrayValue: { values: values.map((value) => ({ intValue: String(value) })) } })
  }

  #add(key: string, value: AnyValue): void {
    this.list.push({ key, value })
  }
}

/** Tags: a list of texts, one text, or the object that 0.0.2 sent, as `key:value`. */
export function tagsOf(value: unknown): readonly string[] | undefined {
  if (Array.isArray(value)) return value.map(shownOf).filter((tag) => tag !== undefined)
  const object = objectOf(value)
  if (object) return Object.entries(object).map(([key, member]) => `${key}:${shownOf(member) ?? ''}`)
  const text = textOf(value)
  return text === undefined ? undefined : [text]
}
