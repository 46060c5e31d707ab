// Spans as a tree in rows: pure, and without recursion, since traces nest as deep as they like.
import type { TreeSpan } from '../api.ts'
import { type Folds, isFolded } from './folds.ts'

/** A row of the tree. */
export interface TreeRow {
  readonly span: TreeSpan
  /** 0 for a root. */
  readonly depth: number
  readonly children: number
  /** Spans below, at any depth. */
  readonly descendants: number
  /** Failed spans below. */
  readonly errorsBelow: number
  readonly parent: string | undefined
}

/** The time that the bars cover, in ns as numbers relative to `startNs`. */
export interface Extent {
  readonly startNs: bigint
  readonly length: number
}

/**
 * All spans in the order of a tree: children by start time below their parent. A span whose parent never
 * arrived is a root, and so is one of a circle.
 */
export function treeRows(spans: readonly TreeSpan[]): readonly TreeRow[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const children = new Map<string | undefined, TreeSpan[]>()
  for (const span of byId.values()) {
    const parent = span.parentSpanId
    const known = parent !== undefined && parent !== span.spanId && byId.has(parent) ? parent : undefined
    const siblings = children.get(known)
    if (siblings) siblings.push(span)
    else children.set(known, [span])
  }
  for (const siblings of children.values()) siblings.sort(byStart)

  const rows: (TreeRow & { descendants: number; errorsBelow: number })[] = []
  const placed = new Map<string, number>()
  const stack: { span: TreeSpan; depth: number; parent: string | undefined }[] = []
  const place = (roots: readonly TreeSpan[]) => {
    for (const span of roots.toReversed()) stack.push({ span, depth: 0, parent: undefined })
    for (let next = stack.pop(); next; next = stack.pop()) {
      const { span, depth, parent } = next
      if (placed.has(span.spanId)) continue
      const below = children.get(span.spanId) ?? []
      placed.set(span.spanId, rows.length)
      rows.push({ span, depth, parent, children: below.length, descendants: 0, errorsBelow: 0 })
      for (const child of below.toReversed())
        stack.push({ span: child, depth: depth + 1, parent: span.spanId })
    }
  }
  place(children.get(undefined) ?? [])
  // What is left has only itself above: a circle of parents.
  if (rows.length < byId.size) for (const span of byId.values()) if (!placed.has(span.spanId)) place([span])

  for (let at = rows.length - 1; at >= 0; at--) {
    const row = rows[at] as (typeof rows)[number]
    const above = row.parent === undefined ? undefined : rows[placed.get(row.parent) as number]
    if (!above) continue
    above.descendants += row.descendants + 1
    above.errorsBelow += row.errorsBelow + (row.span.statusCode === 2 ? 1 : 0)
  }
  return rows
}

function byStart(a: TreeSpan, b: TreeSpan): number {
  // Of two that began together the longer one holds the other.
  return byNs(a.startNs, b.startNs) || byNs(b.endNs, a.endNs) || (a.spanId < b.spanId ? -1 : 1)
}

/** Decimal numbers without leading zeros, compared as texts: a trace has tens of thousands of them. */
function byNs(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}

/** The rows that are not below a folded one. */
export function visibleRows(rows: readonly TreeRow[], folds: Folds): readonly TreeRow[] {
  if (!folds.all && folds.named.size === 0) return rows
  const visible: TreeRow[] = []
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as TreeRow
    visible.push(row)
    if (row.children > 0 && isFolded(folds, row.span.spanId)) at += row.descendants
  }
  return visible
}

/** The ids of all spans above one. */
export function ancestorsOf(rows: readonly TreeRow[], spanId: string): readonly string[] {
  const parents = new Map(rows.map(({ span, parent }) => [span.spanId, parent]))
  const above: string[] = []
  for (let id = parents.get(spanId); id !== undefined && above.length < rows.length; id = parents.get(id))
    above.push(id)
  return above
}

/** From the first start to the last end of any span. */
export function extentOf(spans: readonly TreeSpan[]): Extent {
  let start: string | undefined
  let end = '0'
  for (const { startNs, endNs } of spans) {
    if (start === undefined || byNs(startNs, start) < 0) start = startNs
    if (byNs(startNs, end) > 0) end = startNs
    if (byNs(endNs, end) > 0) end = endNs
  }
  const startNs = BigInt(start ?? 0)
  return { startNs, length: Math.max(1, Number(BigInt(end) - startNs)) }
}

/** Where a span's bar begins and how wide it is, as shares of the extent. One that has not ended goes on to the end. */
export function barOf(span: TreeSpan, { startNs, length }: Extent): { left: number; width: number } {
  const left = Number(BigInt(span.startNs) - startNs) / length
  const end = span.endNs === '0' ? 1 : Number(BigInt(span.endNs) - startNs) / length
  return { left, width: Math.max(0, end - left) }
}

/** Whether a span has a text, in lower case, in its name or in what is known of it. */
export function spanHas({ name, spanId, service, fields }: TreeSpan, wanted: string): boolean {
  const { agent, tool, requestModel, responseModel, error, session, user } = fields
  return [name, tool, agent, responseModel, requestModel, error, service, session, user, spanId].some(
    (text) => text?.toLowerCase().includes(wanted) ?? false,
  )
}

/** Round times from `from` on for an axis of `length` ns: at most `most` ticks, each a 1, 2 or 5 of its power of ten. */
export function axisTicks(length: number, most: number, from = 0): readonly number[] {
  const least = length / most
  const power = 10 ** Math.floor(Math.log10(least))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= least) ?? 10 * power
  const first = Math.ceil(from / step)
  const last = Math.floor((from + length) / step)
  return Array.from({ length: last - first + 1 }, (_, tick) => (first + tick) * step)
}
