import { expect, test } from 'vitest'
import { clipText, jsonOf } from './text.ts'

test('a short text is shown whole', () => {
  expect(clipText('a\nb\n', 0)).toEqual({ shown: 'a\nb\n', left: 0 })
  expect(clipText('', 0)).toEqual({ shown: '', left: 0 })
})

test('at first 40 lines are shown, then more', () => {
  const text = Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\n')
  const first = clipText(text, 0)
  expect(first.shown.split('\n')).toHaveLength(40)
  expect(first.shown.length + first.left).toBe(text.length)
  expect(clipText(text, 1)).toEqual({ shown: text, left: 0 })
})

test('one endless line is cut by its characters, never inside of one', () => {
  const text = '😀'.repeat(5000)
  const { shown, left } = clipText(`x${text}`, 0)
  expect(shown.isWellFormed()).toBe(true)
  expect(shown.length).toBe(3999)
  expect(left).toBe(10_001 - 3999)
})

test('only objects and arrays are JSON worth folding', () => {
  expect(jsonOf('{"a":1}')).toEqual({ a: 1 })
  expect(jsonOf(' [1]')).toEqual([1])
  for (const text of ['1', '"a"', 'null', '{"a":', 'plain']) expect(jsonOf(text)).toBeUndefined()
  expect(jsonOf(`[${'1,'.repeat(600_000)}1]`)).toBeUndefined()
})
