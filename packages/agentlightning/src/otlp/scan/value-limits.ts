// What is said of a value that exceeds its limits, in either encoding.

/** An array with more than `most` integers, or other elements. */
export function longArray(most: number, of: 'integers' | 'elements'): string {
  return `an array has more than ${most} ${of}`
}

/** A key-value list with more than `most` entries. */
export function longList(most: number): string {
  return `a key-value list has more than ${most} entries`
}

/** A value with more than `depth` levels. */
export function tooDeep(depth: number): string {
  return `a value is nested deeper than ${depth} levels`
}

/** Why nothing of a resource, scope or metric can be taken. */
export function contextProblem(what: 'resource' | 'scope' | 'metric', problem: string): string {
  return `in its ${what}, ${problem}`
}
