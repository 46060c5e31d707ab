import { expect, test } from 'vitest'
import { ask, assistant, lanesFrom, linesOf, result, type Said, someSpan, user } from './testing.ts'

const q = user('q')
const call = (id: string, from: number, to: number) =>
  someSpan(id, 'llm', [from, to], { parentSpanId: 'run' })
const tool = (id: string, name: string, from: number, parentSpanId = 'run') =>
  someSpan(id, 'tool', [from, from + 1], { parentSpanId, fields: { tool: name } })
const run = someSpan('run', 'agent', [0, 1000])
const lines = (spans: Parameters<typeof lanesFrom>[0], said: Said) =>
  linesOf(lanesFrom([run, ...spans], said))

test('a tool call has the spans that ran it, every try, and what the model was told', () => {
  const asked = ask(['seats', 'x'])
  expect(
    lines([call('c1', 0, 10), tool('t1', 'seats', 11), tool('t2', 'seats', 13), call('c2', 20, 30)], {
      c1: { input: [q], output: [asked] },
      c2: { input: [q, asked, result('61', 'x')], output: [assistant('done')] },
    }),
  ).toEqual(['user: q', '#1', 'assistant: seats() = 61 @t1 @t2', '#2 +2', 'assistant: done'])
})

test('two calls of one tool have their runs in order, and of three runs none is guessed', () => {
  const asked = ask(['find', 'x', '{"a":1}'], ['find', 'y', '{"a":2}'])
  const spans = [call('c1', 0, 10), tool('t1', 'find', 11), tool('t2', 'find', 12)]
  const said = { c1: { input: [q], output: [asked] } }
  expect(lines(spans, said)[2]).toBe('assistant: find() @t1 | find() @t2')
  const lanes = lanesFrom([run, ...spans, tool('t3', 'find', 13)], said)
  expect(linesOf(lanes)[2]).toBe('assistant: find() | find()')
  expect(lanes[0]?.turns[0]?.runs.map(({ spanId }) => spanId)).toEqual(['t1', 't2', 't3'])
})

test('runs of another agent are its own, though the tool is the same', () => {
  const spans = [
    someSpan('inner', 'agent', [1, 500], { parentSpanId: 'run' }),
    call('c1', 0, 10),
    someSpan('c2', 'llm', [2, 10], { parentSpanId: 'inner' }),
    tool('t1', 'find', 11, 'inner'),
    tool('t2', 'find', 12),
  ]
  const lanes = lanesFrom([run, ...spans], {
    c1: { input: [q], output: [ask(['find', 'x'])] },
    c2: { input: [user('other')], output: [ask(['find', 'y'])] },
  })
  expect(linesOf(lanes).filter((line) => line.includes('find'))).toEqual([
    'assistant: find() @t2',
    'assistant: find() @t1',
  ])
})

test('a result finds its call by its id in any order, also when one id is used again', () => {
  const [first, second] = [ask(['a', '0'], ['b', '1']), ask(['c', '0'])]
  const told = [q, first, result('B', '1'), result('A', '0')]
  expect(
    lines([call('c1', 0, 10), call('c2', 20, 30), call('c3', 40, 50)], {
      c1: { input: [q], output: [first] },
      c2: { input: told, output: [second] },
      c3: { input: [...told, second, result('C', '0')], output: [assistant('done')] },
    }),
  ).toEqual([
    'user: q',
    '#1',
    'assistant: a() = A | b() = B',
    '#2 +2',
    'assistant: c() = C',
    '#3 +5',
    'assistant: done',
  ])
})

test('an id that only the result has keeps it from no call', () => {
  const told = (asked: ReturnType<typeof ask>, ...results: readonly ReturnType<typeof result>[]) =>
    lines([call('c1', 0, 10), call('c2', 20, 30)], {
      c1: { input: [q], output: [asked] },
      c2: { input: [q, asked, ...results], output: [] },
    })[2]
  expect(told(ask(['a']), result('A', 'x'))).toBe('assistant: a() = A')
  expect(told(ask(['a', 'y']), result('A', 'x'))).toBe('assistant: a()')
})

test('a result without an id that could be of either call is a message of its own', () => {
  const asked = ask(['a'], ['b'])
  expect(
    lines([call('c1', 0, 10), call('c2', 20, 30)], {
      c1: { input: [q], output: [asked] },
      c2: { input: [q, asked, result('only one')], output: [assistant('done')] },
    }),
  ).toEqual(['user: q', '#1', 'assistant: a() | b()', 'tool: only one', '#2 +2', 'assistant: done'])
})

test('results beside a text of the user leave the text', () => {
  const asked = ask(['a', '0'])
  const mixed = {
    role: 'user',
    parts: [...result('A', '0').parts, { type: 'text' as const, text: 'go on' }],
  }
  expect(
    lines([call('c1', 0, 10), call('c2', 20, 30)], {
      c1: { input: [q], output: [asked] },
      c2: { input: [q, asked, mixed], output: [assistant('done')] },
    }),
  ).toEqual(['user: q', '#1', 'assistant: a() = A', 'user: go on', '#2 +2', 'assistant: done'])
})

test('a history that begins with tool calls has their results at them', () => {
  const asked = ask(['a', '0'])
  expect(
    lines([call('c1', 0, 10)], {
      c1: { input: [q, asked, result('A', '0'), user('and?')], output: [assistant('done')] },
    }),
  ).toEqual(['user: q', 'assistant: a() = A', 'user: and?', '#1', 'assistant: done'])
})
