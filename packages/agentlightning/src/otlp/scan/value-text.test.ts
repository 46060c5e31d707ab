import { expect, test } from 'vitest'
import { exactInteger, numberFromText, stringsFromText } from './value-text.ts'

test.each([
  ['0', '0'],
  ['-0', '0'],
  ['007', '7'],
  ['+5', '5'],
  ['18446744073709551616', '18446744073709551616'],
  ['1.5e3', '1500'],
  ['150e-1', '15'],
  ['-1.0', '-1'],
  ['0e-5', '0'],
  ['1e40', `1${'0'.repeat(40)}`],
  ['1e41', undefined],
  ['1e-1', undefined],
  ['1.5', undefined],
  ['', undefined],
  ['0x10', undefined],
  ['1e999999999', undefined],
])('the exact integer of %j is %j', (text, value) => {
  expect(exactInteger(text)).toBe(value)
})

test.each([
  ['12', 12],
  [' -1.5e3 ', -1500],
  ['.5', 0.5],
  ['', undefined],
  ['12 tokens', undefined],
  ['Infinity', undefined],
  ['1e999', undefined],
  ['0x10', undefined],
])('the number in %j is %j', (text, value) => {
  expect(numberFromText(text)).toBe(value)
})

test.each([
  ['["a","b"]', ['a', 'b']],
  [' [1, "a", null]', ['a']],
  ['{"a":1}', undefined],
  ['[broken', undefined],
  ['text', undefined],
])('the strings in %j are %j', (text, strings) => {
  expect(stringsFromText(text)).toEqual(strings)
})
