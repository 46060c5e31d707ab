import { expect, test } from 'vitest'
import type { TreeSpan } from '../api.ts'
import { allFolds, noFolds, withFolded } from './folds.ts'
import { ancestorsOf, axisTicks, barOf, extentOf, spanHas, treeRows, visibleRows } from './tree.ts'

const span = (
  spanId: string,
  parentSpanId: string | undefined,
  from: number,
  to: number,
  statusCode = 0,
): TreeSpan =>
  ({ spanId, parentSpanId, startNs: String(from), endNs: String(to), statusCode, name: spanId }) as TreeSpan

const shape = (spans: readonly TreeSpan[]) =>
  treeRows(spans).map((row) => `${'-'.repeat(row.depth)}${row.span.spanId}`)

test('children stand below their parent in the order of time, whatever came first', () => {
  const spans = [span('c', 'a', 5, 6), span('d', 'b', 3, 4), span('b', 'a', 2, 4), span('a', undefined, 1, 9)]
  expect(shape(spans)).toEqual(['a', '-b', '--d', '-c'])
})

test('a span whose parent never arrived is a root', () => {
  expect(shape([span('x', 'lost', 1, 2), span('y', undefined, 2, 3)])).toEqual(['x', 'y'])
})

test('a circle of parents is shown and ends', () => {
  const rows = shape([span('a', 'b', 1, 2), span('b', 'a', 2, 3), span('c', 'c', 3, 4)])
  expect(rows).toEqual(['c', 'a', '-b'])
})

test('what is below a row is counted, failures too', () => {
  const rows = treeRows([
    span('a', undefined, 1, 9),
    span('b', 'a', 2, 4, 2),
    span('c', 'b', 2, 3, 2),
    span('d', 'a', 5, 6),
  ])
  expect(rows.map(({ descendants, errorsBelow, children }) => [descendants, errorsBelow, children])).toEqual([
    [3, 2, 2],
    [1, 1, 1],
    [0, 0, 0],
    [0, 0, 0],
  ])
  expect(visibleRows(rows, withFolded(noFolds, ['b'], true)).map((row) => row.span.spanId)).toEqual([
    'a',
    'b',
    'd',
  ])
  expect(visibleRows(rows, withFolded(noFolds, ['a'], true)).map((row) => row.span.spanId)).toEqual(['a'])
  expect(visibleRows(rows, withFolded(allFolds, ['a'], false)).map((row) => row.span.spanId)).toEqual([
    'a',
    'b',
    'd',
  ])
  expect(ancestorsOf(rows, 'c')).toEqual(['b', 'a'])
})

test('a chain of 100,000 spans is no deeper than a list', () => {
  const spans = Array.from({ length: 100_000 }, (_, at) =>
    span(`s${at}`, at === 0 ? undefined : `s${at - 1}`, at, 200_000),
  )
  const rows = treeRows(spans)
  expect(rows.at(-1)?.depth).toBe(99_999)
  expect(rows[0]?.descendants).toBe(99_999)
})

test('bars are shares of the whole time, also outside of the parent', () => {
  const spans = [span('a', undefined, 100, 200), span('late', 'a', 200, 300), span('open', 'a', 150, 0)]
  const extent = extentOf(spans)
  expect(extent).toEqual({ startNs: 100n, length: 200 })
  expect(spans.map((own) => barOf(own, extent))).toEqual([
    { left: 0, width: 0.5 },
    { left: 0.5, width: 0.5 },
    { left: 0.25, width: 0.75 },
  ])
})

test('ticks are round', () => {
  expect(axisTicks(8.6e9, 6)).toEqual([0, 2e9, 4e9, 6e9, 8e9])
  expect(axisTicks(1, 5).length).toBeLessThanOrEqual(6)
  expect(axisTicks(2e6, 4, 7.3e6)).toEqual([7.5e6, 8e6, 8.5e6, 9e6])
})

test('a span is found by its name, tool, model, agent, error or id, in any case', () => {
  const fields = { type: 'llm', tool: 'Search', responseModel: 'qwen3', error: 'Rate Limit' }
  const own = { ...span('ab12cd34', undefined, 1, 2), service: 'planner', fields } as TreeSpan
  for (const text of ['AB12', 'search', 'qwen', 'rate limit', 'PLANNER'])
    expect(spanHas(own, text.toLowerCase())).toBe(true)
  expect(spanHas(own, 'nothing')).toBe(false)
})
