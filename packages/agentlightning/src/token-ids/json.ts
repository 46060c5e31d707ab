// Reading parsed JSON of which nothing is known: any member may be of any type.

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>

/** The value as an object, or `undefined`. */
export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined
}

/** The value as an array; an empty one for anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** A text that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A number of things: a whole number that is not negative. */
export function countOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}

/** What a value is, for a sentence: `a string`, `null`, `1.5`. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number') return String(value)
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** The members whose value is known. */
export function known<T extends object>(members: { [K in keyof T]: T[K] | undefined }): T {
  const found: Partial<T> = {}
  for (const name in members) if (members[name] !== undefined) found[name] = members[name]
  return found as T
}
