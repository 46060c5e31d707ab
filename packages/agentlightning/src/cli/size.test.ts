import { expect, test } from 'vitest'
import { formatSize, parseSize } from './size.ts'

test.each([
  ['4096', 4096],
  ['10GB', 10_000_000_000],
  ['10 gb', 10_000_000_000],
  ['500m', 500_000_000],
  ['1.5 GiB', 1_610_612_736],
  ['2KiB', 2048],
  ['1TB', 1_000_000_000_000],
  ['7B', 7],
])('%s is %d bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

test.each(['', 'GB', '1XB', '-1', '1e3', '1iB', '1,5GB'])('%j is no size', (text) => {
  expect(parseSize(text)).toBeUndefined()
})

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [492_200, '492 kB'],
  [3_440_000, '3.4 MB'],
  [999_700, '1 MB'],
  [10_000_000_000, '10 GB'],
  [2.5e15, '2500 TB'],
])('%d bytes are written as %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text)
})
