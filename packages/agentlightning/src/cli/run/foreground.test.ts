import { expect, test } from 'vitest'
import { isForegroundStat } from './foreground.ts'

test('the group of the process is compared with the foreground group of its terminal', () => {
  expect(isForegroundStat('4711 (node) S 4000 4711 4000 34816 4711 4194304 0')).toBe(true)
  expect(isForegroundStat('4711 (node) S 4000 4711 4000 34816 4000 4194304 0')).toBe(false)
})

test('without a terminal there is no foreground', () => {
  expect(isForegroundStat('4711 (node) S 4000 4711 4000 0 -1 4194304 0')).toBe(false)
})

test('a name with spaces and parentheses changes nothing, and an unknown text is no foreground', () => {
  expect(isForegroundStat('7 (a) 1 2 (b) R 1 7 1 34816 7 0')).toBe(true)
  expect(isForegroundStat('')).toBe(false)
})
