import { expect, test } from 'vitest'
import { miniBar } from './mini-bar.tsx'

test('the longest trace fills its room, and its parts are those of its time', () => {
  const { llm, tool, rest } = miniBar(1000, 500, 250, 1000)
  expect([llm, tool, rest]).toEqual([0.5, 0.25, 0.25])
})

test('a short trace is still seen beside a long one', () => {
  const { llm, tool, rest } = miniBar(100, 0, 0, 10_000)
  expect([llm, tool]).toEqual([0, 0])
  expect(rest).toBeCloseTo(0.1)
})

test('calls that ran in parallel share the length of the trace', () => {
  const { llm, tool, rest } = miniBar(100, 300, 100, 100)
  expect(llm).toBeCloseTo(0.75)
  expect(tool).toBeCloseTo(0.25)
  expect(rest).toBeCloseTo(0)
})

test('nothing is wider than its room, and nothing is negative', () => {
  for (const numbers of [
    [0, 0, 0, 0],
    [5, 9, 9, 1],
    [-1, 0, 0, 1],
  ] as const) {
    const [duration, calls, tools, longest] = numbers
    const { llm, tool, rest } = miniBar(duration, calls, tools, longest)
    expect(Math.min(llm, tool, rest)).toBeGreaterThanOrEqual(0)
    expect(llm + tool + rest).toBeLessThanOrEqual(1.000001)
  }
})
