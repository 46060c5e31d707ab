// The small fields of a span in one integer, on disk: never renumber.
import { type SpanType, spanTypes } from '../../trace/fields.ts'

const TYPE_SHIFT = 3
const STATUS_SHIFT = 9

/** The span carries usage or a cost: its own, or else that of the gateway call which is joined to it. */
export const USAGE = 1 << 11
/** A span with usage is known below this one, so that its own does not count. */
export const BELOW = 1 << 12
/** The span is a gateway call that no client's span stands for. */
export const OWN_CALL = 1 << 13
/** A client's span that tells no response id. */
export const NAMELESS = 1 << 14
/** The span has a beginning of the response's ids at most, of a reply that nobody read to its end. */
export const UNFINISHED = 1 << 15

const typeNames = Object.keys(spanTypes) as SpanType[]
const namesByNumber = new Map(typeNames.map((name) => [spanTypes[name], name]))

/** Packs kind (0 to 5), type and status code (0 to 2); what is out of range counts as unspecified. */
export function packBits(kind: number, type: number, statusCode: number): number {
  const kindBits = kind >= 0 && kind <= 5 ? kind : 0
  const statusBits = statusCode === 1 || statusCode === 2 ? statusCode : 0
  return kindBits | (type << TYPE_SHIFT) | (statusBits << STATUS_SHIFT)
}

export function kindOf(bits: number): number {
  return bits & 7
}

export function typeNumberOf(bits: number): number {
  return (bits >> TYPE_SHIFT) & 63
}

export function typeOf(bits: number): SpanType {
  return namesByNumber.get(typeNumberOf(bits) as (typeof spanTypes)[SpanType]) ?? 'other'
}

export function statusCodeOf(bits: number): number {
  return (bits >> STATUS_SHIFT) & 3
}

/** A condition on a column of such integers: the status is an error. */
export function failedSql(column: string): string {
  return `(${column} >> ${STATUS_SHIFT}) & 3 = 2`
}

/** A condition on a column of such integers: a client's model call without response id. The words of an index: see schema.ts. */
export function namelessSql(column: string): string {
  const [llm, embedding] = [spanTypes.llm, spanTypes.embedding].map((type) => (type << TYPE_SHIFT) | NAMELESS)
  return `${column} & ${(63 << TYPE_SHIFT) | NAMELESS} IN (${llm}, ${embedding})`
}

/** True for what `namelessSql` selects. */
export function isNameless(bits: number): boolean {
  const type = typeNumberOf(bits)
  return (bits & NAMELESS) !== 0 && (type === spanTypes.llm || type === spanTypes.embedding)
}

/** True where the span's usage is part of its trace's sums. */
export function isCounted(bits: number): boolean {
  return (bits & (USAGE | BELOW)) === USAGE
}
