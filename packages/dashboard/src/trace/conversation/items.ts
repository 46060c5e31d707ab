// A thread as rows to draw, in the order in which it is read. Pure.
import { type Folds, isFolded } from '../folds.ts'
import type { Entry, Lane, Turn } from './thread-types.ts'

/** A row of the thread. `depth`: how many agents it stands within. */
export type Item =
  | {
      readonly kind: 'lane'
      readonly key: string
      readonly depth: number
      readonly lane: Lane
      readonly open: boolean
    }
  | { readonly kind: 'message'; readonly key: string; readonly depth: number; readonly entry: Entry }
  | {
      readonly kind: 'call'
      readonly key: string
      readonly depth: number
      readonly turn: Turn
      /** The agent that the lane says already. */
      readonly agent: string | undefined
    }

interface Place {
  readonly lane: Lane
  /** Lanes that were begun after each turn. */
  readonly inner: Map<number, Place[]>
  /** Lanes that went another way from this one. */
  readonly branches: Place[]
}

/**
 * All rows. An agent that another one called stands within it, at the time at which it began; a lane of the same agent
 * does where it lies between two of its calls. A branch stands behind the lane that it left.
 */
export function itemsOf(lanes: readonly Lane[], folds: Folds): readonly Item[] {
  const items: Item[] = []
  const titled = lanes.length > 1
  const stack: { place: Place; depth: number; turn: number }[] = []
  const open = (places: readonly Place[], depth: number) => {
    for (const place of places.toReversed()) stack.push({ place, depth, turn: -1 })
  }
  open(placesOf(lanes), 0)
  // Without recursion: lanes nest as deep as agents call agents.
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { place, depth, turn } = next
    const { lane } = place
    const shut = titled && isFolded(folds, lane.id)
    if (turn < 0 && titled) items.push({ kind: 'lane', key: `${lane.id}.lane`, depth, lane, open: !shut })
    const now = lane.turns[turn + 1]
    if (shut || !now) {
      open(place.branches, depth)
      continue
    }
    stack.push({ place, depth, turn: turn + 1 })
    for (const entry of now.fresh) items.push({ kind: 'message', key: entry.key, depth, entry })
    items.push({ kind: 'call', key: `${now.call.span.spanId}.call`, depth, turn: now, agent: lane.agent })
    for (const entry of now.answers) items.push({ kind: 'message', key: entry.key, depth, entry })
    open(place.inner.get(turn + 1) ?? [], depth + 1)
  }
  return items
}

function placesOf(lanes: readonly Lane[]): readonly Place[] {
  const places = lanes.map((lane): Place => ({ lane, inner: new Map(), branches: [] }))
  const byCall = new Map<string, Place>()
  const byOwner = new Map<string, Place[]>()
  for (const place of places) {
    for (const { call } of place.lane.turns) byCall.set(call.span.spanId, place)
    const list = byOwner.get(place.lane.owner)
    if (list) list.push(place)
    else byOwner.set(place.lane.owner, [place])
  }
  const roots: Place[] = []
  for (const place of places) {
    const { branch } = place.lane
    const source = branch ? byCall.get(branch.from.span.spanId) : undefined
    const around = source ? undefined : surrounding(place, byOwner)
    if (source) source.branches.push(place)
    else if (around) {
      const list = around.within.inner.get(around.after)
      if (list) list.push(place)
      else around.within.inner.set(around.after, [place])
    } else roots.push(place)
  }
  return roots
}

/** The lane that another one stands within, and the turn that it comes after. */
function surrounding(
  place: Place,
  byOwner: ReadonlyMap<string, readonly Place[]>,
): { within: Place; after: number } | undefined {
  const { turns, owner } = place.lane
  const [{ call: first }, { call: last }] = [turns[0] as Turn, turns.at(-1) as Turn]
  for (const above of [owner, ...first.owners]) {
    let best: { within: Place; after: number; end: number } | undefined
    for (const within of (byOwner.get(above) ?? []).slice(0, MOST_LANES)) {
      if (within === place) continue
      const after = within.lane.turns.findLastIndex(({ call }) => call.end <= first.start)
      const [before, next] = [within.lane.turns[after], within.lane.turns[after + 1]]
      if (!before) continue
      if (above === owner && (!next || next.call.start < last.end)) continue
      if (!best || before.call.end > best.end) best = { within, after, end: before.call.end }
    }
    if (best) return best
  }
  return undefined
}

/** Lanes of one agent that another one may stand within: a thousand that ask once each hold none. */
const MOST_LANES = 64
