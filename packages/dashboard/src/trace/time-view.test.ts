import { expect, test } from 'vitest'
import type { TreeSpan } from '../api.ts'
import {
  extentOfView,
  formatView,
  isWhole,
  panned,
  parseView,
  seenPart,
  viewOf,
  viewWithin,
  wholeView,
  zoomed,
} from './time-view.ts'

const extent = { startNs: 1_000_000n, length: 1_000_000 }
const whole = wholeView(extent)

test('zooming in keeps the time under the pointer where it is, and out again leads back', () => {
  const near = zoomed(whole, extent, 0.5, 0.25)
  expect(near).toEqual({ from: 125_000, to: 625_000 })
  expect(near.from + (near.to - near.from) * 0.25).toBe(250_000)
  expect(zoomed(near, extent, 2, 0.25)).toEqual(whole)
  expect(isWhole(zoomed(near, extent, 100), extent)).toBe(true)
})

test('a view never leaves the trace and never becomes shorter than 1 µs', () => {
  expect(panned({ from: 0, to: 100_000 }, extent, -3)).toEqual({ from: 0, to: 100_000 })
  expect(panned({ from: 0, to: 100_000 }, extent, 30)).toEqual({ from: 900_000, to: 1_000_000 })
  const tiny = zoomed(whole, extent, 1e-9)
  expect(tiny.to - tiny.from).toBe(1000)
  expect(viewWithin({ from: -5, to: 5e9 }, extent)).toEqual(whole)
  expect(viewWithin({ from: 5, to: 9 }, { startNs: 0n, length: 10 })).toEqual({ from: 0, to: 10 })
})

test('a span can be zoomed to, with some room around it', () => {
  const span = { startNs: '1400000', endNs: '1500000' } as TreeSpan
  expect(viewOf(span, extent)).toEqual({ from: 390_000, to: 510_000 })
  expect(extentOfView(extent, { from: 390_000, to: 510_000 })).toEqual({
    startNs: 1_390_000n,
    length: 120_000,
  })
  expect(viewOf({ ...span, endNs: '0' }, extent).to).toBe(1_000_000)
})

test('a view can be written into the address and read back', () => {
  const view = { from: 390_000, to: 510_000 }
  expect(formatView(view)).toBe('390-510')
  expect(parseView('390-510')).toEqual(view)
  for (const text of ['', 'x', '5', '5-5', '9-3', '-1-2', '1e3-2e3']) expect(parseView(text)).toBeUndefined()
})

test('of a bar the part within the view is drawn', () => {
  expect(seenPart({ left: 0.2, width: 0.3 })).toEqual({ left: 0.2, width: 0.3, seen: 'here' })
  expect(seenPart({ left: -1, width: 1.5 })).toEqual({ left: 0, width: 0.5, seen: 'here' })
  expect(seenPart({ left: -2, width: 9 })).toEqual({ left: 0, width: 1, seen: 'here' })
  expect(seenPart({ left: -2, width: 1 }).seen).toBe('before')
  expect(seenPart({ left: 1.5, width: 1 }).seen).toBe('after')
})
