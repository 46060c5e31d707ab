// Where nodes and edges of a graph are drawn: layers from left to right, the same for the same graph. Pure.
import type { Graph, GraphEdge, GraphNode } from './graph-data.ts'

/** Sizes in pixels. */
export const NODE = { width: 184, height: 48 }
const GAP = { across: 96, down: 16 }
const EDGE_ROOM = 24
const SWEEPS = 4

/** A node with the place of its upper left corner. */
export interface PlacedNode {
  readonly node: GraphNode
  readonly left: number
  readonly top: number
}

/** An edge with its line, as SVG writes it, and where its number stands. */
export interface PlacedEdge {
  readonly edge: GraphEdge
  readonly line: string
  readonly label: { readonly x: number; readonly y: number }
}

/** A graph that can be drawn. */
export interface Layout {
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly PlacedEdge[]
  readonly width: number
  readonly height: number
}

/** Places callers before what they call; calls that lead back are drawn below. */
export function layoutOf({ nodes, edges }: Graph): Layout {
  const columns = columnsOf(nodes, edges)
  const tall = Math.max(0, ...columns.map(({ length }) => length)) * (NODE.height + GAP.down) - GAP.down
  const placed = new Map<string, PlacedNode>()
  columns.forEach((column, layer) => {
    const height = column.length * (NODE.height + GAP.down) - GAP.down
    column.forEach((node, at) => {
      const top = (tall - height) / 2 + at * (NODE.height + GAP.down)
      placed.set(node.key, { node, left: layer * (NODE.width + GAP.across), top })
    })
  })
  const lines = edges.flatMap((edge): PlacedEdge[] => {
    const [from, to] = [placed.get(edge.from), placed.get(edge.to)]
    return from && to ? [{ edge, ...lineOf(from, to) }] : []
  })
  return {
    nodes: [...placed.values()],
    edges: lines,
    width: Math.max(0, columns.length * (NODE.width + GAP.across) - GAP.across),
    height: Math.max(0, tall) + EDGE_ROOM,
  }
}

function lineOf(from: PlacedNode, to: PlacedNode): Pick<PlacedEdge, 'line' | 'label'> {
  const middle = NODE.height / 2
  if (to.left > from.left) {
    const [x1, y1] = [from.left + NODE.width, from.top + middle]
    const [x2, y2] = [to.left, to.top + middle]
    const bend = GAP.across / 2
    return {
      line: `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`,
      label: { x: x2 - 8, y: y2 - 6 },
    }
  }
  // Back, or to itself: out below the one and in below the other.
  const [x1, y1] = [from.left + NODE.width * 0.75, from.top + NODE.height]
  const [x2, y2] = [to.left + NODE.width * 0.25, to.top + NODE.height]
  const low = Math.max(y1, y2) + EDGE_ROOM
  return {
    line: `M${x1} ${y1} C${x1} ${low} ${x2} ${low} ${x2} ${y2}`,
    label: { x: (x1 + x2) / 2, y: (y1 + y2) / 2 + EDGE_ROOM * 0.75 },
  }
}

function columnsOf(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): readonly GraphNode[][] {
  const layers = layersOf(nodes, edges)
  const columns: GraphNode[][] = []
  for (const node of nodes) {
    const layer = layers.get(node.key) ?? 0
    for (let at = columns.length; at <= layer; at++) columns.push([])
    columns[layer]?.push(node)
  }
  // Each node near the middle of what calls it: few lines cross then.
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const places = new Map<string, number>()
    for (const column of columns) {
      const wanted = new Map(
        column.map(({ key }, at) => {
          const callers = edges.flatMap(({ from, to }) => (to === key ? (places.get(from) ?? []) : []))
          return [
            key,
            callers.length === 0 ? at : callers.reduce((sum, place) => sum + place, 0) / callers.length,
          ]
        }),
      )
      column.sort((a, b) => (wanted.get(a.key) as number) - (wanted.get(b.key) as number))
      column.forEach(({ key }, at) => {
        places.set(key, at - (column.length - 1) / 2)
      })
    }
  }
  return columns
}

/** The longest way to each node, calls that lead back not counted. */
function layersOf(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): ReadonlyMap<string, number> {
  const calls = new Map<string, string[]>()
  const called = new Set<string>()
  for (const { from, to } of edges) {
    calls.set(from, [...(calls.get(from) ?? []), to])
    if (from !== to) called.add(to)
  }
  const layers = new Map<string, number>()
  const open = new Set<string>()
  const order: string[] = []
  const forward: GraphEdge['to'][][] = []
  const visit = (key: string) => {
    if (layers.has(key)) return
    layers.set(key, 0)
    open.add(key)
    const next: string[] = []
    for (const to of calls.get(key) ?? []) {
      if (open.has(to)) continue
      visit(to)
      next.push(to)
    }
    open.delete(key)
    order.push(key)
    forward.push(next)
  }
  // First those that nobody calls; what is left is in circles.
  for (const { key } of nodes) if (!called.has(key)) visit(key)
  for (const { key } of nodes) visit(key)
  for (let at = order.length - 1; at >= 0; at--) {
    const layer = layers.get(order[at] as string) as number
    for (const to of forward[at] as string[]) layers.set(to, Math.max(layers.get(to) as number, layer + 1))
  }
  return layers
}
