import { expect, test } from 'vitest'
import type { TreeSpan } from '../api.ts'
import { treeRows } from '../trace/tree.ts'
import { align, foldSame, isSame } from './align.ts'

const rows = (...names: string[]) =>
  treeRows(
    names.map((name, at) => {
      const [title = '', failed] = name.split('!')
      return {
        spanId: `s${at}`,
        parentSpanId: undefined,
        name: title,
        startNs: String(at + 1),
        endNs: String(at + 2),
        statusCode: failed === undefined ? 1 : 2,
        fields: { type: 'tool' },
      } as TreeSpan
    }),
  )
const names = (left: string[], right: string[]) =>
  align(rows(...left), rows(...right)).map(({ a, b }) => `${a?.span.name ?? ''}|${b?.span.name ?? ''}`)

test('what both did stands in one line, what one did alone stands alone', () => {
  expect(names(['plan', 'search', 'book'], ['plan', 'book', 'pay'])).toEqual([
    'plan|plan',
    'search|',
    'book|book',
    '|pay',
  ])
})

test('nothing in common, and nothing at all', () => {
  expect(names(['a'], ['b'])).toEqual(['a|', '|b'])
  expect(names([], ['b'])).toEqual(['|b'])
  expect(names([], [])).toEqual([])
})

test('a failure is a difference, a time is none', () => {
  const [one, two] = align(rows('a', 'b'), rows('a', 'b!'))
  expect([one && isSame(one), two && isSame(two)]).toEqual([true, false])
})

test('four and more equal lines in a row fold into one', () => {
  const long = ['a', 'b', 'c', 'd', 'e']
  const lines = foldSame(align(rows(...long, 'x!', 'y', 'z'), rows(...long, 'x', 'y', 'z')))
  expect(lines.map((line) => (line.kind === 'same' ? line.pairs.length : line.pair.a?.span.name))).toEqual([
    5,
    'x',
    'y',
    'z',
  ])
})
