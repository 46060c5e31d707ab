import { expect, test } from 'vitest'
import type { Histogram } from '../api.ts'
import { choiceOf, endsOf, rangeOf, wordsOf } from './histogram-times.ts'

const noon = Date.UTC(2026, 0, 15, 12)
const MINUTE = 60_000
const histogram = (widthMs: number, ...bars: readonly (readonly [number, number])[]): Histogram => ({
  fromNs: `${noon}000000`,
  widthNs: `${widthMs}000000`,
  bars: bars.map(([traces, errors]) => ({ traces, errors })),
  complete: true,
})
const anyTime = { since: undefined, until: undefined }

test('chosen bars are a time, whichever way they were chosen', () => {
  const bars = histogram(5 * MINUTE, [1, 0], [2, 1], [0, 0])
  const range = { since: '2026-01-15T12:00:00.000Z', until: '2026-01-15T12:10:00.000Z' }
  expect(rangeOf(bars, choiceOf(0, 1), anyTime, noon)).toEqual(range)
  expect(rangeOf(bars, choiceOf(1, 0), anyTime, noon)).toEqual(range)
})

test('they never widen the time that the list has', () => {
  const bars = histogram(5 * MINUTE, [1, 0], [2, 1], [0, 0])
  const ends = { since: '2026-01-15T12:02:00.000Z', until: '2026-01-15T12:11:30.000Z' }
  expect(rangeOf(bars, choiceOf(0, 2), ends, noon)).toEqual(ends)
  const age = { since: '10m', until: undefined }
  expect(rangeOf(bars, choiceOf(0, 0), age, noon + 13 * MINUTE)).toEqual({
    since: '2026-01-15T12:03:00.000Z',
    until: '2026-01-15T12:05:00.000Z',
  })
})

test.each([
  [5 * MINUTE, choiceOf(0, 0), '1 trace · 2026-01-15 12:00 – 12:05 UTC'],
  [5 * MINUTE, choiceOf(0, 2), '1,203 traces, 31 failed · 2026-01-15 12:00 – 12:15 UTC'],
  [1000, choiceOf(2, 2), '2 traces, 1 failed · 2026-01-15 12:00:02 – 12:00:03 UTC'],
  [12 * 60 * MINUTE, choiceOf(0, 0), '1 trace · 2026-01-15 12:00 – 2026-01-16 00:00 UTC'],
  [7 * 24 * 60 * MINUTE, choiceOf(1, 1), '1,200 traces, 30 failed · 2026-01-22 – 2026-01-29 UTC'],
])('bars of %i ms are told with their time, as exact as they are', (width, choice, words) => {
  expect(wordsOf(histogram(width, [1, 0], [1200, 30], [2, 1]), choice)).toBe(words)
})

test('the ends are those of the first and the last bar', () => {
  expect(endsOf(histogram(MINUTE, [1, 0], [0, 0]))).toEqual(['2026-01-15 12:00', '2026-01-15 12:02'])
})
