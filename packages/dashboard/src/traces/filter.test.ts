import { expect, test } from 'vitest'
import type { TraceSummary } from '../api.ts'
import { filterParameters, formatFilter, matches, parseFilter, valuesOf, withCondition } from './filter.ts'

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

test('values are suggested by how often they occur', () => {
  const traces = [trace({ tags: ['x', 'y'] }), trace({ tags: ['y'] }), trace({})]
  expect(valuesOf('tag', traces)).toEqual([
    { value: 'y', count: 2 },
    { value: 'x', count: 1 },
  ])
})
