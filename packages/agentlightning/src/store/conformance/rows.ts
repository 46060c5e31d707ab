// Rows for tests, with everything that a test does not name filled in.
import type { ResourceFields, SpanFields } from '../../trace/fields.ts'
import type { Change, SourceRow, SpanRow } from '../contract.ts'

/** 1 January 2026, in ns. */
export const T0 = 1_767_225_600_000_000_000n

/** 24 hours in ns. */
export const DAY = 86_400_000_000_000n

/** An hour in ns. */
export const HOUR = 3_600_000_000_000n

/** A trace id in hex that ends with `n`. */
export function traceId(n: number): string {
  return `${'a'.repeat(24)}${n.toString(16).padStart(8, '0')}`
}

/** A span id in hex that ends with `n`. */
export function spanId(n: number): string {
  return `${'b'.repeat(8)}${n.toString(16).padStart(8, '0')}`
}

/** A source; `segment` is where its payloads lie. */
export function sourceRow(
  given: Partial<SourceRow> & { segment?: number; resourceFields?: ResourceFields } = {},
): SourceRow {
  const { segment = 1, ...row } = given
  return {
    record: segment * 2 ** 32 + 64,
    receivedNs: T0,
    project: undefined,
    origin: 'client',
    encoding: 'protobuf',
    resource: { segment, offset: 64, length: 20 },
    scope: undefined,
    scopeName: 'scope',
    resourceFields: {},
    ...row,
  }
}

/** What a test may say of a span; times in ns after `T0`. */
export interface SpanInput extends Partial<SpanFields> {
  readonly trace?: number
  readonly span: number
  readonly parent?: number
  readonly name?: string
  readonly start?: number
  readonly end?: number
  readonly status?: number
  readonly attributes?: number
  readonly segment?: number
  readonly source?: SourceRow
}

/** A span row. */
export function spanRow(input: SpanInput): SpanRow {
  const {
    trace = 1,
    span,
    parent,
    start = 0,
    end = start + 10,
    status = 0,
    attributes = 3,
    segment = 1,
  } = input
  const { name = `span ${span}`, source = sourceRow({ segment }), ...rest } = input
  const own = new Set(['trace', 'span', 'parent', 'start', 'end', 'status', 'attributes', 'segment'])
  const fields = Object.fromEntries(Object.entries(rest).filter(([key]) => !own.has(key)))
  return {
    source,
    traceId: Buffer.from(traceId(trace), 'hex'),
    spanId: Buffer.from(spanId(span), 'hex'),
    parentSpanId: parent === undefined ? undefined : Buffer.from(spanId(parent), 'hex'),
    name,
    kind: 1,
    startNs: T0 + BigInt(start),
    endNs: T0 + BigInt(end),
    statusCode: status,
    attributeCount: attributes,
    payload: { segment, offset: 100 * span, length: 50 },
    fields: { type: 'other', ...fields },
  }
}

/** The change that writes a span. */
export function span(input: SpanInput): Change {
  return { type: 'span', row: spanRow(input) }
}
