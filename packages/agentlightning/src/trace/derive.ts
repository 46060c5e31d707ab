// Derives a span's fields from its attributes in one pass, through one table compiled from all dialects.
import { createKeyTable } from '../otlp/scan/key-table.ts'
import type { ContextView, KeyTable, SpanView, ValueView } from '../otlp/scan/span-view.ts'
import {
  type Dialect,
  type FieldName,
  type FieldValue,
  fieldNames,
  LAST_CHOICE,
  type Rule,
} from './dialects/dialect.ts'
import { dialects as allDialects } from './dialects/index.ts'
import { clip, TEXT_LIMIT } from './dialects/read.ts'
import { errorLine, exceptionLine } from './error-line.ts'
import type { ResourceFields, SpanFields, SpanType } from './fields.ts'
import { agentOfName, toolOfName, typeOfName } from './names.ts'
import { normalizeUsage } from './usage.ts'

/** Where a field of a span came from. */
export interface FieldSource {
  /** As in `SpanFields`, parts of it with a dot: `usage.input`. */
  readonly field: FieldName
  readonly key: string
  /** Id and title of the dialect whose table has the key. */
  readonly dialect: string
  readonly title: string
}

/** Derives fields; keeps scratch state, so use one per thread. Never throws for what a client sent. */
export interface Deriver {
  resource(context: ContextView): ResourceFields
  span(view: SpanView): SpanFields
  /** The attribute that won for each field of the span. */
  explain(view: SpanView): FieldSource[]
}

