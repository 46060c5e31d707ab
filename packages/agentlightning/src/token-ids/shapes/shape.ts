// What a shape is: where one kind of server puts token ids or logprobs into its replies.
import { countOf, type JsonObject, listOf, objectOf } from '../json.ts'
import type { ShapeName } from '../types.ts'

/** A reply with more choices than this is none that a server gives. */
export const LAST_CHOICE = 65_535

/** One entry of `choices`. */
export interface PartChoice {
  readonly index: number
  readonly object: JsonObject
  /** For sentences: `choices[1]`. */
  readonly path: string
}

/** A plain reply, one frame of a stream, or one element of a reply that is a list. */
export interface ReplyPart {
  readonly object: JsonObject
  readonly choices: readonly PartChoice[]
  /** The choice that a reply without `choices` is. */
  readonly choice: number
  /** A frame of a stream: its lists are what is new, unless the shape knows better. */
  readonly streamed: boolean
}

/**
 * Where a shape puts what it finds. `null` and absent values say nothing and an empty list is none; a value of
 * any other type becomes a problem under its path, and then the shape's list for that choice is not used.
 */
export interface Finds {
  /** The prompt of all choices. The first list that a shape finds stays. */
  prompt(value: unknown, path: string): void
  promptOf(choice: number, value: unknown, path: string): void
  /** Appends: in a stream the lists of one choice are joined. */
  response(choice: number, value: unknown, path: string): void
  /** Replaces what the shape found for this choice before: servers that repeat the list from its start. */
  responseSoFar(choice: number, value: unknown, path: string): void
  /** Appends natural logarithms; `null` in the list stands for unknown. */
  logprobs(choice: number, values: unknown, path: string): void
  logprobsSoFar(choice: number, values: unknown, path: string): void
  refusalLogprobs(choice: number, values: unknown, path: string): void
}

/** Where one kind of server puts token ids or logprobs. */
export interface Shape {
  readonly name: ShapeName
  /** The server and the place, for people. */
  readonly title: string
  readonly gives: readonly ('prompt' | 'response' | 'logprobs')[]
  /** Its ids may lack some of the model's: a shape without this that finds ids, too, is preferred anyway. */
  readonly lossy?: true
  readonly read: (part: ReplyPart, finds: Finds) => void
}

/** Takes a reply, or a frame of a stream, apart into its choices. */
export function partOf(object: JsonObject, streamed: boolean, choice = 0): ReplyPart {
  const choices: PartChoice[] = []
  const taken = new Set<number>()
  for (const [at, item] of listOf(object.choices).slice(0, LAST_CHOICE).entries()) {
    const entry = objectOf(item)
    if (!entry) continue
    const said = countOf(entry.index)
    const index = said === undefined || said > LAST_CHOICE || (!streamed && taken.has(said)) ? at : said
    taken.add(index)
    choices.push({ index, object: entry, path: `choices[${at}]` })
  }
  return { object, choices, choice, streamed }
}

/** The member of every item of a list, `undefined` where an item is no object. */
export function pluck(items: readonly unknown[], member: string): unknown[] {
  return items.map((item) => objectOf(item)?.[member])
}

/** As `pluck`; what is no list stays what it is, so that it can be reported. */
export function pluckAny(items: unknown, member: string): unknown {
  return Array.isArray(items) ? pluck(items, member) : items
}
