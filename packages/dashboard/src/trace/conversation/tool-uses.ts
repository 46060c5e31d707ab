// Tool calls with what became of them: the result that a later call was told, and the spans that ran. Pure.
import type { TreeSpan } from '../../api.ts'
import { type Atom, remembered } from './atoms.ts'
import type { Placed } from './calls.ts'
import type { Entry, Lane, ToolUse, Turn } from './thread-types.ts'

/** A tool call that waits for its result. */
interface Pending extends Brought {
  readonly id: string | undefined
  /** Calls of one answer wait together. */
  readonly batch: number
}

/** An atom by its place. */
interface Brought {
  readonly entry: Entry
  readonly place: number
}

/** Earlier calls that named a tool and are looked at for the span of a run. */
const MOST_TURNS = 16

interface Made {
  result?: Atom
  runs: readonly TreeSpan[]
}
type Uses = Map<Entry, Map<number, Made>>

/** The lanes with each result at its tool call, where it is no message of its own any more. */
export function withToolUses(lanes: readonly Lane[], tools: readonly Placed[]): readonly Lane[] {
  const uses: Uses = new Map()
  const loose = new Map<Turn, readonly TreeSpan[]>()
  for (const [turn, runs] of runsByTurn(lanes, tools)) {
    const rest = giveRuns(turn, runs, uses)
    if (rest.length > 0) loose.set(turn, rest)
  }
  const shown = lanes.map((lane) => ({ ...lane, turns: withoutResults(lane.turns, uses) }))
  const complete = (entry: Entry): Entry => {
    const own = uses.get(entry)
    if (!own) return entry
    const all = [...own].map(([place, { result, runs }]): [number, ToolUse] => [place, { result, runs }])
    return { ...entry, uses: new Map(all) }
  }
  return shown.map((lane, at) => ({
    ...lane,
    turns: lane.turns.map((turn, index) => ({
      ...turn,
      fresh: turn.fresh.map(complete),
      answers: turn.answers.map(complete),
      runs: loose.get(lanes[at]?.turns[index] as Turn) ?? [],
    })),
  }))
}

function recordOf(uses: Uses, entry: Entry, place: number): Made {
  const own = remembered(uses, entry, () => new Map<number, Made>())
  return remembered(own, place, () => ({ runs: [] }))
}

/** Takes results out of the messages that brought them, and gives them to the calls that they are of. */
function withoutResults(turns: readonly Turn[], uses: Uses): readonly Turn[] {
  let pending: Pending[] = []
  let batch = 0
  return turns.map((turn) => {
    const taken = new Map<Entry, Set<number>>()
    let nameless: Brought[] = []
    const give = (to: Pending | undefined, { entry, place }: Brought) => {
      if (!to) return
      recordOf(uses, to.entry, to.place).result = entry.atoms[place] as Atom
      pending = pending.filter((one) => one !== to)
      taken.set(entry, (taken.get(entry) ?? new Set()).add(place))
    }
    // Without ids their order tells, where there is one for each.
    const giveInOrder = () => {
      const newest = pending.at(-1)?.batch
      const open = pending.filter((one) => one.batch === newest)
      if (nameless.length === open.length)
        nameless.forEach((result, at) => {
          give(open[at], result)
        })
      nameless = []
    }
    const wait = (entry: Entry) => {
      entry.atoms.forEach(({ part }, place) => {
        if (part.type === 'toolCall') pending.push({ entry, place, id: part.id, batch })
      })
    }
    for (const entry of turn.fresh) {
      if (asksTools(entry)) {
        giveInOrder()
        wait(entry)
        continue
      }
      // A result that took the place of another one is something to see.
      if (entry.edited) continue
      entry.atoms.forEach(({ part }, place) => {
        if (part.type !== 'toolResult') return
        batch++
        const { id } = part
        const named = id === undefined ? undefined : pending.findLast((one) => one.id === id)
        if (named) give(named, { entry, place })
        // Some write the id on one side only.
        else if (id === undefined || pending.at(-1)?.id === undefined) nameless.push({ entry, place })
      })
    }
    giveInOrder()
    batch++
    turn.answers.forEach(wait)
    if (taken.size === 0) return turn
    return { ...turn, fresh: turn.fresh.flatMap((entry) => without(entry, taken.get(entry))) }
  })
}

function without(entry: Entry, places: ReadonlySet<number> | undefined): Entry[] {
  if (!places) return [entry]
  const atoms = entry.atoms.filter((_, place) => !places.has(place))
  return atoms.length === 0 ? [] : [{ ...entry, atoms }]
}

function asksTools({ atoms }: Entry): boolean {
  return atoms.some(({ part }) => part.type === 'toolCall')
}

/** For each turn the runs of tools that its answer asked for: those before the next call of its lane. */
function runsByTurn(lanes: readonly Lane[], tools: readonly Placed[]): Map<Turn, Placed[]> {
  const asking = new Map<string, { turn: Turn; until: number }[]>()
  for (const { turns } of lanes) {
    turns.forEach((turn, at) => {
      const until = turns[at + 1]?.call.start ?? Number.POSITIVE_INFINITY
      for (const name of new Set(turn.answers.flatMap(namesOf))) {
        const key = `${turn.call.owner} ${name}`
        const list = asking.get(key)
        if (list) list.push({ turn, until })
        else asking.set(key, [{ turn, until }])
      }
    })
  }
  for (const list of asking.values()) list.sort((a, b) => a.turn.call.start - b.turn.call.start)
  const found = new Map<Turn, Placed[]>()
  for (const tool of tools) {
    const list = asking.get(`${tool.owner} ${toolName(tool.span)}`) ?? []
    const turn = latestBefore(list, tool.start)
    if (!turn) continue
    const runs = found.get(turn)
    if (runs) runs.push(tool)
    else found.set(turn, [tool])
  }
  return found
}

function latestBefore(asking: readonly { turn: Turn; until: number }[], start: number): Turn | undefined {
  let [low, high] = [0, asking.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((asking[middle]?.turn.call.start as number) <= start) low = middle + 1
    else high = middle
  }
  return asking.slice(Math.max(0, low - MOST_TURNS), low).findLast(({ until }) => start < until)?.turn
}

function namesOf({ atoms }: Entry): string[] {
  return atoms.flatMap(({ part }) => (part.type === 'toolCall' ? [part.name] : []))
}

function toolName({ fields, name }: TreeSpan): string {
  return fields.tool ?? name
}

/** Gives runs to the calls of an answer; returns those that could belong to more than one. */
function giveRuns(turn: Turn, runs: readonly Placed[], uses: Uses): readonly TreeSpan[] {
  const rest: TreeSpan[] = []
  for (const name of new Set(runs.map(({ span }) => toolName(span)))) {
    const mine = runs.filter(({ span }) => toolName(span) === name).map(({ span }) => span)
    const asked = turn.answers.flatMap((entry) =>
      entry.atoms.flatMap(({ part }, place) =>
        part.type === 'toolCall' && part.name === name ? [{ entry, place }] : [],
      ),
    )
    const [only] = asked
    if (asked.length === 1 && only) recordOf(uses, only.entry, only.place).runs = mine
    else if (asked.length === mine.length)
      asked.forEach(({ entry, place }, at) => {
        recordOf(uses, entry, place).runs = mine.slice(at, at + 1)
      })
    else rest.push(...mine)
  }
  return rest
}
