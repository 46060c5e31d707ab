// Finds what to cut from one JSON text. Only the objects on the way to a rule are walked; everything else is skipped
// as bytes, so that members of the same name in content or tool arguments are never met.
import { ARRAY, JsonBytes, NULL, OBJECT } from './json-bytes.ts'
import { type RuleMember, type RuleNode, ruleTree } from './rule-tree.ts'
import { type CutRules, EACH } from './types.ts'

/** What takes the place of bytes that are cut. */
export type Replacement = 'nothing' | 'null' | 'emptyArray'

/** Bytes to cut, `end` exclusive. */
export interface Cut {
  start: number
  end: number
  readonly put: Replacement
}

/**
 * What to do with one JSON text: `unsure` and `truncated` (it ends before its JSON does) mean to leave it alone;
 * `drop` is set when the whole event would not have been sent unasked. Cuts are in order and do not overlap.
 */
export interface CutPlan {
  readonly verdict: 'known' | 'unsure' | 'truncated'
  readonly cuts: readonly Cut[]
  readonly drop: boolean
}

const NO_CUTS: readonly Cut[] = []
const unsure: CutPlan = { verdict: 'unsure', cuts: NO_CUTS, drop: false }
const truncated: CutPlan = { verdict: 'truncated', cuts: NO_CUTS, drop: false }
const unchanged: CutPlan = { verdict: 'known', cuts: NO_CUTS, drop: false }

const BROKEN = -1
const KEPT = 0
const REMOVED = 1

/** Plans the cuts of one JSON object. */
export function planCuts(text: Uint8Array, rules: CutRules): CutPlan {
  if (rules.marked !== undefined) {
    const bytes = Buffer.from(text.buffer, text.byteOffset, text.length)
    const other = rules.marked.find(({ mark }) => bytes.includes(mark))
    if (other !== undefined) return planCuts(text, other.rules)
  }
  const json = new JsonBytes(text)
  if (json.byte() !== OBJECT) return unsure
  const walk = new Walk(json, rules)
  const whole = walk.object(ruleTree(rules)) !== BROKEN && (json.atEnd() || walk.unfit())
  if (!whole || walk.isUnfit) return json.truncated && !walk.isUnfit ? truncated : unsure
  return walk.cuts.length === 0 ? unchanged : { verdict: 'known', cuts: walk.cuts, drop: walk.drops() }
}

class Walk {
  readonly cuts: Cut[] = []
  /** True when something was found that no rule foresees. */
  isUnfit = false
  readonly #json: JsonBytes
  readonly #rules: CutRules
  readonly #met: number[]
  readonly #failed: boolean[]
  #elements = 0

  constructor(json: JsonBytes, rules: CutRules) {
    this.#json = json
    this.#rules = rules
    const count = rules.dropWhen?.length ?? 0
    this.#met = new Array<number>(count).fill(0)
    this.#failed = new Array<boolean>(count).fill(false)
  }

  unfit(): false {
    this.isUnfit = true
    return false
  }

