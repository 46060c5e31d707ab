import { expect, test } from 'vitest'
import type { TreeSpan } from '../api.ts'
import { criticalPath, marksWithin, timeOn, waitByKind } from './critical-path.ts'
import { extentOf, treeRows } from './tree.ts'

const span = (spanId: string, parentSpanId: string | undefined, from: number, to: number, type = 'other') =>
  ({ spanId, parentSpanId, startNs: String(from), endNs: String(to), fields: { type } }) as TreeSpan

const pathOf = (...spans: readonly TreeSpan[]) => {
  const path = criticalPath(treeRows(spans), extentOf(spans))
  return Object.fromEntries([...path].map(([id, parts]) => [id, parts.map(({ from, to }) => [from, to])]))
}

test('of spans one after the other each counts, and what is between them is their parent’s', () => {
  expect(pathOf(span('a', undefined, 0, 100), span('b', 'a', 10, 40), span('c', 'a', 50, 90))).toEqual({
    a: [
      [90, 100],
      [40, 50],
      [0, 10],
    ],
    b: [[10, 40]],
    c: [[50, 90]],
  })
})

test('of spans at the same time the one that ended last counts', () => {
  const path = pathOf(
    span('a', undefined, 0, 100),
    span('quick', 'a', 10, 50),
    span('slow', 'a', 10, 80),
    span('within', 'quick', 20, 30),
  )
  expect(Object.keys(path).sort()).toEqual(['a', 'slow'])
  expect(path.slow).toEqual([[10, 80]])
})

test('before what it waited for began, it waited for what ended last until then', () => {
  expect(
    pathOf(
      span('a', undefined, 0, 100),
      span('b', 'a', 0, 60),
      span('c', 'a', 20, 50),
      span('d', 'a', 55, 100),
    ),
  ).toEqual({
    d: [[55, 100]],
    a: [
      [50, 55],
      [0, 20],
    ],
    c: [[20, 50]],
  })
})

test('what goes on after its parent counts until the parent’s end, and a later root on its own', () => {
  expect(
    pathOf(span('a', undefined, 0, 50), span('b', 'a', 20, 80), span('late', undefined, 90, 100)),
  ).toEqual({
    late: [[90, 100]],
    a: [[0, 20]],
    b: [[20, 50]],
  })
})

test('a span that has not ended is waited for until now', () => {
  expect(pathOf(span('a', undefined, 0, 0), span('b', 'a', 10, 0), span('c', 'a', 0, 100))).toEqual({
    a: [[0, 10]],
    b: [[10, 100]],
  })
})

test('the path of a trace without gaps is as long as the trace, whatever its shape', () => {
  const spans = [span('root', undefined, 0, 100_000)]
  for (let at = 1; at < 20_000; at++) {
    const parent = spans[Math.floor((((at * 7919) % 1000) / 1000) * spans.length)] as TreeSpan
    const [from, to] = [Number(parent.startNs), Number(parent.endNs)]
    const start = from + Math.floor(((to - from) * ((at * 31) % 100)) / 100)
    const end = start + Math.floor(((to - start) * ((at * 17) % 100)) / 100)
    spans.push(span(`s${at}`, parent.spanId, start, end))
  }
  const rows = treeRows(spans)
  const path = criticalPath(rows, extentOf(spans))
  expect([...path.keys()].reduce((sum, id) => sum + timeOn(path, id), 0)).toBe(100_000)
})

test('a chain of 100,000 spans is walked down', () => {
  const spans = Array.from({ length: 100_000 }, (_, at) =>
    span(`s${at}`, at === 0 ? undefined : `s${at - 1}`, at, 200_000),
  )
  expect(criticalPath(treeRows(spans), extentOf(spans)).size).toBe(100_000)
})

test('time is summed by kind', () => {
  const spans = [
    span('a', undefined, 0, 100, 'agent'),
    span('b', 'a', 0, 70, 'llm'),
    span('c', 'a', 80, 100, 'tool'),
  ]
  const rows = treeRows(spans)
  expect(waitByKind(rows, criticalPath(rows, extentOf(spans)))).toEqual([
    { kind: 'llm', ns: 70 },
    { kind: 'tool', ns: 20 },
    { kind: 'agent', ns: 10 },
  ])
})

test('marks are what is seen of the parts, those side by side as one', () => {
  const parts = [
    { from: 900, to: 1000 },
    { from: 500, to: 600 },
    { from: 400, to: 500 },
    { from: 0, to: 10 },
  ]
  expect(marksWithin(parts, { from: 0, to: 1000 })).toEqual(
    [
      { left: 0.9, width: 0.1 },
      { left: 0.4, width: 0.2 },
      { left: 0, width: 0.01 },
    ].map(({ left, width }) => ({ left, width: expect.closeTo(width, 9) })),
  )
  expect(marksWithin(parts, { from: 450, to: 550 })).toEqual([{ left: 0, width: 1 }])
})
