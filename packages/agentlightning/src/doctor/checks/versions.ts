// Versions as packages have them: compared by their numbers.

/** The numbers of a version: `0.4.21rc1` is 0, 4, 21. */
export function numbersOf(version: string): number[] {
  return (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '').split('.').filter(Boolean).map(Number)
}

/** True where `version` is `bound` or later. */
export function atLeast(version: string, bound: string): boolean {
  const [ours, other] = [numbersOf(version), numbersOf(bound)]
  for (let at = 0; at < Math.max(ours.length, other.length); at++) {
    const difference = (ours[at] ?? 0) - (other[at] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}

/** True where `first` <= `version` <= `last`. */
export function within(version: string, first: string, last: string): boolean {
  return atLeast(version, first) && atLeast(last, version)
}