  /** True when every condition for dropping the event held. */
  drops(): boolean {
    const conditions = this.#rules.dropWhen
    if (conditions === undefined) return false
    return conditions.every((condition, index) => {
      if (this.#failed[index]) return false
      if (condition.optional === true) return true
      return this.#met[index] === (condition.path.includes(EACH) ? Math.max(1, this.#elements) : 1)
    })
  }

  /** At a brace: KEPT, REMOVED when nothing is left and a rule says that the object then goes, too, or BROKEN. */
  object(node: RuleNode): number {
    const json = this.#json
    const inside = json.pos + 1
    let state = json.enter()
    let isKept = false
    let isPruned = false
    // A removed member takes the comma before it along; those at the beginning take the one behind them.
    let leading = -1
    let behind = inside
    while (state === 1) {
      const keyAt = json.pos
      const mark = this.cuts.length
      if (!json.key()) return BROKEN
      const member = memberAt(json, node)
      const result = member === undefined ? (json.skip() ? KEPT : BROKEN) : this.#value(member.node)
      if (result === BROKEN) return BROKEN
      if (result === KEPT) {
        if (leading >= 0 && !isKept) this.cuts.splice(mark, 0, { start: leading, end: keyAt, put: 'nothing' })
        isKept = true
      } else {
        if (isKept) this.cuts.push({ start: behind, end: json.pos, put: 'nothing' })
        else if (leading < 0) leading = keyAt
        isPruned ||= member?.node.rule?.unasked === 'prune'
      }
      behind = json.pos
      state = json.more(OBJECT)
    }
    if (state === BROKEN) return BROKEN
    if (isKept || leading < 0) return KEPT
    if (isPruned) return REMOVED
    this.cuts.push({ start: inside, end: json.pos - 1, put: 'nothing' })
    return KEPT
  }

  // At a value that a rule or condition looks at, or that is on the way to one.
  #value(node: RuleNode): number {
    const json = this.#json
    const start = json.pos
    const first = json.byte()
    let result = KEPT
    const { rule } = node
    if (first === NULL || isLeaf(node)) {
      if (!json.skip()) return BROKEN
    } else if (rule !== undefined) {
      if (first !== (rule.expect === 'array' ? ARRAY : OBJECT)) return this.#misfit(first)
      if (!json.skip()) return BROKEN
      if (rule.unasked === 'remove' || rule.unasked === 'prune') result = REMOVED
      else if (rule.unasked === 'null') this.cuts.push({ start, end: json.pos, put: 'null' })
      else if (!isEmpty(json, start)) this.cuts.push({ start, end: json.pos, put: 'emptyArray' })
    } else if (first === ARRAY && node.each !== undefined) {
      if (!this.#array(node.each)) return BROKEN
    } else if (first === OBJECT && node.members.length > 0) {
      const mark = this.cuts.length
      result = this.object(node)
      if (result === REMOVED) this.cuts.length = mark
    } else return this.#misfit(first)
    if (result !== BROKEN && node.conditions.length > 0) this.#look(node, start, first, result)
    return result
  }

  #misfit(first: number): number {
    if (first >= 0) this.unfit()
    return BROKEN
  }

  #array(each: RuleNode): boolean {
    const json = this.#json
    let state = json.enter()
    while (state === 1) {
      this.#elements++
      if (this.#value(each) === BROKEN) return false
      state = json.more(ARRAY)
    }
    return state === 0
  }

  #look(node: RuleNode, start: number, first: number, result: number): void {
    for (const index of node.conditions) {
      const wanted = this.#rules.dropWhen?.[index]?.is
      const holds =
        wanted === 'null'
          ? first === NULL
          : wanted === 'cut'
            ? first !== NULL && (node.rule !== undefined || result === REMOVED)
            : first === (wanted === 'emptyArray' ? ARRAY : OBJECT) && isEmpty(this.#json, start)
      if (holds) this.#met[index] = (this.#met[index] as number) + 1
      else this.#failed[index] = true
    }
  }
}

// A condition on a value into which no rule leads.
function isLeaf(node: RuleNode): boolean {
  return node.rule === undefined && node.each === undefined && node.members.length === 0
}

// Of the object or array that ends at the cursor.
function isEmpty(json: JsonBytes, start: number): boolean {
  for (let at = start + 1; at < json.pos - 1; at++) {
    const byte = json.bytes[at] as number
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return false
  }
  return true
}

function memberAt(json: JsonBytes, node: RuleNode): RuleMember | undefined {
  if (json.keyEscaped) {
    const text = json.keyText()
    return node.members.find((member) => member.name === text)
  }
  const { bytes, keyStart, keyEnd } = json
  next: for (const member of node.members) {
    const name = member.bytes
    if (name.length !== keyEnd - keyStart) continue
    for (let i = 0; i < name.length; i++) if (bytes[keyStart + i] !== name[i]) continue next
    return member
  }
  return undefined
}
