import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startOfLast } from './logs.ts'

const directory = mkdtempSync(join(tmpdir(), 'agl-logs-'))
const file = join(directory, 'server.log')

afterAll(() => rmSync(directory, { recursive: true }))

function lastLines(content: string, count: number): string {
  writeFileSync(file, content)
  return Buffer.from(content).subarray(startOfLast(file, count)).toString()
}

test('the last lines are found, whether or not the last one is closed', () => {
  expect(lastLines('a\nb\nc\n', 2)).toBe('b\nc\n')
  expect(lastLines('a\nb\nc', 2)).toBe('b\nc')
  expect(lastLines('a\nb\n', 5)).toBe('a\nb\n')
  expect(lastLines('a\nb\n', 0)).toBe('')
  expect(lastLines('\n\n', 1)).toBe('\n')
  expect(lastLines('', 3)).toBe('')
})

test('lines are found across the blocks in which the file is read', () => {
  const long = 'x'.repeat(70_000)
  expect(lastLines(`first\n${long}\n${long}\nlast\n`, 3)).toBe(`${long}\n${long}\nlast\n`)
})
