import { expect, test } from 'vitest'
import { histogramOf } from './trace-histogram.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const noon = Date.UTC(2026, 0, 15, 12)
const at = (...times: readonly number[]) => times.map((ms) => ({ ms, failed: false }))
const open = { from: undefined, to: undefined }

test('bars are of a round width, begin at a multiple of it, and count what began in them', () => {
  const starts = [
    { ms: noon, failed: true },
    { ms: noon + 299_999, failed: false },
    { ms: noon + 300_000, failed: false },
    { ms: noon + HOUR, failed: true },
  ]
  const { fromMs, widthMs, bars } = histogramOf(starts, open, 20)
  expect([fromMs, widthMs, bars.length]).toEqual([noon, 300_000, 13])
  expect(bars[0]).toEqual({ traces: 2, errors: 1 })
  expect(bars[1]).toEqual({ traces: 1, errors: 0 })
  expect(bars[2]).toEqual({ traces: 0, errors: 0 })
  expect(bars[12]).toEqual({ traces: 1, errors: 1 })
})

test('they reach over the time that is asked for, and over what began outside of it', () => {
  const asked = histogramOf(at(noon), { from: noon - DAY, to: noon + 1 }, 60)
  expect([asked.fromMs, asked.widthMs, asked.bars.length]).toEqual([noon - DAY, HOUR / 2, 49])
  expect(asked.bars.at(-1)?.traces).toBe(1)
  const ahead = histogramOf(at(noon + 2 * HOUR), { from: noon, to: noon + HOUR }, 60)
  expect(ahead.bars.at(-1)?.traces).toBe(1)
})

test.each([
  ['one trace', at(noon), 60],
  ['one bar', at(noon - 1, noon), 1],
  ['the epoch and today', at(0, noon), 60],
  ['the epoch and the last time there is', at(0, 9_223_372_036_854), 2],
  ['many within a second', at(noon, noon + 1, noon + 2), 200],
])('%s are counted in as many bars as there may be', (_, starts, most) => {
  const { fromMs, widthMs, bars } = histogramOf(starts, open, most)
  expect(bars.length).toBeLessThanOrEqual(most)
  expect(bars.reduce((sum, { traces }) => sum + traces, 0)).toBe(starts.length)
  expect(fromMs).toBeLessThanOrEqual(Math.min(...starts.map(({ ms }) => ms)))
  expect(fromMs % widthMs).toBe(0)
})

test('without a trace there are empty bars where a time is asked for, else none', () => {
  expect(histogramOf([], open, 60).bars).toEqual([])
  expect(histogramOf([], { from: noon, to: undefined }, 60).bars).toEqual([])
  expect(histogramOf([], { from: noon + 1, to: noon }, 60).bars).toEqual([])
  const { bars } = histogramOf([], { from: noon - HOUR, to: noon - 1 }, 60)
  expect(bars).toHaveLength(60)
  expect(bars.every(({ traces }) => traces === 0)).toBe(true)
})
