// Model calls as a thread: each message once, where it was said first. Pure.
import { alignAtoms } from './align.ts'
import { type Atom, type Said, speakerOf } from './atoms.ts'
import { type Context, contextsOf, openingOf, predecessorsOf } from './predecessors.ts'
import type { Call, Entry, Lane, Turn } from './thread-types.ts'

/** An atom and the message that it was first said in. */
interface Held {
  readonly atom: Atom
  /** The place of its call. */
  readonly call: number
  readonly side: 'input' | 'output'
  readonly message: number
}

/** Lanes with the same beginning that a call may go on with. */
const MOST_KIN = 64

interface OpenLane {
  readonly calls: number[]
  readonly turns: Turn[]
  readonly branch: Lane['branch']
  /** All that was said in it, by content. */
  readonly seen: Map<number, Held[]>
}

/** The calls, in the order of time, as lanes in the order of their first call. */
export function lanesOf(calls: readonly Call[]): readonly Lane[] {
  const contexts = contextsOf(calls)
  const told = predecessorsOf(calls, contexts)
  const continued = new Set(told)
  const held: (readonly Held[])[] = []
  const laneOf: OpenLane[] = []
  const lanes: OpenLane[] = []
  const byOpening = new Map<string, OpenLane[]>()
  const instructions = new Map<number, number>()
  const entries = new Map<string, Entry>()

  /** A lane's last call was an attempt that came to nothing, and was over before this one began. */
  const isAbandoned = (lane: OpenLane, call: Call): boolean => {
    const last = lane.calls.at(-1) as number
    return !continued.has(last) && (calls[last] as Call).end <= call.start
  }

  calls.forEach((call, at) => {
    const opening = openingOf(call)
    const kin = byOpening.get(opening) ?? []
    let before = told[at] as number
    let lane: OpenLane | undefined
    if (before >= 0) {
      const own = laneOf[before] as OpenLane
      if (own.calls.at(-1) === before || isAbandoned(own, call)) lane = own
    } else {
      lane = kin.slice(-MOST_KIN).findLast((other) => isAbandoned(other, call))
      before = (lane ?? kin[0])?.calls[lane ? lane.calls.length - 1 : 0] ?? -1
    }
    const context = before < 0 ? [] : (held[before] as readonly Held[])
    const input = (contexts[at] as Context).input
    const matched = matches(context, input, lane?.seen)
    if (!lane) {
      lane = {
        calls: [],
        turns: [],
        branch: before < 0 ? undefined : branchOf(calls[before] as Call, call, matched),
        seen: new Map(),
      }
      lanes.push(lane)
      if (kin.length === 0) byOpening.set(opening, [lane])
      else kin.push(lane)
    }
    const fresh = freshEntries(
      call,
      matched,
      lane.calls.length === 0 && before < 0 ? instructions : undefined,
    )
    const answers = call.messages.output.flatMap((said, message) => answerEntry(call, said, message))
    for (const entry of [...fresh, ...answers]) entries.set(entry.key, entry)
    const now = heldOf(call, at, matched)
    held.push(now)
    laneOf.push(lane)
    const isFirst = lane.calls.length === 0
    for (const one of now) {
      if (one.call !== at && !isFirst) continue
      const list = lane.seen.get(one.atom.content)
      if (list) list.push(one)
      else lane.seen.set(one.atom.content, [one])
    }
    const left = isFirst ? [] : leftOutOf(context, matched, calls)
    const again =
      !isFirst &&
      fresh.length === 0 &&
      left.every(({ call: from, side }) => side === 'output' && from === before)
    lane.calls.push(at)
    lane.turns.push({
      call,
      fresh,
      answers,
      resent: messagesIn(call, matched),
      leftOut: again ? [] : left.flatMap((one) => entries.get(keyOf(calls, one)) ?? []),
      again,
      runs: [],
    })
  })
  return lanes.map(({ turns, branch }) => {
    const { call } = turns[0] as Turn
    return { id: call.span.spanId, owner: call.owner, agent: call.agent, turns, branch }
  })
}

/** For each atom of the input what it repeats, if anything. */
function matches(
  context: readonly Held[],
  input: readonly Atom[],
  seen: ReadonlyMap<number, readonly Held[]> | undefined,
): (Held | undefined)[] {
  const places = alignAtoms(
    context.map(({ atom }) => atom),
    input,
  )
  const found = Array.from(places, (place) => (place < 0 ? undefined : context[place]))
  if (!seen) return found
  // What stands before something old may have been left out in between; what stands last is new, though it may have
  // been said once before: a second "yes".
  const used = new Set(found)
  for (let at = found.findLastIndex((one) => one !== undefined); at >= 0; at--) {
    if (found[at]) continue
    const old = seen.get((input[at] as Atom).content)?.find((one) => !used.has(one))
    if (!old) continue
    found[at] = old
    used.add(old)
  }
  return found
}