/** A rule with its place: the lower the rank, the more trusted. */
interface Target {
  readonly slot: number
  readonly rank: number
  readonly rule: Rule
  readonly dialect: Dialect
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const UNSET = 0xffff
const slots = new Map<FieldName, number>(fieldNames.map((name, slot) => [name, slot]))
const SERVICE = slot('service')
const RUN = slot('run')
const ROLLOUT = slot('rollout')
const ATTEMPT = slot('attempt')
const TYPE = slot('type')
const HINT = slot('hint')
const PROVIDER = slot('provider')
const REQUEST_MODEL = slot('requestModel')
const RESPONSE_MODEL = slot('responseModel')
const RESPONSE_ID = slot('responseId')
const AGENT = slot('agent')
const TOOL = slot('tool')
const ENTITY = slot('entity')
const SESSION = slot('session')
const USER = slot('user')
const TAGS = slot('tags')
const END_STATE = slot('endState')
const INPUT = slot('usage.input')
const OUTPUT = slot('usage.output')
const TOTAL = slot('usage.total')
const CACHE_READ = slot('usage.cacheRead')
const CACHE_WRITE = slot('usage.cacheWrite')
const REASONING = slot('usage.reasoning')
const COST = slot('cost')
const COST_INPUT = slot('cost.input')
const COST_OUTPUT = slot('cost.output')
const PROMPT_IDS = slot('promptIds')
const RESPONSE_IDS = slot('responseIds')
const FIRST_CHOICE = slot('responseIds.1')
const UNFINISHED = slot('unfinished')

const exceptionKeys = createKeyTable<'type' | 'message'>([
  ['exception.type', 'type'],
  ['exception.message', 'message'],
])

/** Compiles the tables of the dialects, the most trusted first, and gives the functions that use them. */
export function createDeriver(dialects: readonly Dialect[] = allDialects): Deriver {
  const spanTable = compile(dialects, (dialect) => dialect.span)
  const resourceTable = compile(dialects, (dialect) => dialect.resource ?? [])

  // One span at a time: a slot holds a value only where its rank is set, so ranks alone are reset.
  const ranks = new Uint16Array(fieldNames.length)
  const values: FieldValue[] = new Array(fieldNames.length).fill(undefined)
  const winners: (Target | undefined)[] = new Array(fieldNames.length).fill(undefined)

  const visit = (targets: readonly Target[], value: ValueView): void => {
    for (const target of targets) {
      if (target.rank >= (ranks[target.slot] as number)) continue
      const read = target.rule.read(value)
      if (read === undefined) continue
      ranks[target.slot] = target.rank
      values[target.slot] = read
      winners[target.slot] = target
    }
  }

  const has = (at: number): boolean => ranks[at] !== UNSET
  const text = (at: number): string | undefined => {
    const value = has(at) ? values[at] : undefined
    return typeof value === 'string' ? value : undefined
  }
  const number = (at: number): number | undefined => {
    const value = has(at) ? values[at] : undefined
    return typeof value === 'number' ? value : undefined
  }
  const list = (at: number): readonly string[] | undefined => {
    const value = has(at) ? values[at] : undefined
    return typeof value === 'object' ? value : undefined
  }

  function typeOf(view: SpanView): SpanType {
    const said = text(TYPE)
    if (said !== undefined) return said as SpanType
    if (has(REQUEST_MODEL) || has(RESPONSE_MODEL) || has(PROVIDER)) return 'llm'
    if (has(TOOL)) return 'tool'
    if (has(AGENT)) return 'agent'
    const hint = text(HINT)
    if (hint !== undefined) return hint as SpanType
    return typeOfName(view.name, view.context.scopeName) ?? (has(INPUT) || has(OUTPUT) ? 'llm' : 'other')
  }

  function responseIds(): number | undefined {
    let sum = number(RESPONSE_IDS) ?? 0
    for (let at = FIRST_CHOICE; at < FIRST_CHOICE + LAST_CHOICE; at++) if (has(at)) sum += number(at) ?? 0
    return sum === 0 ? undefined : sum
  }

  function usage() {
    if (!has(INPUT) && !has(OUTPUT) && !has(TOTAL) && !has(CACHE_READ) && !has(REASONING)) return undefined
    return normalizeUsage({
      input: number(INPUT),
      output: number(OUTPUT),
      total: number(TOTAL),
      cacheRead: number(CACHE_READ),
      cacheWrite: number(CACHE_WRITE),
      reasoning: number(REASONING),
      excludesCached: has(INPUT) && winners[INPUT]?.rule.excludesCached === true,
    })
  }

  function cost(): number | undefined {
    const input = number(COST_INPUT)
    const output = number(COST_OUTPUT)
    return number(COST) ?? (input === undefined || output === undefined ? undefined : input + output)
  }

  function build(view: SpanView): SpanFields {
    const type = typeOf(view)
    const fields: Mutable<SpanFields> = { type }
    const set = <K extends keyof SpanFields>(key: K, value: SpanFields[K] | undefined): void => {
      if (value !== undefined) fields[key] = value
    }
    set('provider', text(PROVIDER))
    set('requestModel', text(REQUEST_MODEL))
    set('responseModel', text(RESPONSE_MODEL))
    set('responseId', text(RESPONSE_ID))
    set(
      'agent',
      text(AGENT) ?? (type === 'agent' ? (text(ENTITY) ?? clipped(agentOfName(view.name))) : undefined),
    )
    set(
      'tool',
      text(TOOL) ?? (type === 'tool' ? (text(ENTITY) ?? clipped(toolOfName(view.name))) : undefined),
    )
    set('session', text(SESSION))
    set('user', text(USER))
    set('tags', list(TAGS))
    set('endState', text(END_STATE))
    set('usage', usage())
    set('cost', cost())
    set('promptIds', number(PROMPT_IDS))
    set('responseIds', responseIds())
    if (has(UNFINISHED) && fields.responseIds === undefined) fields.unfinished = true
    if (view.statusCode === 2) set('error', errorLine(view.statusMessage) ?? exceptionOf(view))
    return fields
  }

  return {
    resource(context) {
      ranks.fill(UNSET)
      context.resourceAttributes(resourceTable, visit)
      const fields: Mutable<ResourceFields> = {}
      const set = <K extends keyof ResourceFields>(key: K, value: ResourceFields[K] | undefined): void => {
        if (value !== undefined) fields[key] = value
      }
      set('service', text(SERVICE))
      set('tags', list(TAGS))
      set('session', text(SESSION))
      set('user', text(USER))
      set('run', text(RUN))
      set('rollout', text(ROLLOUT))
      set('attempt', text(ATTEMPT))
      return fields
    },
    span(view) {
      ranks.fill(UNSET)
      view.attributes(spanTable, visit)
      return build(view)
    },
    explain(view) {
      ranks.fill(UNSET)
      view.attributes(spanTable, visit)
      return winners
        .filter((winner): winner is Target => winner !== undefined && has(winner.slot))
        .map(({ rule, dialect }) => ({
          field: rule.field,
          key: rule.key,
          dialect: dialect.id,
          title: dialect.title,
        }))
    },
  }
}

/** The first exception event of a span, in one line. */
function exceptionOf(view: SpanView): string | undefined {
  if (view.eventCount === 0) return undefined
  let seen = 0
  let type: string | undefined
  let message: string | undefined
  view.events(
    'exception',
    exceptionKeys,
    () => {
      seen++
    },
    (entry, value) => {
      if (seen !== 1) return
      if (entry === 'type') type = value.string()
      else message = value.string()
    },
  )
  return exceptionLine(type, message)
}

function compile(
  dialects: readonly Dialect[],
  rules: (dialect: Dialect) => readonly Rule[],
): KeyTable<Target[]> {
  const byKey = new Map<string, Target[]>()
  let rank = 0
  for (const dialect of dialects) {
    for (const rule of rules(dialect)) {
      const targets = byKey.get(rule.key) ?? []
      targets.push({ slot: slot(rule.field), rank: rank++, rule, dialect })
      byKey.set(rule.key, targets)
    }
  }
  return createKeyTable(byKey)
}

function slot(name: FieldName): number {
  const at = slots.get(name)
  if (at === undefined) throw new RangeError(`no field ${name}`)
  return at
}

function clipped(text: string | undefined): string | undefined {
  return text === undefined ? undefined : clip(text, TEXT_LIMIT)
}
