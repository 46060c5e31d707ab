// Gathers what the shapes find, over all frames of a stream, and decides which of it counts.
import { Growing } from './growing.ts'
import { appendIds, appendLogprobs, sameIds } from './id-list.ts'
import { known } from './json.ts'
import type { Problems } from './problems.ts'
import { type Finds, LAST_CHOICE, type ReplyPart, type Shape } from './shapes/shape.ts'
import type { ChoiceTokens } from './types.ts'

/** In place of a choice: what belongs to all of them. */
const ALL = -1

interface Found<T extends Uint32Array | Float64Array> {
  readonly values: Growing<T>
  /** A part of it was unusable, so that the rest is no whole list. */
  broken: boolean
}

/** Per choice, what each shape found. */
type Lists<T extends Uint32Array | Float64Array> = Map<number, Map<Shape, Found<T>>>
type Append<T extends Uint32Array | Float64Array> = (value: unknown, to: Growing<T>) => string | undefined

const makeIds = (length: number): Uint32Array => new Uint32Array(length)
const makeLogprobs = (length: number): Float64Array => new Float64Array(length)

/** What was found in one reply. */
export class Collector {
  readonly #shapes: readonly Shape[]
  readonly #problems: Problems
  readonly #prompts: Lists<Uint32Array> = new Map()
  readonly #responses: Lists<Uint32Array> = new Map()
  readonly #logprobs: Lists<Float64Array> = new Map()
  readonly #refusals: Lists<Float64Array> = new Map()
  readonly #met = new Set<string>()
  readonly #finders: readonly { readonly shape: Shape; readonly finds: Finds }[]

  constructor(shapes: readonly Shape[], problems: Problems) {
    this.#shapes = shapes
    this.#problems = problems
    this.#finders = shapes.map((shape) => ({ shape, finds: this.#findsOf(shape) }))
  }