function heldOf(call: Call, at: number, matched: readonly (Held | undefined)[]): readonly Held[] {
  const { input, output } = call.messages
  let place = 0
  return [
    ...input.flatMap(({ atoms }, message) =>
      atoms.map((atom) => matched[place++] ?? { atom, call: at, side: 'input' as const, message }),
    ),
    ...output.flatMap(({ atoms }, message) =>
      atoms.map((atom) => ({ atom, call: at, side: 'output' as const, message })),
    ),
  ]
}

/** What of the input was not said before. */
function freshEntries(
  call: Call,
  matched: readonly (Held | undefined)[],
  instructions: Map<number, number> | undefined,
): Entry[] {
  const last = matched.findLastIndex((one) => one !== undefined)
  let place = 0
  return call.messages.input.flatMap(({ role, atoms, finishReason }, message) => {
    const first = place
    const own = atoms.filter(() => matched[place++] === undefined)
    if (own.length === 0) return []
    return {
      ...entryOf(call, 'input', message, role, own, finishReason),
      edited: first < last,
      repeats: instructions && speakerOf(role) === 'system' ? firstWith(instructions, own, call) : undefined,
    }
  })
}

/** The number of the first call that had these instructions; undefined for the first itself. */
function firstWith(
  instructions: Map<number, number>,
  [atom, ...more]: readonly Atom[],
  call: Call,
): number | undefined {
  if (!atom || more.length > 0) return undefined
  const first = instructions.get(atom.content)
  if (first === undefined) instructions.set(atom.content, call.number)
  return first
}

function answerEntry(call: Call, { role, atoms, finishReason }: Said, message: number): Entry[] {
  if (atoms.length === 0) return []
  const { output } = call.messages
  // Some write the parts of one answer as messages of their own: choices end for a reason, each.
  const areChoices = output.length > 1 && output.every((said) => said.finishReason !== undefined)
  return [
    {
      ...entryOf(call, 'output', message, role, atoms, finishReason),
      choice: areChoices ? { at: message + 1, of: output.length } : undefined,
    },
  ]
}

function entryOf(
  call: Call,
  side: Entry['side'],
  message: number,
  role: string,
  atoms: readonly Atom[],
  finishReason: string | undefined,
): Entry {
  return {
    key: entryKey(call, side, message),
    call,
    side,
    role,
    atoms,
    finishReason,
    edited: false,
    choice: undefined,
    repeats: undefined,
    uses: new Map(),
  }
}

function entryKey(call: Call, side: Entry['side'], message: number): string {
  return `${call.span.spanId}.${side === 'input' ? 'in' : 'out'}.${message}`
}

function keyOf(calls: readonly Call[], { call, side, message }: Held): string {
  return entryKey(calls[call] as Call, side, message)
}

/** Messages of the input that were said before, whole. */
function messagesIn(call: Call, matched: readonly (Held | undefined)[]): number {
  let place = 0
  return call.messages.input.filter(({ atoms }) => {
    const old = atoms.filter(() => matched[place++] !== undefined)
    return atoms.length > 0 && old.length === atoms.length
  }).length
}

function branchOf(from: Call, call: Call, matched: readonly (Held | undefined)[]): Lane['branch'] {
  return { from, messages: messagesIn(call, matched) }
}

/** One atom of each message of the context that was not sent again. */
function leftOutOf(
  context: readonly Held[],
  matched: readonly (Held | undefined)[],
  calls: readonly Call[],
): readonly Held[] {
  const sent = new Set(matched)
  // One of several answers is chosen.
  const chosen = new Set(matched.flatMap((one) => (one?.side === 'output' ? [one.call] : [])))
  const left = new Map<string, Held>()
  for (const one of context) {
    // Thoughts are hardly ever sent again.
    if (sent.has(one) || one.atom.part.type === 'reasoning') continue
    if (one.side === 'output' && chosen.has(one.call) && (calls[one.call] as Call).messages.output.length > 1)
      continue
    const key = keyOf(calls, one)
    if (!left.has(key)) left.set(key, one)
  }
  return [...left.values()]
}
