// The vocabulary in which each dialect writes its table: which attribute key gives which field, and how.
import type { ValueView } from '../../otlp/scan/span-view.ts'
import type { SpanType } from '../fields.ts'
import {
  kindOf,
  readChoiceIds,
  readCount,
  readIds,
  readLabel,
  readMoney,
  readTags,
  readText,
  readWords,
} from './read.ts'

/** Choices of one model call whose ids are counted: 0, and up to this one. */
export const LAST_CHOICE = 31

/** Every field that a key can feed. The names are those of `SpanFields`, `Usage` spelled out. */
export const fieldNames = [
  'type',
  /** The type that a key's mere presence suggests: weaker than a model or a tool on the span. */
  'hint',
  'provider',
  'requestModel',
  'responseModel',
  'responseId',
  'agent',
  'tool',
  /** What a decorator calls its subject: an agent's or a tool's name, depending on the type. */
  'entity',
  'session',
  'user',
  'tags',
  'endState',
  'usage.input',
  'usage.output',
  'usage.total',
  'usage.cacheRead',
  'usage.cacheWrite',
  'usage.reasoning',
  'cost',
  'cost.input',
  'cost.output',
  'promptIds',
  'responseIds',
  /** Ids of the choices after the first are added to `responseIds`. */
  ...Array.from({ length: LAST_CHOICE }, (_, choice) => `responseIds.${choice + 1}` as const),
  /** 1 where the response ids are known to be a beginning at most. */
  'unfinished',
  'service',
  'run',
  'rollout',
  'attempt',
] as const

/** A field that a key can feed. */
export type FieldName = (typeof fieldNames)[number]

/** What a reader makes of a value: `undefined` when the value says nothing about the field. */
export type FieldValue = string | number | readonly string[] | undefined

/** One line of a dialect's table. */
export interface Rule {
  readonly key: string
  readonly field: FieldName
  readonly read: (value: ValueView) => FieldValue
  /** The usage that this key gives leaves cached tokens out of the input. */
  readonly excludesCached?: boolean
}

/** A convention for attributes. Earlier rules of one field win over later ones. */
export interface Dialect {
  readonly id: string
  /** For people: where a field came from. */
  readonly title: string
  readonly span: readonly Rule[]
  readonly resource?: readonly Rule[]
}

type NumberField = Extract<FieldName, `usage.${string}`>
type CostField = Extract<FieldName, `cost${string}`>
type IdCountField = Extract<FieldName, 'promptIds' | `responseIds${string}`>
type TextField =
  | 'provider'
  | 'requestModel'
  | 'responseModel'
  | 'agent'
  | 'tool'
  | 'entity'
  | 'endState'
  | 'service'

/** A name: cut to 256 characters. */
export const text = (key: string, field: TextField): Rule => ({ key, field, read: readText })
/** An identifier: one above 512 characters is left out, since a cut id would be another id. */
export const label = (
  key: string,
  field: 'responseId' | 'session' | 'user' | 'run' | 'rollout' | 'attempt',
): Rule => ({
  key,
  field,
  read: readLabel,
})
/** A number of tokens. */
export const count = (key: string, field: NumberField): Rule => ({ key, field, read: readCount })
/** A number of tokens in a convention whose input leaves cached tokens out. */
export const countWithoutCached = (key: string, field: 'usage.input'): Rule => ({
  ...count(key, field),
  excludesCached: true,
})
/** USD. */
export const money = (key: string, field: CostField): Rule => ({ key, field, read: readMoney })
/** Token ids, of which only the number is wanted. */
export const ids = (key: string, field: IdCountField): Rule => ({ key, field, read: readIds })
/** The choices of a reply as text, of which only the number of token ids is wanted. */
export const choiceIds = (key: string): Rule => ({ key, field: 'responseIds', read: readChoiceIds })
/** The field for the ids of one choice. */
export const choiceField = (choice: number): IdCountField =>
  choice === 0 ? 'responseIds' : (`responseIds.${choice}` as IdCountField)
/** Token ids of a reply that was not read to its end, of which only that is wanted, also where none came. */
export const begun = (key: string): Rule => ({ key, field: 'unfinished', read: () => 1 })
/** A set of tags: an array, or the text of a JSON array. */
export const tags = (key: string): Rule => ({ key, field: 'tags', read: readTags })
/** A set of tags in one string, separated by commas. */
export const commaTags = (key: string): Rule => ({ key, field: 'tags', read: readWords })
/** A word that names the kind of span. */
export const kind = (key: string, words: ReadonlyMap<string, SpanType>): Rule => ({
  key,
  field: 'type',
  read: (value) => kindOf(words, value.string()),
})
/** A key that only one kind of span has, whatever its value. */
export const marks = (key: string, type: SpanType): Rule => ({ key, field: 'hint', read: () => type })