  /** Lets every shape look at a part. */
  read(part: ReplyPart): void {
    for (const { shape, finds } of this.#finders) shape.read(part, finds)
  }

  /** The names of the shapes that found something, in the order met. */
  get met(): readonly string[] {
    return [...this.#met]
  }

  /** Decides between the shapes. `reasons` are the finish reasons of the choices that the reply names. */
  result(reasons: ReadonlyMap<number, string | undefined>): {
    readonly promptTokenIds?: Uint32Array
    readonly choices: readonly ChoiceTokens[]
  } {
    const lists = [this.#prompts, this.#responses, this.#logprobs, this.#refusals]
    const all = new Set([...reasons.keys(), ...lists.flatMap((found) => [...found.keys()])])
    all.delete(ALL)
    const indices = [...all].sort((a, b) => a - b)
    const prompts = new Map(indices.map((index) => [index, this.#promptOf(index)]))
    const shared = indices.length === 0 ? this.#promptOf(ALL) : onlyOne([...prompts.values()])
    const choices = indices.map((index) =>
      this.#choice(index, prompts.get(index), shared === undefined, reasons.get(index)),
    )
    return { ...(shared ? { promptTokenIds: shared } : {}), choices }
  }

  #choice(
    index: number,
    prompt: Uint32Array | undefined,
    isOwn: boolean,
    finishReason: string | undefined,
  ): ChoiceTokens {
    const ids = this.#chosenIds(`choices[${index}]`, this.#responses.get(index))
    return known<ChoiceTokens>({
      index,
      promptTokenIds: isOwn ? prompt : undefined,
      responseTokenIds: ids,
      logprobs: withoutEcho(chosen(this.#shapes, this.#logprobs.get(index)), prompt, ids),
      refusalLogprobs: chosen(this.#shapes, this.#refusals.get(index)),
      finishReason,
    })
  }

  #promptOf(choice: number): Uint32Array | undefined {
    const found = new Map([...(this.#prompts.get(ALL) ?? []), ...(this.#prompts.get(choice) ?? [])])
    return this.#chosenIds('prompt', found)
  }

  /** The ids of the first shape that has any; the others are compared with them, but for those that lose some. */
  #chosenIds(
    path: string,
    found: ReadonlyMap<Shape, Found<Uint32Array>> | undefined,
  ): Uint32Array | undefined {
    if (!found) return undefined
    const usable = this.#shapes.filter((shape) => isUsable(found.get(shape)))
    const [first, ...others] = usable
    if (!first) return undefined
    const ids = found.get(first)!.values.values()
    for (const other of others) {
      if (other.lossy || sameIds(ids, found.get(other)!.values.values())) continue
      this.#problems.add(`${path}: ${first.name} and ${other.name} give different ids`)
    }
    return ids
  }

  #findsOf(shape: Shape): Finds {
    const ids = <L extends Lists<Uint32Array>>(lists: L, choice: number) =>
      slot(lists, choice, shape, makeIds)
    const logprobs = (lists: Lists<Float64Array>, choice: number) => slot(lists, choice, shape, makeLogprobs)
    return {
      prompt: (value, path) => {
        if (says(value)) this.#once(ids(this.#prompts, ALL), value, path, shape)
      },
      promptOf: (choice, value, path) => {
        if (says(value) && choice <= LAST_CHOICE) this.#once(ids(this.#prompts, choice), value, path, shape)
      },
      response: (choice, value, path) => {
        if (says(value) && choice <= LAST_CHOICE)
          this.#append(ids(this.#responses, choice), appendIds, value, path, shape)
      },
      responseSoFar: (choice, value, path) => {
        if (says(value) && choice <= LAST_CHOICE)
          this.#replace(ids(this.#responses, choice), appendIds, value, path, shape)
      },
      logprobs: (choice, values, path) => {
        if (says(values) && choice <= LAST_CHOICE)
          this.#append(logprobs(this.#logprobs, choice), appendLogprobs, values, path, shape)
      },
      logprobsSoFar: (choice, values, path) => {
        if (says(values) && choice <= LAST_CHOICE)
          this.#replace(logprobs(this.#logprobs, choice), appendLogprobs, values, path, shape)
      },
      refusalLogprobs: (choice, values, path) => {
        if (says(values) && choice <= LAST_CHOICE)
          this.#append(logprobs(this.#refusals, choice), appendLogprobs, values, path, shape)
      },
    }
  }

  #once(found: Found<Uint32Array>, value: unknown, path: string, shape: Shape): void {
    if (found.values.length === 0) this.#append(found, appendIds, value, path, shape)
  }

  #replace<T extends Uint32Array | Float64Array>(
    found: Found<T>,
    append: Append<T>,
    value: unknown,
    path: string,
    shape: Shape,
  ): void {
    found.values.clear()
    this.#append(found, append, value, path, shape)
  }

  #append<T extends Uint32Array | Float64Array>(
    found: Found<T>,
    append: Append<T>,
    value: unknown,
    path: string,
    shape: Shape,
  ): void {
    const wrong = append(value, found.values)
    if (wrong === undefined) this.#met.add(shape.name)
    else {
      found.broken = true
      this.#problems.add(path + wrong)
    }
  }
}

/** Whether a value says anything: not null, absent or an empty list. */
function says(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
}

function slot<T extends Uint32Array | Float64Array>(
  lists: Lists<T>,
  choice: number,
  shape: Shape,
  make: (length: number) => T,
): Found<T> {
  const ofChoice = lists.get(choice) ?? new Map<Shape, Found<T>>()
  const found = ofChoice.get(shape) ?? { values: new Growing(make), broken: false }
  lists.set(choice, ofChoice.set(shape, found))
  return found
}

function isUsable(found: Found<Uint32Array | Float64Array> | undefined): boolean {
  return found !== undefined && !found.broken && found.values.length > 0
}

function chosen<T extends Uint32Array | Float64Array>(
  shapes: readonly Shape[],
  found: ReadonlyMap<Shape, Found<T>> | undefined,
): T | undefined {
  const shape = found && shapes.find((each) => isUsable(found.get(each)))
  return shape && found.get(shape)!.values.values()
}

/** The prompt when it is one and the same for all choices that have one. */
function onlyOne(prompts: readonly (Uint32Array | undefined)[]): Uint32Array | undefined {
  const [first, ...others] = prompts.filter((prompt) => prompt !== undefined)
  return first && others.every((other) => sameIds(first, other)) ? first : undefined
}

/** With `echo` the logprobs begin with the prompt's, which the ids of the response do not. */
function withoutEcho(
  logprobs: Float64Array | undefined,
  prompt: Uint32Array | undefined,
  ids: Uint32Array | undefined,
): Float64Array | undefined {
  if (!logprobs || !prompt || !ids || logprobs.length !== prompt.length + ids.length) return logprobs
  return logprobs.subarray(prompt.length)
}
