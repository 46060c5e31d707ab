// Which call continues which: the one whose answer it was told. Pure.
import { alignAtoms } from './align.ts'
import { type Atom, speakerOf } from './atoms.ts'
import type { Call } from './thread-types.ts'

/** What a call was sent, and that with what it answered. */
export interface Context {
  readonly input: readonly Atom[]
  readonly all: readonly Atom[]
}

/** Earlier calls with the same answer that are tried, the newest first. */
const MOST_CANDIDATES = 16
/** Alignments per call: answers may be as short as "yes" and said a thousand times. */
const MOST_TRIED = 32

/** The atoms of each call. */
export function contextsOf(calls: readonly Call[]): readonly Context[] {
  return calls.map(({ messages }) => {
    const input = messages.input.flatMap(({ atoms }) => atoms)
    return { input, all: [...input, ...messages.output.flatMap(({ atoms }) => atoms)] }
  })
}

/** For each call, by the order of `calls`, the one whose answer it was sent; -1 where none was. */
export function predecessorsOf(calls: readonly Call[], contexts: readonly Context[]): readonly number[] {
  const answeredBy = new Map<number, number[]>()
  const continued = new Set<number>()
  return calls.map((_, at) => {
    const found = predecessorOf(at, calls, contexts, answeredBy, continued)
    if (found >= 0) continued.add(found)
    const { input, all } = contexts[at] as Context
    for (const { content } of all.slice(input.length)) {
      const list = answeredBy.get(content)
      if (list) list.push(at)
      else answeredBy.set(content, [at])
    }
    return found
  })
}

function predecessorOf(
  at: number,
  calls: readonly Call[],
  contexts: readonly Context[],
  answeredBy: ReadonlyMap<number, readonly number[]>,
  continued: ReadonlySet<number>,
): number {
  const { input } = contexts[at] as Context
  let tried = 0
  for (let place = input.length - 1; place >= 0 && tried < MOST_TRIED; place--) {
    const atom = input[place] as Atom
    if (atom.speaker !== 'assistant' || atom.part.type === 'reasoning') continue
    let best: { call: number; score: readonly number[] } | undefined
    for (const call of (answeredBy.get(atom.content) ?? []).slice(-MOST_CANDIDATES)) {
      tried++
      const score = scoreOf(calls, contexts, call, at, continued)
      if (score && (!best || isMore(score, best.score))) best = { call, score }
    }
    // The last answer that it was told is the one that it goes on from.
    if (best) return best.call
  }
  return -1
}

/** How well a call fits as the one before, the most telling first; undefined where its answer was not sent at all. */
function scoreOf(
  calls: readonly Call[],
  contexts: readonly Context[],
  before: number,
  at: number,
  continued: ReadonlySet<number>,
): readonly number[] | undefined {
  const [context, { input }] = [contexts[before] as Context, contexts[at] as Context]
  const places = alignAtoms(context.all, input)
  const told = places.findIndex((place) => place >= context.input.length)
  if (told < 0) return undefined
  const same = (of: (call: Call) => string | undefined) =>
    of(calls[before] as Call) === of(calls[at] as Call) ? 1 : 0
  let repeated = 0
  let ids = 0
  places.forEach((place, index) => {
    if (place < 0) return
    repeated++
    const [part, mine] = [(context.all[place] as Atom).part, (input[index] as Atom).part]
    if (part.type === 'toolCall' && mine.type === 'toolCall' && part.id !== undefined && part.id === mine.id)
      ids++
  })
  return [
    repeated,
    ids,
    same(({ owner }) => owner),
    same(({ span }) => span.parentSpanId),
    continued.has(before) ? 0 : 1,
    before,
  ]
}

function isMore(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, index) => value !== b[index])
  return at >= 0 && (a[at] as number) > (b[at] as number)
}

/** What calls begin with that belong together though none is told the other's answer: owner, instructions, question. */
export function openingOf({ owner, messages }: Call): string {
  const atoms = messages.input.flatMap((said) => said.atoms.map((atom) => ({ atom, role: said.role })))
  const first = atoms.findIndex(({ role }) => speakerOf(role) !== 'system')
  const opening = first < 0 ? atoms : atoms.slice(0, first + 1)
  return [owner, ...opening.map(({ atom }) => atom.content)].join(' ')
}
