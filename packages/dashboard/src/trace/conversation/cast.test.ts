import { expect, test } from 'vitest'
import { treeRows } from '../tree.ts'
import { castOf } from './calls.ts'
import { someSpan } from './testing.ts'

test('of model calls within each other the innermost counts, and the outer ones are where else it may be read', () => {
  const { calls } = castOf(
    treeRows([
      someSpan('outer', 'llm', [0, 100]),
      someSpan('first', 'llm', [10, 20], { parentSpanId: 'outer' }),
      someSpan('wrapped', 'llm', [30, 50], { parentSpanId: 'outer' }),
      someSpan('step', 'chain', [31, 49], { parentSpanId: 'wrapped' }),
      someSpan('second', 'llm', [32, 48], { parentSpanId: 'step' }),
    ]),
  )
  expect(calls.map(({ span, wrappers }) => [span.spanId, wrappers.map(({ spanId }) => spanId)])).toEqual([
    ['first', []],
    ['second', ['wrapped']],
  ])
})

test('a call is its nearest agent’s, and one without an agent is no one’s, though its parent is lost', () => {
  const { calls } = castOf(
    treeRows([
      someSpan('root', 'agent', [0, 100], { fields: { agent: 'planner' } }),
      someSpan('step', 'chain', [1, 90], { parentSpanId: 'root' }),
      someSpan('inner', 'agent', [2, 80], { parentSpanId: 'step', name: 'hotels' }),
      someSpan('b', 'llm', [50, 60], { parentSpanId: 'inner' }),
      someSpan('a', 'llm', [1, 2], { parentSpanId: 'step' }),
      someSpan('c', 'llm', [70, 0], { parentSpanId: 'lost' }),
    ]),
  )
  expect(
    calls.map(({ span, owner, owners, agent, end }) => [span.spanId, owner, owners, agent, end]),
  ).toEqual([
    ['a', 'root', [], 'planner', 2],
    ['b', 'inner', ['root'], 'hotels', 60],
    ['c', '', [], undefined, Number.POSITIVE_INFINITY],
  ])
})
