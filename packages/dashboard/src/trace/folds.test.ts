import { expect, test } from 'vitest'
import { allFolds, formatFolds, isFolded, noFolds, parseFolds, withFolded } from './folds.ts'

const [a, b, c] = ['aaaaaaaaaa111111', 'bbbbbbbbbb222222', 'cccccccccc333333'] as const

test('rows are folded one by one, and opened again', () => {
  const folded = withFolded(noFolds, [a, b], true)
  expect([a, b, c].map((id) => isFolded(folded, id))).toEqual([true, true, false])
  expect(isFolded(withFolded(folded, [a], false), a)).toBe(false)
})

test('where all are folded, those that were opened are open', () => {
  const folds = withFolded(allFolds, [b], false)
  expect([a, b, c].map((id) => isFolded(folds, id))).toEqual([true, false, true])
  expect(isFolded(withFolded(folds, [b], true), b)).toBe(true)
})

test.each([
  [noFolds, ''],
  [allFolds, 'all'],
  [withFolded(noFolds, [a, b], true), 'aaaaaaaaaa,bbbbbbbbbb'],
  [withFolded(allFolds, [c], false), 'all,cccccccccc'],
])('the address carries them (%#)', (folds, text) => {
  expect(formatFolds(folds)).toBe(text)
  expect(parseFolds(text)).toEqual(folds)
})

test('what is no span id in an address folds nothing', () => {
  expect(parseFolds('x,<script>,aaaaaaaaaa,,all')).toEqual(withFolded(noFolds, [a], true))
})

test('an address stays short', () => {
  const many = Array.from({ length: 1000 }, (_, at) =>
    at.toString(16).padStart(16, '0').split('').reverse().join(''),
  )
  expect(formatFolds(withFolded(noFolds, many, true)).length).toBeLessThan(3500)
})
