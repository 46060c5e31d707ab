// Nesting and lengths of arrays in OTLP/JSON, exact, for the few values that could exceed their limits.
import { anyValueFields, listFields } from './json-any-value.ts'
import type { JsonCursor } from './json-cursor.ts'
import { jsonFields, matchJson } from './json-fields.ts'
import { jsonText } from './json-text.ts'
import type { ArrayLimits } from './span-view.ts'
import { longArray, longList, tooDeep } from './value-limits.ts'

/** Brackets that a level of AnyValue costs at least: `{"arrayValue":{"values":[`, of an empty innermost one. */
const LEAST_BRACKETS = 3

const QUOTE = 0x22
const MINUS = 0x2d
const CLOSE_OBJECT = 0x7d

const pairFields = jsonFields('key', 'value')
/** Where the values of an object lie. */
const holderFields = {
  holder: jsonFields('attributes'),
  log: jsonFields('attributes', 'body'),
  point: jsonFields('attributes', 'exemplars'),
  exemplar: jsonFields('filteredAttributes'),
} as const

/** Something with values: a list of KeyValues, or an object; `holder` is an event, link, resource or scope. */
export type Holder = 'pairs' | 'holder' | 'log' | 'point'

/** What the values in a JSON body are held to. */
export interface ValueLimits extends ArrayLimits {
  /** Levels of array and kvlist values. */
  readonly depth: number
}

/** A value that exceeds a limit: how, and below which attribute. */
export interface Excess {
  readonly problem: string
  readonly attribute: string
}

/**
 * How the object that was skipped last exceeds the limits; `undefined` when it does not. Nearly all are known not to
 * by their brackets and commas alone; only the others are walked through.
 * @param start where the object began; the cursor stands where it did afterwards
 * @param what a KeyValue, or something with lists of them
 */
export function excessOf(
  cursor: JsonCursor,
  start: number,
  what: 'pair' | Holder,
  limits: ValueLimits,
): Excess | undefined {
  const shallow = cursor.levels < LEAST_BRACKETS * (limits.depth + 1)
  const short = cursor.allCommas < limits.arrayElements && cursor.allCommas < limits.arrayIntegers
  if (shallow && short) return undefined
  const { pos, levels, commas, allCommas } = cursor
  cursor.pos = start
  const walk = new ValueWalk(cursor, limits)
  const within =
    what === 'pair' ? walk.pair(limits.depth) : what === 'pairs' ? walk.pairs() : walk.holder(what)
  cursor.pos = pos
  cursor.levels = levels
  cursor.commas = commas
  cursor.allCommas = allCommas
  return within ? undefined : { problem: walk.problem, attribute: walk.attribute }
}

/** Walks through values, and stops at the first that exceeds a limit: each method is then false. */
class ValueWalk {
  problem = ''
  attribute = ''
  readonly #cursor: JsonCursor
  readonly #limits: ValueLimits

  constructor(cursor: JsonCursor, limits: ValueLimits) {
    this.#cursor = cursor
    this.#limits = limits
  }

