import { expect, test } from 'vitest'
import type { MetricPoint } from '../signals-api.ts'
import { lineOf, measuresOf, ticksOf } from './measures.ts'

function point(second: number, numbers: Partial<MetricPoint>): MetricPoint {
  const none = { value: undefined, count: undefined, sum: undefined, min: undefined, max: undefined }
  return { startNs: '0', timeNs: `${second}000000000`, points: 1, ...none, ...numbers }
}

test('a counter that goes on growing is drawn by how fast, also where it began anew', () => {
  expect(measuresOf({ type: 'sum', temporality: 2, monotonic: true })).toEqual(['per second', 'value'])
  const points = [point(0, { value: 10 }), point(2, { value: 30 }), point(3, { value: 4 })]
  expect(lineOf(points, 'per second')).toEqual([
    { ms: 2000, value: 10 },
    { ms: 3000, value: 4 },
  ])
})

test('a histogram is drawn by its mean, count or sum, and points without them are left out', () => {
  expect(measuresOf({ type: 'exponentialHistogram', temporality: 1, monotonic: false })).toEqual([
    'mean',
    'count',
    'sum',
  ])
  const points = [point(1, { count: 4, sum: 10 }), point(2, { count: 0, sum: 0 })]
  expect(lineOf(points, 'mean')).toEqual([{ ms: 1000, value: 2.5 }])
  expect(lineOf(points, 'count')).toHaveLength(2)
})

test.each([
  [0, 10, 5, [0, 2, 4, 6, 8, 10]],
  [3, 3, 5, [3]],
  [-1, 1, 2, [-1, 0, 1]],
])('ticks between %d and %d are round', (least, greatest, most, ticks) => {
  expect(ticksOf(least, greatest, most)).toEqual(ticks)
})
