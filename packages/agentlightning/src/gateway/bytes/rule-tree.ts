// Rules of cutting as a tree by member names, made once per set of rules.
import { type CutRule, type CutRules, EACH, type EventCondition } from './types.ts'

/** One place in a reply on the way to a rule or condition, or at one. */
export interface RuleNode {
  readonly members: readonly RuleMember[]
  readonly each?: RuleNode
  readonly rule?: CutRule
  /** Indexes of the conditions that look here. */
  readonly conditions: readonly number[]
}

/** A member on the way, with its name as bytes. */
export interface RuleMember {
  readonly name: string
  readonly bytes: Uint8Array
  readonly node: RuleNode
}

interface Building {
  readonly members: { name: string; bytes: Uint8Array; node: Building }[]
  each?: Building
  rule?: CutRule
  readonly conditions: number[]
}

const trees = new WeakMap<CutRules, RuleNode>()

/** The tree of a set of rules. */
export function ruleTree(rules: CutRules): RuleNode {
  const known = trees.get(rules)
  if (known !== undefined) return known
  const root: Building = { members: [], conditions: [] }
  for (const rule of rules.rules) nodeAt(root, rule.path).rule = rule
  const conditions: readonly EventCondition[] = rules.dropWhen ?? []
  for (const [index, condition] of conditions.entries()) nodeAt(root, condition.path).conditions.push(index)
  trees.set(rules, root)
  return root
}

function nodeAt(root: Building, path: readonly string[]): Building {
  let node = root
  for (const step of path) node = step === EACH ? elementsOf(node) : memberOf(node, step)
  return node
}

function elementsOf(node: Building): Building {
  node.each ??= { members: [], conditions: [] }
  return node.each
}

function memberOf(node: Building, name: string): Building {
  let member = node.members.find((known) => known.name === name)
  if (member === undefined) {
    member = { name, bytes: Buffer.from(name), node: { members: [], conditions: [] } }
    node.members.push(member)
  }
  return member.node
}