  holder(what: keyof typeof holderFields): boolean {
    const cursor = this.#cursor
    const { depth } = this.#limits
    return this.#members(() => {
      const field = matchJson<string>(holderFields[what], cursor)
      if (field === undefined) cursor.skip()
      else if (field === 'body') return this.#value(depth)
      else if (field === 'exemplars') return this.#elements(() => this.holder('exemplar'))
      else return this.pairs()
      return true
    })
  }

  /** A list of KeyValues. */
  pairs(): boolean {
    return this.#elements(() => this.pair(this.#limits.depth))
  }

  /** A KeyValue; `depth` levels of its value may be lists. */
  pair(depth: number): boolean {
    const cursor = this.#cursor
    let [start, end] = [0, 0]
    return this.#members(() => {
      const field = matchJson(pairFields, cursor)
      if (field === 'value') {
        if (this.#value(depth)) return true
        this.attribute = jsonText(cursor.body, start, end)
        return false
      }
      const isKey = field === 'key' && cursor.peek() === 'string'
      cursor.skip()
      if (isKey) [start, end] = [cursor.start, cursor.end]
      return true
    })
  }

  /** An AnyValue of which `depth` levels may be lists. */
  #value(depth: number): boolean {
    const cursor = this.#cursor
    return this.#members(() => {
      const field = matchJson(anyValueFields, cursor)
      const isList = (field === 'arrayValue' || field === 'kvlistValue') && cursor.peek() === 'object'
      if (!isList) {
        cursor.skip()
        return true
      }
      if (depth === 0) return this.#exceeds(tooDeep(this.#limits.depth))
      return field === 'arrayValue' ? this.#array(depth - 1) : this.#list(depth - 1)
    })
  }

  #array(depth: number): boolean {
    const { arrayIntegers, arrayElements } = this.#limits
    return this.#values(() => {
      let integers = 0
      let others = 0
      return this.#elements(() => {
        const end = endOfInteger(this.#cursor.body, this.#cursor.pos)
        if (end > 0 || this.#isInteger()) integers++
        else others++
        if (integers > arrayIntegers) return this.#exceeds(longArray(arrayIntegers, 'integers'))
        if (others > arrayElements) return this.#exceeds(longArray(arrayElements, 'elements'))
        if (end === 0) return this.#value(depth)
        this.#cursor.pos = end
        return true
      })
    })
  }

  #list(depth: number): boolean {
    const { arrayElements } = this.#limits
    return this.#values(() => {
      let entries = 0
      return this.#elements(() => {
        if (++entries > arrayElements) return this.#exceeds(longList(arrayElements))
        return this.pair(depth)
      })
    })
  }

  /** True when the AnyValue at the cursor begins with an `intValue`; the cursor stays. */
  #isInteger(): boolean {
    const cursor = this.#cursor
    if (cursor.peek() !== 'object') return false
    const { pos } = cursor
    let integer = false
    if (cursor.openObject()) {
      cursor.key()
      integer = matchJson(anyValueFields, cursor) === 'intValue'
    }
    cursor.pos = pos
    return integer
  }

  /** Calls `check` with the cursor at the `values` of the ArrayValue or KeyValueList at the cursor. */
  #values(check: () => boolean): boolean {
    const cursor = this.#cursor
    return this.#members(() => {
      if (matchJson(listFields, cursor) !== undefined) return check()
      cursor.skip()
      return true
    })
  }

  /** Calls `check` behind each key of the object at the cursor; anything else is skipped. */
  #members(check: () => boolean): boolean {
    const cursor = this.#cursor
    if (cursor.peek() !== 'object') {
      cursor.skip()
      return true
    }
    if (!cursor.openObject()) return true
    do {
      cursor.key()
      if (!check()) return false
    } while (cursor.moreKeys())
    return true
  }

  /** Calls `check` at each element of the array at the cursor; anything else is skipped. */
  #elements(check: () => boolean): boolean {
    const cursor = this.#cursor
    if (cursor.peek() !== 'array') {
      cursor.skip()
      return true
    }
    if (!cursor.openArray()) return true
    do {
      if (!check()) return false
    } while (cursor.moreElements())
    return true
  }

  #exceeds(problem: string): false {
    this.problem = problem
    return false
  }
}

const INTEGER = Buffer.from('{"intValue":')

/** Where the checked AnyValue at `start` ends if it is an integer as encoders write them, dense; else 0. */
function endOfInteger(body: Buffer, start: number): number {
  for (let at = 0; at < INTEGER.length; at++) if (body[start + at] !== INTEGER[at]) return 0
  let p = start + INTEGER.length
  if (body[p] === QUOTE) p++
  if (body[p] === MINUS) p++
  while (body[p]! >= 0x30 && body[p]! <= 0x39) p++
  if (body[p] === QUOTE) p++
  if (body[p] !== CLOSE_OBJECT || body[p + 1]! <= 0x20) return 0
  return p + 1
}
