// What a trace waited for: the spans without which it would have ended earlier. Pure.
import { type Kind, kindOf } from '../ui/kinds.tsx'
import type { TimeView } from './time-view.ts'
import type { Extent, TreeRow } from './tree.ts'

/** The path by span: when each was what the trace waited for, latest first, in ns since the trace's start. */
export type CriticalPath = ReadonlyMap<string, readonly TimeView[]>

interface Node {
  readonly row: TreeRow | undefined
  readonly start: number
  readonly end: number
  /** What is below, the last to end first. */
  readonly below: Node[]
}

/**
 * Goes back from the end: a span waits for the one below it that ended last, that one for its own, and before it began
 * for the one that ended last before that. What ends after its parent counts until the parent's end.
 */
export function criticalPath(rows: readonly TreeRow[], extent: Extent): CriticalPath {
  const path = new Map<string, TimeView[]>()
  const own = ({ row }: Node, from: number, to: number) => {
    if (!row || to <= from) return
    const parts = path.get(row.span.spanId)
    if (parts) parts.push({ from, to })
    else path.set(row.span.spanId, [{ from, to }])
  }
  const root = treeOf(rows, extent)
  // Without recursion: traces nest as deep as they like.
  const stack = [{ node: root, until: root.end, next: 0 }]
  for (let at = stack.pop(); at; at = stack.pop()) {
    const { node, until } = at
    let { next } = at
    let below = node.below[next]
    while (below && (Math.min(below.end, node.end) > until || below.start >= until))
      below = node.below[++next]
    if (!below) {
      own(node, node.start, until)
      continue
    }
    const end = Math.min(below.end, node.end)
    own(node, end, until)
    stack.push({ node, until: Math.max(node.start, below.start), next: next + 1 })
    stack.push({ node: below, until: end, next: 0 })
  }
  return path
}

function treeOf(rows: readonly TreeRow[], { startNs, length }: Extent): Node {
  const root: Node = { row: undefined, start: 0, end: length, below: [] }
  const nodes = new Map<string, Node>()
  for (const row of rows) {
    const { span, parent } = row
    const since = (ns: string) => Number(BigInt(ns) - startNs)
    const start = since(span.startNs)
    const end = span.endNs === '0' ? length : Math.max(start, since(span.endNs))
    const node: Node = { row, start, end, below: [] }
    nodes.set(span.spanId, node)
    const above = parent === undefined ? root : (nodes.get(parent) as Node)
    above.below.push(node)
  }
  for (const { below } of [root, ...nodes.values()]) below.sort((a, b) => b.end - a.end || b.start - a.start)
  return root
}

/** Parts of the path as shares of what is seen; what is nearer than a pixel is one. */
export function marksWithin(
  parts: readonly TimeView[],
  { from, to }: TimeView,
): { left: number; width: number }[] {
  const length = to - from
  const marks: { left: number; width: number }[] = []
  for (const part of parts) {
    const left = Math.max(0, (part.from - from) / length)
    const right = Math.min(1, (part.to - from) / length)
    if (right < left) continue
    const later = marks.at(-1)
    // They come from the end to the start.
    if (later && later.left - right < PIXEL) {
      later.width = Math.max(later.left + later.width, right) - left
      later.left = left
    } else marks.push({ left, width: right - left })
  }
  return marks
}

const PIXEL = 1 / 1000

/** How long the trace waited for each kind of span, in ns, the longest first; what it waited for no span is left out. */
export function waitByKind(
  rows: readonly TreeRow[],
  path: CriticalPath,
): readonly { readonly kind: Kind; readonly ns: number }[] {
  const sums = new Map<Kind, number>()
  for (const { span } of rows) {
    const ns = timeOn(path, span.spanId)
    if (ns > 0) sums.set(kindOf(span.fields.type), (sums.get(kindOf(span.fields.type)) ?? 0) + ns)
  }
  return [...sums].map(([kind, ns]) => ({ kind, ns })).sort((a, b) => b.ns - a.ns)
}

/** How long the trace waited for one span itself, in ns. */
export function timeOn(path: CriticalPath, spanId: string): number {
  return path.get(spanId)?.reduce((sum, { from, to }) => sum + to - from, 0) ?? 0
}
