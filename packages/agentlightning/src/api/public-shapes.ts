// How the public API of AgentOps writes spans: times, kinds, status words, nested attributes. Pure.

import type { DecodedSpan } from '../otlp/decode/index.ts'
import { plainValue } from '../otlp/decode/index.ts'
import type { KeyValue } from '../otlp/decode/types.ts'

const kinds = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'] as const
const statuses = ['UNSET', 'OK', 'ERROR'] as const
/** Segments of a key that are unfolded; a longer key stays as it is. */
const DEEPEST_KEY = 32

/** Attributes with their keys unfolded at the dots. */
export interface Nested {
  [key: string]: string | Nested | (string | Nested)[]
}

/** A span as a trace lists it. `parent_span_id` is empty for a root, `duration` in ns. */
export interface PublicSpan {
  readonly span_id: string
  readonly parent_span_id: string
  readonly span_name: string
  readonly span_kind: string
  readonly start_time: string
  readonly end_time: string
  readonly duration: number
  readonly status_code: string
  readonly status_message: string
}

/** The summary of a span. */
export function publicSpan(span: DecodedSpan): PublicSpan {
  const start = BigInt(span.startTimeUnixNano)
  const end = BigInt(span.endTimeUnixNano)
  return {
    span_id: span.spanId,
    parent_span_id: span.parentSpanId,
    span_name: span.name,
    span_kind: kinds[span.kind] ?? kinds[0],
    start_time: isoTime(start),
    end_time: isoTime(end),
    duration: end > start ? Number(end - start) : 0,
    status_code: statuses[span.status.code] ?? statuses[0],
    status_message: span.status.message,
  }
}

/** `2025-08-15T13:33:06.210000+00:00`; without a fraction where it is zero. */
export function isoTime(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  const micros = (ns % 1_000_000_000n) / 1000n
  return `${seconds}${micros === 0n ? '' : `.${String(micros).padStart(6, '0')}`}+00:00`
}

/** USD as text with 7 decimals. */
export function publicCost(usd: number): string {
  return usd.toFixed(7)
}

/**
 * Attributes unfolded: `a.0.b` becomes `{a: [{b}]}`. Leaves are texts, lists among them as JSON. What would lie below
 * a leaf keeps its whole key at the top: nothing is lost.
 */
export function nested(attributes: readonly KeyValue[]): Nested {
  const root: Nested = Object.create(null) as Nested
  for (const { key, value } of attributes) {
    const plain = plainValue(value)
    const leaf = typeof plain === 'string' ? plain : JSON.stringify(plain)
    const path = key.split('.')
    const last = path.pop() as string
    const holder = path.length > DEEPEST_KEY ? undefined : containerAt(root, path)
    if (holder && typeof holder[last] !== 'object') holder[last] = leaf
    else root[key] = leaf
  }
  return withLists(root) as Nested
}

function containerAt(root: Nested, path: readonly string[]): Nested | undefined {
  let at = root
  for (const segment of path) {
    const next = at[segment]
    if (typeof next === 'string') return undefined
    if (next === undefined) at[segment] = Object.create(null) as Nested
    at = at[segment] as Nested
  }
  return at
}

/** Objects whose keys are 0, 1, 2, … become lists. */
function withLists(value: Nested | string): string | Nested | (string | Nested)[] {
  if (typeof value === 'string') return value
  const entries = Object.entries(value).map(
    ([key, member]) => [key, withLists(member as Nested | string)] as const,
  )
  const isList = entries.length > 0 && entries.every((_, at) => String(at) in value)
  if (isList)
    return entries.map((_, at) => withLists(value[String(at)] as Nested | string) as string | Nested)
  const object: Nested = Object.create(null) as Nested
  for (const [key, member] of entries) object[key] = member
  return object
}
