import { describe, expect, it } from 'vitest'
import {
  formatAgo,
  formatBytes,
  formatCost,
  formatCount,
  formatDuration,
  formatShare,
  formatTime,
  formatTokens,
} from './format.ts'

const s = 1_000_000_000n

describe('durations', () => {
  it.each([
    [-5n, '0 ms'],
    [0n, '0 ms'],
    [999n, '1 µs'],
    [12_000n, '12 µs'],
    [1_500_000n, '1.5 ms'],
    [820_000_000n, '820 ms'],
    [999_499_999n, '999 ms'],
    [999_500_000n, '1.00 s'],
    [3_420_000_000n, '3.42 s'],
    [9_994_999_999n, '9.99 s'],
    [42_100_000_000n, '42.1 s'],
    [59_949_999_999n, '59.9 s'],
    [59_950_000_000n, '1 m 00 s'],
    [125n * s, '2 m 05 s'],
    [3_599n * s + s / 2n, '1 h 00 m'],
    [3_720n * s, '1 h 02 m'],
    [86_400n * s * 3n + 4n * 3_600n * s, '3 d 04 h'],
    [2n ** 63n, '106752 d 00 h'],
  ])('%s ns reads %s', (ns, text) => expect(formatDuration(ns)).toBe(text))
})

describe('tokens', () => {
  it.each([
    [undefined, '–'],
    [null, '–'],
    [0, '0'],
    [999, '999'],
    [1_000, '1.0k'],
    [31_200, '31.2k'],
    [99_949, '99.9k'],
    [99_950, '100k'],
    [312_000, '312k'],
    [999_499, '999k'],
    [999_500, '1.0M'],
    [1_234_567, '1.2M'],
    [5_000_000_000_000, '5,000B'],
  ])('%s reads %s', (tokens, text) => expect(formatTokens(tokens)).toBe(text))
})

describe('costs', () => {
  it.each([
    [undefined, '–'],
    [0, '$0'],
    [1e-9, '<$0.000001'],
    [0.0000012, '$0.0000012'],
    [0.002, '$0.002'],
    [0.0031, '$0.0031'],
    [0.00996, '$0.010'],
    [0.041, '$0.041'],
    [0.1, '$0.10'],
    [0.996, '$1.00'],
    [3.2, '$3.20'],
    [999.994, '$999.99'],
    [12_345.6, '$12,346'],
  ])('%s reads %s', (usd, text) => expect(formatCost(usd)).toBe(text))

  it('shows at least one digit that is not zero for whatever costs something', () => {
    for (let exponent = -12; exponent < 6; exponent += 0.01) {
      expect(formatCost(10 ** exponent)).toMatch(/[1-9]/)
    }
  })
})

describe('times', () => {
  const now = 1_795_378_409_281_000_000n
  it.each([
    [now + s, 'now'],
    [now + 300n * s, 'in 5 m'],
    [now - s / 2n, 'now'],
    [now - 12n * s, '12 s ago'],
    [now - 119n * s, '1 m ago'],
    [now - 7_300n * s, '2 h ago'],
    [now - 200_000n * s, '2 d ago'],
    [now - 40n * 86_400n * s, '2026-10-13'],
  ])('%s reads %s', (then, text) => expect(formatAgo(then, now)).toBe(text))

  it('gives dates in UTC, and numbers that no calendar holds as they are', () => {
    expect(formatTime(now)).toBe('2026-11-22 20:13:29.281')
    expect(formatTime(2n ** 64n * 1_000n)).toBe('18446744073709551616000 ns')
  })
})

it('never rounds a share up to all or down to none', () => {
  expect(formatShare(0, 0)).toBe('')
  expect(formatShare(0, 3)).toBe('0%')
  expect(formatShare(1, 1_000)).toBe('<1%')
  expect(formatShare(2, 3)).toBe('66%')
  expect(formatShare(999, 1_000)).toBe('>99%')
  expect(formatShare(18, 18)).toBe('100%')
})

it('gives sizes and counts with their words', () => {
  expect([0, 999, 12_400, 3_100_000].map(formatBytes)).toEqual(['0 B', '999 B', '12.4 kB', '3.1 MB'])
  expect([1, 2, 12_345].map((number) => formatCount(number, 'call'))).toEqual([
    '1 call',
    '2 calls',
    '12,345 calls',
  ])
})
