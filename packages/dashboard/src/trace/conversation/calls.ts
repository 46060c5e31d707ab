// The model calls of a trace in the order of time, and whose they are: from the tree alone. Pure.
import type { TreeSpan } from '../../api.ts'
import type { TreeRow } from '../tree.ts'

/** Where a span stands among agents and in time. */
export interface Placed {
  readonly span: TreeSpan
  /** The span of the agent that it works for; empty for what works for none. */
  readonly owner: string
  /** Owners of the owner, the nearest first. */
  readonly owners: readonly string[]
  /** The agent's name, where one is known. */
  readonly agent: string | undefined
  /** ns since the first start; the end of one that has not ended is infinite. */
  readonly start: number
  readonly end: number
}

/** A model call. */
export interface CallSpan extends Placed {
  /** Spans of the same call above it, the nearest first: SDKs in layers record one call more than once. */
  readonly wrappers: readonly TreeSpan[]
}

/** What of a tree takes part in a conversation. */
export interface Cast {
  readonly calls: readonly CallSpan[]
  readonly tools: readonly Placed[]
}

/** Whose what stands below no agent is. The spans above it may be lost, or not have ended. */
const ROOT = ''

/** Agents above that are remembered. */
const MOST_OWNERS = 32

interface Above {
  readonly row: TreeRow
  readonly owner: string
  readonly owners: readonly string[]
  readonly agent: string | undefined
  /** Model calls below that hold no other. */
  inner: number
}

/** Model calls and tools, each in the order of their start. Of calls within each other the innermost counts. */
export function castOf(rows: readonly TreeRow[]): Cast {
  const base = rows.reduce<bigint | undefined>((least, { span }) => {
    const start = BigInt(span.startNs)
    return least === undefined || start < least ? start : least
  }, undefined)
  const since = (ns: string) => Number(BigInt(ns) - (base ?? 0n))
  const path: Above[] = []
  const calls: (Placed & { around: readonly Above[] })[] = []
  const tools: Placed[] = []
  rows.forEach((row, at) => {
    const { span, depth } = row
    path.length = Math.min(path.length, depth)
    const above = path.at(-1)
    const isAgent = span.fields.type === 'agent' || span.fields.type === 'session'
    const mine: Above =
      above === undefined || isAgent
        ? {
            row,
            owner: isAgent ? span.spanId : ROOT,
            owners: above ? [above.owner, ...above.owners].slice(0, MOST_OWNERS) : [],
            agent: span.fields.agent ?? (isAgent ? span.name : above?.agent),
            inner: 0,
          }
        : { ...above, row, inner: 0 }
    path.push(mine)
    const { owner, owners, agent } = mine
    const placed: Placed = {
      span,
      owner,
      owners,
      agent: span.fields.agent ?? agent,
      start: since(span.startNs),
      end: span.endNs === '0' ? Number.POSITIVE_INFINITY : since(span.endNs),
    }
    if (span.fields.type === 'tool') tools.push(placed)
    if (span.fields.type !== 'llm' || holdsCall(rows, at)) return
    const around = path.filter(({ row: { span: outer } }) => outer !== span && outer.fields.type === 'llm')
    for (const outer of around) outer.inner++
    calls.push({ ...placed, around: around.toReversed() })
  })
  return {
    calls: calls
      .map(({ around, ...call }) => ({
        ...call,
        wrappers: around.filter(({ inner }) => inner === 1).map(({ row }) => row.span),
      }))
      .sort(byStart),
    tools: tools.sort(byStart),
  }
}

function byStart(a: Placed, b: Placed): number {
  return a.start - b.start
}

function holdsCall(rows: readonly TreeRow[], at: number): boolean {
  const last = at + (rows[at] as TreeRow).descendants
  for (let below = at + 1; below <= last; below++) {
    if ((rows[below] as TreeRow).span.fields.type === 'llm') return true
  }
  return false
}
