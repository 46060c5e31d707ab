import { describe, expect, test } from 'vitest'
import { someSpan } from '../conversation/testing.ts'
import { treeRows } from '../tree.ts'
import { graphOf, START } from './graph-data.ts'
import { layoutOf } from './layout.ts'

const agent = (id: string, parentSpanId?: string, name = id) =>
  someSpan(id, 'agent', [0, 100], { name, ...(parentSpanId === undefined ? {} : { parentSpanId }) })
const tool = (id: string, parentSpanId: string, name: string, statusCode = 0) =>
  someSpan(id, 'tool', [10, 15], { parentSpanId, statusCode, fields: { tool: name } })
const model = (id: string, parentSpanId: string, input = 10) =>
  someSpan(id, 'llm', [20, 30], {
    parentSpanId,
    fields: { responseModel: 'qwen3', usage: { input, output: 1 } },
  })

describe('who called whom', () => {
  const spans = [
    agent('planner'),
    someSpan('step', 'chain', [1, 90], { parentSpanId: 'planner' }),
    model('m1', 'step'),
    model('m2', 'planner', 20),
    tool('t1', 'step', 'book'),
    tool('t2', 'step', 'book', 2),
    tool('t3', 'step', 'book', 2),
    agent('hotels', 't1'),
    model('m3', 'hotels'),
  ]

  test('spans of one name are one node, steps between are not', () => {
    const { nodes, edges } = graphOf(treeRows(spans), 'trip', 10)
    expect(nodes.map(({ key, count, ns, errors }) => [key, count, ns, errors])).toEqual([
      ['agent planner', 1, 100, 0],
      ['tool book', 3, 15, 2],
      ['agent hotels', 1, 100, 0],
      ['llm qwen3', 3, 30, 0],
    ])
    expect(edges.map(({ from, to, count, errors, tokens }) => [from, to, count, errors, tokens])).toEqual([
      ['agent planner', 'tool book', 3, 2, undefined],
      ['tool book', 'agent hotels', 1, 0, undefined],
      ['agent hotels', 'llm qwen3', 1, 0, 11],
      ['agent planner', 'llm qwen3', 2, 0, 32],
    ])
    expect(nodes[1]?.example).toBe('t2')
  })

  test('what no agent called is called by the trace itself', () => {
    const { nodes, edges } = graphOf(treeRows([...spans, model('m4', 'lost')]), 'trip', 10)
    expect(nodes[0]).toMatchObject({ key: START, name: 'trip' })
    expect(edges.filter(({ from }) => from === START).map(({ to }) => to)).toEqual([
      'agent planner',
      'llm qwen3',
    ])
  })

  test('a model call around another one is not counted', () => {
    const inner = model('inner', 'outer')
    const outer = someSpan('outer', 'llm', [0, 50], { parentSpanId: 'planner' })
    const { nodes } = graphOf(treeRows([agent('planner'), outer, inner]), 'trip', 10)
    expect(nodes.map(({ key, count }) => [key, count])).toEqual([
      ['agent planner', 1],
      ['llm qwen3', 1],
    ])
  })

  test('of many the most called are kept, and the rest is counted', () => {
    const many = Array.from({ length: 50 }, (_, at) => tool(`x${at}`, 'planner', `tool ${at}`))
    const { nodes, left } = graphOf(treeRows([...spans, ...many]), 'trip', 10)
    expect(nodes.length).toBe(10)
    expect(left).toBe(44)
    expect(nodes.some(({ key }) => key === 'tool book')).toBe(true)
  })
})

describe('the layout', () => {
  const place = (...spans: Parameters<typeof treeRows>[0]) => {
    const { nodes, edges } = layoutOf(graphOf(treeRows(spans), 'trip', 100))
    return { nodes: new Map(nodes.map(({ node, left, top }) => [node.key, { left, top }])), edges }
  }

  test('has callers before what they call, by the longest way', () => {
    const { nodes } = place(agent('a'), agent('b', 'a'), tool('t', 'a', 'find'), tool('u', 'b', 'find'))
    const lefts = ['agent a', 'agent b', 'tool find'].map((key) => nodes.get(key)?.left as number)
    expect(lefts).toEqual(lefts.toSorted((x, y) => x - y))
    expect(new Set(lefts).size).toBe(3)
  })

  test('never puts two in one place, whatever calls what, circles included', () => {
    const spans = [agent('a0')]
    for (let at = 1; at < 300; at++)
      spans.push(agent(`a${at}`, `a${((at * 7919) % 101) % at}`, `agent ${(at * 13) % 60}`))
    const { nodes, edges } = place(...spans)
    expect(new Set([...nodes.values()].map(({ left, top }) => `${left} ${top}`)).size).toBe(nodes.size)
    expect(edges.length).toBeGreaterThan(60)
    expect(edges.every(({ line }) => !line.includes('NaN'))).toBe(true)
  })

  test('draws an agent that calls itself', () => {
    const { nodes, edges } = place(agent('a', undefined, 'same'), agent('b', 'a', 'same'))
    expect(nodes.size).toBe(1)
    expect(edges.map(({ edge }) => [edge.from, edge.to, edge.count])).toEqual([
      ['agent same', 'agent same', 1],
    ])
  })
})
