// The order in which a trace's spans are drawn: a forest from parent ids, whatever they say.
import type { TreeSpan } from '../../store/contract.ts'

/** More siblings of one name than this are drawn as one row. */
export const FOLD_ABOVE = 20

/** Why a row stands at the top level. */
export type TopReason = 'root' | 'orphan' | 'loop'

/** What is drawn on one row. */
export interface ForestRow {
  readonly span: TreeSpan
  /** 0 at the top. */
  readonly depth: number
  /** For each level above this row, and for the row itself: no sibling follows. Shared: do not change. */
  readonly guides: Guides | undefined
  /** Set on rows of the top level. */
  readonly top: TopReason | undefined
  readonly fold: Fold | undefined
}

/** One level of guides and the levels above it. */
export interface Guides {
  readonly above: Guides | undefined
  readonly last: boolean
}

/** Siblings of one name, drawn as one row. */
export interface Fold {
  readonly spans: readonly TreeSpan[]
  /** Spans below them, not drawn either. */
  readonly below: number
  /** Spans with error among all these. */
  readonly errors: number
  /** The first of those errors that says something. */
  readonly error: string | undefined
}

interface Item {
  readonly spans: readonly TreeSpan[]
  readonly depth: number
  readonly guides: Guides | undefined
  readonly top: TopReason | undefined
}

/**
 * Rows in drawing order: children under their parent by start time, also those outside of its time. Spans
 * whose parent is not there stand at the top, as do the earliest of those that are each other's ancestors.
 * Each span is in exactly one row or fold. Takes linear memory and no recursion, however deep.
 */
export function layOut(spans: readonly TreeSpan[], options: { foldAbove: number }): ForestRow[] {
  const ordered = [...spans].sort(byStart)
  const ids = new Set(ordered.map((span) => span.spanId))
  const children = new Map<string, TreeSpan[]>()
  const tops: { span: TreeSpan; reason: TopReason }[] = []
  for (const span of ordered) {
    const parent = span.parentSpanId
    if (parent == null) tops.push({ span, reason: 'root' })
    else if (!ids.has(parent)) tops.push({ span, reason: 'orphan' })
    else push(children, parent, span)
  }
  for (const span of loopEntries(ordered, tops, children)) tops.push({ span, reason: 'loop' })
  tops.sort((a, b) => byStart(a.span, b.span))

  const rows: ForestRow[] = []
  const drawn = new Set<TreeSpan>()
  const stack: Item[] = []
  const reasons = new Map(tops.map(({ span, reason }) => [span, reason]))
  stackUp(
    tops.map(({ span }) => span),
    0,
    undefined,
  )
  for (let item = stack.pop(); item; item = stack.pop()) {
    const [span] = item.spans as [TreeSpan]
    if (drawn.has(span)) continue
    const { depth, guides, top } = item
    if (item.spans.length > 1) {
      rows.push({ span, depth, guides, top, fold: foldOf(item.spans) })
      continue
    }
    drawn.add(span)
    rows.push({ span, depth, guides, top, fold: undefined })
    stackUp(children.get(span.spanId) ?? [], depth + 1, guides)
  }
  return rows

  /** Puts siblings on the stack, the first on top, many of one name as one item. */
  function stackUp(all: readonly TreeSpan[], depth: number, above: Guides | undefined): void {
    const siblings = all.filter((span) => !drawn.has(span))
    const byName = new Map<string, TreeSpan[]>()
    for (const span of siblings) push(byName, span.name, span)
    const groups: (readonly TreeSpan[])[] = []
    for (const span of siblings) {
      const same = byName.get(span.name) as TreeSpan[]
      if (same.length <= options.foldAbove) groups.push([span])
      else if (same[0] === span) groups.push(same)
    }
    for (let at = groups.length - 1; at >= 0; at--) {
      const group = groups[at] as readonly TreeSpan[]
      const guides = depth === 0 ? undefined : { above, last: at === groups.length - 1 }
      const top = depth === 0 ? reasons.get(group[0] as TreeSpan) : undefined
      stack.push({ spans: group, depth, guides, top })
    }
  }

  /** Counts what a fold hides, and marks it as drawn. */
  function foldOf(folded: readonly TreeSpan[]): Fold {
    const todo = [...folded].reverse()
    let count = 0
    let errors = 0
    let error: string | undefined
    for (let span = todo.pop(); span; span = todo.pop()) {
      if (drawn.has(span)) continue
      drawn.add(span)
      count++
      if (span.statusCode === 2) {
        errors++
        error ??= span.fields.error
      }
      const below = children.get(span.spanId) ?? []
      for (let at = below.length - 1; at >= 0; at--) todo.push(below[at] as TreeSpan)
    }
    return { spans: folded, below: count - folded.length, errors, error }
  }
}

/** The earliest span of each loop of parents: no top-level span leads there. */
function loopEntries(
  ordered: readonly TreeSpan[],
  tops: readonly { span: TreeSpan }[],
  children: ReadonlyMap<string, readonly TreeSpan[]>,
): TreeSpan[] {
  const reached = new Set<TreeSpan>()
  const todo: TreeSpan[] = []
  const reach = (from: TreeSpan): void => {
    todo.push(from)
    for (let span = todo.pop(); span; span = todo.pop()) {
      if (reached.has(span)) continue
      reached.add(span)
      for (const child of children.get(span.spanId) ?? []) todo.push(child)
    }
  }
  for (const { span } of tops) reach(span)
  const entries: TreeSpan[] = []
  if (reached.size === ordered.length) return entries
  const byId = new Map(ordered.map((span) => [span.spanId, span]))
  for (const span of ordered) {
    if (reached.has(span)) continue
    const entry = earliestOfLoop(span, byId)
    entries.push(entry)
    reach(entry)
  }
  return entries
}

/** Goes up from a span until a span comes twice: from there on it is the loop. */
function earliestOfLoop(from: TreeSpan, byId: ReadonlyMap<string, TreeSpan>): TreeSpan {
  const seen = new Set<TreeSpan>()
  let span = from
  while (!seen.has(span)) {
    seen.add(span)
    span = byId.get(span.parentSpanId as string) as TreeSpan
  }
  let earliest = span
  const start = span
  do {
    span = byId.get(span.parentSpanId as string) as TreeSpan
    if (byStart(span, earliest) < 0) earliest = span
  } while (span !== start)
  return earliest
}

function byStart(a: TreeSpan, b: TreeSpan): number {
  if (a.startNs !== b.startNs) return a.startNs < b.startNs ? -1 : 1
  if (a.endNs !== b.endNs) return a.endNs > b.endNs ? -1 : 1
  return a.spanId < b.spanId ? -1 : a.spanId > b.spanId ? 1 : 0
}

function push<Key, Item>(map: Map<Key, Item[]>, key: Key, item: Item): void {
  const items = map.get(key)
  if (items) items.push(item)
  else map.set(key, [item])
}
