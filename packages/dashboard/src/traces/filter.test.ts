import { expect, test } from 'vitest'
import type { TraceSummary } from '../api.ts'
import { filterParameters, formatFilter, isWithin, matches, parseFilter, withCondition } from './filter.ts'

const trace = (given: Partial<TraceSummary>): TraceSummary =>
  ({ name: 'Plan trip', status: 'ok', models: [], tags: [], traceId: 'ab12', ...given }) as TraceSummary

test('conditions and free text are told apart', () => {
  expect(parseFilter('status:error tag:"two words" rate  limit')).toEqual({
    conditions: [
      { field: 'status', value: 'error' },
      { field: 'tag', value: 'two words' },
    ],
    text: 'rate limit',
  })
})

test('what names no field is text, even with a colon', () => {
  expect(parseFilter('http://x note:me tag:')).toEqual({ conditions: [], text: 'http://x note:me tag:' })
})

test('every filter can be written and read back', () => {
  for (const value of ['plain', 'two words', 'a "quoted" one', 'back\\slash', 'a:b', 'ünï']) {
    const filter = { conditions: [{ field: 'tag' as const, value }], text: 'rest of it' }
    expect(parseFilter(formatFilter(filter))).toEqual(filter)
  }
})

test('a field holds one value', () => {
  const filter = withCondition(parseFilter('tag:a model:m'), { field: 'tag', value: 'b' })
  expect(formatFilter(filter)).toBe('model:m tag:b')
  expect(filterParameters(filter)).toEqual({ model: 'm', tag: 'b' })
})

test('what arrives live is held against the same conditions', () => {
  const filter = parseFilter('status:error model:qwen3 TRIP')
  expect(matches(filter, trace({ status: 'error', models: ['gpt', 'qwen3'] }))).toBe(true)
  expect(matches(filter, trace({ status: 'ok', models: ['qwen3'] }))).toBe(false)
  expect(matches(filter, trace({ status: 'error', models: ['qwen'] }))).toBe(false)
  expect(matches(filter, trace({ status: 'error', models: ['qwen3'], name: 'book' }))).toBe(false)
  expect(matches(parseFilter('id:ab'), trace({}))).toBe(true)
})

test('the time of a list is held against what arrives live as well', () => {
  const now = Date.parse('2026-01-02T00:00:00Z')
  const began = (time: string) => trace({ startNs: `${Date.parse(time)}000000` })
  const last = { since: '1h', until: undefined }
  expect(isWithin(last, began('2026-01-01T23:30:00Z'), now)).toBe(true)
  expect(isWithin(last, began('2026-01-01T22:59:00Z'), now)).toBe(false)
  const day = { since: '2026-01-01T00:00:00.000Z', until: '2026-01-01T12:00:00.000Z' }
  expect(isWithin(day, began('2026-01-01T11:59:59Z'), now)).toBe(true)
  expect(isWithin(day, began('2026-01-01T12:00:00Z'), now)).toBe(false)
  expect(isWithin(day, began('2025-12-31T23:59:59Z'), now)).toBe(false)
  expect(isWithin({ since: undefined, until: undefined }, began('2020-01-01T00:00:00Z'), now)).toBe(true)
})
