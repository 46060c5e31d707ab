// Agents, models and tools of a trace, and who called whom: from the tree alone. Pure.
import { type Kind, kindOf } from '../../ui/kinds.tsx'
import { remembered } from '../conversation/atoms.ts'
import type { TreeRow } from '../tree.ts'

/** All spans of one agent, model or tool. */
export interface GraphNode {
  /** Names it within the graph; its kind and name. */
  readonly key: string
  readonly kind: Kind
  readonly name: string
  readonly count: number
  /** The sum of its spans' times, ns; those that have not ended count nothing. */
  readonly ns: number
  readonly errors: number
  /** The spans, in the order of the tree. */
  readonly spans: readonly string[]
  /** The first span that failed, else the first. */
  readonly example: string
}

/** The calls of one node by another. */
export interface GraphEdge {
  readonly from: string
  readonly to: string
  readonly count: number
  readonly ns: number
  readonly errors: number
  readonly tokens: number | undefined
}

/** A graph; nodes and edges in the order of their first span in the tree. */
export interface Graph {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  /** Nodes that were left out: those with the fewest calls. */
  readonly left: number
}

type Making<T> = { -readonly [Key in keyof T]: T[Key] }

/** What stands for the trace itself: it calls what no agent calls. */
export const START = 'start'

/** The graph of a trace, with its `most` most called nodes. Of model calls within each other the innermost counts. */
export function graphOf(rows: readonly TreeRow[], traceName: string, most: number): Graph {
  const nodes = new Map<string, Making<GraphNode> & { spans: string[] }>()
  const edges = new Map<string, Making<GraphEdge>>()
  /** The node that each open span of the path counts for, by depth. */
  const path: string[] = []
  rows.forEach((row, at) => {
    const { span, depth } = row
    path.length = Math.min(path.length, depth)
    const caller = path.at(-1) ?? START
    const name = nameOf(row, rows, at)
    if (name === undefined) {
      path.push(caller)
      return
    }
    const kind = kindOf(span.fields.type)
    const key = `${kind} ${name}`
    path.push(key)
    const ns = span.endNs === '0' ? 0 : Math.max(0, Number(BigInt(span.endNs) - BigInt(span.startNs)))
    const failed = span.statusCode === 2 ? 1 : 0
    const { usage } = span.fields
    const tokens = usage ? (usage.total ?? (usage.input ?? 0) + (usage.output ?? 0)) : undefined
    const node = remembered(nodes, key, () => ({
      key,
      kind,
      name,
      count: 0,
      ns: 0,
      errors: 0,
      spans: [],
      example: span.spanId,
    }))
    if (failed > 0 && node.errors === 0) node.example = span.spanId
    node.spans.push(span.spanId)
    const edge = remembered(edges, `${caller}\n${key}`, () => ({
      from: caller,
      to: key,
      count: 0,
      ns: 0,
      errors: 0,
      tokens: undefined,
    }))
    for (const of of [node, edge]) {
      of.count++
      of.ns += ns
      of.errors += failed
    }
    if (tokens !== undefined) edge.tokens = (edge.tokens ?? 0) + tokens
  })
  return cut([...nodes.values()], [...edges.values()], traceName, most)
}

function cut(all: readonly GraphNode[], edges: readonly GraphEdge[], traceName: string, most: number): Graph {
  const kept = new Set(
    all
      .toSorted((a, b) => b.count - a.count)
      .slice(0, most)
      .map(({ key }) => key),
  )
  const nodes = all.filter(({ key }) => kept.has(key))
  const drawn = edges.filter(({ from, to }) => (from === START || kept.has(from)) && kept.has(to))
  // A trace that is one agent's needs no start before it.
  const starts = drawn.filter(({ from }) => from === START)
  const [only] = starts
  const alone = starts.length === 1 && only?.count === 1
  const start: GraphNode = {
    key: START,
    kind: 'other',
    name: traceName,
    count: 1,
    ns: 0,
    errors: 0,
    spans: [],
    example: '',
  }
  return {
    nodes: alone || starts.length === 0 ? nodes : [start, ...nodes],
    edges: alone ? drawn.filter(({ from }) => from !== START) : drawn,
    left: all.length - nodes.length,
  }
}

/** What a span counts for; undefined for steps, requests and the like, and for a model call around another one. */
function nameOf({ span, descendants }: TreeRow, rows: readonly TreeRow[], at: number): string | undefined {
  const { fields, name } = span
  switch (fields.type) {
    case 'agent':
    case 'session':
      return fields.agent ?? name
    case 'tool':
      return fields.tool ?? name
    case 'llm': {
      for (let below = at + 1; below <= at + descendants; below++)
        if (rows[below]?.span.fields.type === 'llm') return undefined
      return fields.responseModel ?? fields.requestModel ?? name
    }
    case 'retriever':
    case 'embedding':
    case 'reranker':
      return name
    default:
      return undefined
  }
}
