// What the filter bar says: conditions and free text, as text in the address, and as the server's parameters.
import type { TraceSummary } from '../api.ts'

/** Fields that a condition can name; each is a parameter of the list. */
export const filterFields = [
  'status',
  'service',
  'agent',
  'model',
  'tag',
  'session',
  'user',
  'name',
  'id',
] as const
export type FilterField = (typeof filterFields)[number]

/** One condition. */
export interface Condition {
  readonly field: FilterField
  readonly value: string
}

/** All conditions of a list. All must hold. */
export interface Filter {
  readonly conditions: readonly Condition[]
  /** Part of the trace's name. */
  readonly text: string
}

const isField = (name: string): name is FilterField => (filterFields as readonly string[]).includes(name)

/** Reads `status:error tag:"a b" rate limit`. Of two conditions on one field the later holds. */
export function parseFilter(query: string): Filter {
  const conditions = new Map<FilterField, string>()
  const words: string[] = []
  for (const [token, field, quoted, bare] of query.matchAll(/(?:(\w+):)?(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)) {
    const value = quoted === undefined ? (bare ?? '') : quoted.replace(/\\(.)/g, '$1')
    if (field === undefined) words.push(value)
    else if (isField(field) && value !== '') conditions.set(field, value)
    else words.push(token)
  }
  return { conditions: [...conditions].map(([field, value]) => ({ field, value })), text: words.join(' ') }
}

/** The text that `parseFilter` reads back. */
export function formatFilter({ conditions, text }: Filter): string {
  const words = conditions.map(({ field, value }) => `${field}:${quoted(value)}`)
  return [...words, ...(text === '' ? [] : [text])].join(' ')
}

function quoted(value: string): string {
  return /^[^\s"\\]+$/.test(value) ? value : `"${value.replace(/(["\\])/g, '\\$1')}"`
}

/** The filter with a condition added; one on the same field gives way. */
export function withCondition(filter: Filter, condition: Condition): Filter {
  return {
    ...filter,
    conditions: [...filter.conditions.filter(({ field }) => field !== condition.field), condition],
  }
}

/** The parameters of `GET /api/v1/traces`. */
export function filterParameters(filter: Filter): Record<string, string | undefined> {
  const parameters: Record<string, string | undefined> = {}
  for (const { field, value } of filter.conditions) parameters[field] = value
  if (filter.text !== '') parameters.name = filter.text
  return parameters
}

/** Whether a trace belongs in the list, as the server decides it: for what arrives live. */
export function matches(filter: Filter, trace: TraceSummary): boolean {
  return Object.entries(filterParameters(filter)).every(([field, value = '']) => {
    switch (field as FilterField) {
      case 'model':
        return trace.models.includes(value)
      case 'tag':
        return trace.tags.includes(value)
      case 'name':
        return trace.name.toLowerCase().includes(value.toLowerCase())
      case 'id':
        return trace.traceId.startsWith(value)
      default:
        return trace[field as 'status' | 'service' | 'agent' | 'session' | 'user'] === value
    }
  })
}

/** When the traces of a list began: an age such as `15m` or an ISO time, each as the server takes it. */
export interface TimeRange {
  readonly since: string | undefined
  readonly until: string | undefined
}

/** Whether a trace began within a range, as the server decides it. */
export function isWithin({ since, until }: TimeRange, trace: TraceSummary, nowMs: number): boolean {
  const startMs = Number(BigInt(trace.startNs) / 1_000_000n)
  return (
    (since === undefined || startMs >= timeOf(since, nowMs)) &&
    (until === undefined || startMs < timeOf(until, nowMs))
  )
}

const unitMs: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 }

/** What a time of a range stands for, in ms since the epoch. */
export function timeOf(time: string, nowMs: number): number {
  const [, count, unit = ''] = /^(\d+)([smhdw])$/.exec(time) ?? []
  return count === undefined ? Date.parse(time) : nowMs - Number(count) * (unitMs[unit] ?? 0)
}
