import { expect, test } from 'vitest'
import { noFolds } from '../folds.ts'
import { cutAt, rowsWith } from './find.ts'
import { itemsOf } from './items.ts'
import { ask, lanesFrom, result, someSpan, user } from './testing.ts'

test('a message is found by its text, its tools, their arguments and results, in any case', () => {
  const asked = ask(['search', 'x', '{"city":"Kyoto"}'])
  const lanes = lanesFrom([someSpan('c1', 'llm', [0, 1]), someSpan('c2', 'llm', [2, 3])], {
    c1: { input: [user('A hotel?')], output: [asked] },
    c2: { input: [user('A hotel?'), asked, result('14 Ryokan', 'x')], output: [] },
  })
  const items = itemsOf(lanes, noFolds)
  const found = (text: string) => rowsWith(items, text).map((at) => items[at]?.key)
  expect(found('hotel')).toEqual(['c1.in.0'])
  for (const text of ['search', 'kyoto', 'ryokan']) expect(found(text)).toEqual(['c1.out.0'])
  expect(found('')).toEqual([])
})

test('a text is cut at the end of a line or word, and not for little', () => {
  const lines = (count: number) => Array.from({ length: count }, (_, at) => `line ${at}\n`).join('')
  const long = lines(100)
  expect(long.slice(0, cutAt(long, 3))).toBe('line 0\nline 1\nline 2\n')
  expect(cutAt(lines(4), 3)).toBe(lines(4).length)
  expect(cutAt('short', 3)).toBe(5)
  const words = 'word '.repeat(1000)
  expect(cutAt(words, 2)).toBe(200)
  expect(cutAt('x'.repeat(10_000), 2)).toBe(200)
  const faces = `a${'😀'.repeat(10_000)}`
  expect(faces.slice(0, cutAt(faces, 2)).at(-1)).toMatch(/[\udc00-\udfff]/)
})
