// Token ids come as arrays of ten thousands of integers: the one loop of the scan that is worth its tricks.
import type { Wire } from './wire.ts'

// An element is `0a LENGTH 18 VARINT` (ArrayValue.values = 1, AnyValue.int_value = 3). By LENGTH, for varints of one
// to three bytes (values below 2^21): the continuation bits of those bytes, and which of them must be set.
const bits = [0, 0, 0x80, 0x8080, 0x80_8080]
const set = [0, 0, 0, 0x80, 0x8080]

/**
 * Passes over the elements from `start` on that are nothing but an int_value and gives their number; `wire.pos` is
 * then at the first element that is anything else, well-formed or not, or at `end`.
 */
export function skipIntElements(wire: Wire, start: number, end: number): number {
  const { body, view } = wire
  let p = start
  let count = 0
  for (;;) {
    // A word at a time and without a branch on the length, which no processor can guess.
    while (p + 7 <= end) {
      const head = view.getUint32(p, true)
      const length = (head >>> 8) & 0xff
      if ((head & 0xff_00ff) !== 0x18_000a || length < 2 || length > 4) break
      if ((view.getUint32(p + 3, true) & bits[length]!) !== set[length]!) break
      p += length + 2
      count++
    }
    const next = skipOne(body, p, end)
    if (next === p) break
    p = next
    count++
  }
  wire.pos = p
  return count
}

/** As above for one element of any length; `p` itself when it is anything else. */
function skipOne(body: Buffer, p: number, end: number): number {
  if (p + 4 > end || body[p] !== 0x0a || body[p + 2] !== 0x18) return p
  const last = p + 1 + body[p + 1]!
  if (last >= end || last > p + 12 || last < p + 3) return p
  let q = p + 3
  while (q < last && body[q]! >= 0x80) q++
  return q === last && body[q]! < 0x80 ? last + 1 : p
}
