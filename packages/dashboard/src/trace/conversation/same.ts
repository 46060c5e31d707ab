// Whether a row would be drawn as it is: a thread that is being read is made anew many times. Pure.
import type { Entry, Turn } from './thread-types.ts'

/** True where all members are the very same. */
export function isShallowSame<T extends object>(a: T, b: T): boolean {
  const keys = Object.keys(a) as (keyof T)[]
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at])
}

/** True for messages that look the same. */
export function isSameEntry(a: Entry, b: Entry): boolean {
  return (
    a === b ||
    (a.key === b.key &&
      a.role === b.role &&
      a.edited === b.edited &&
      a.repeats === b.repeats &&
      a.finishReason === b.finishReason &&
      a.call.number === b.call.number &&
      a.choice?.at === b.choice?.at &&
      a.choice?.of === b.choice?.of &&
      isSameList(a.atoms, b.atoms) &&
      a.uses.size === b.uses.size &&
      [...a.uses].every(([place, { result, runs }]) => {
        const other = b.uses.get(place)
        return other !== undefined && other.result === result && isSameList(other.runs, runs)
      }))
  )
}

/** True for calls whose lines look the same. */
export function isSameCallLine(a: Turn, b: Turn): boolean {
  return (
    a === b ||
    (a.call.span === b.call.span &&
      a.call.number === b.call.number &&
      a.resent === b.resent &&
      a.again === b.again &&
      isSameList(
        a.leftOut.map(({ key }) => key),
        b.leftOut.map(({ key }) => key),
      ) &&
      isSameList(a.runs, b.runs))
  )
}
