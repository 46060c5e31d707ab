// Spans for the tests of derivation: written as OTLP/JSON, read by the real scanner.
import { scanTraces } from '../otlp/scan/index.ts'
import { createDeriver, type FieldSource } from './derive.ts'
import type { ResourceFields, SpanFields } from './fields.ts'

export type Json = string | number | boolean | null | readonly Json[]

interface Given {
  readonly name?: string
  readonly scope?: string
  readonly status?: { code: number; message?: string }
  readonly resource?: Readonly<Record<string, Json>>
  readonly events?: readonly { name: string; attributes: Readonly<Record<string, Json>> }[]
}

const limits = {
  spanBytes: 20_000_000,
  spanAttributes: 4096,
  depth: 32,
  arrayIntegers: 2_000_000,
  arrayElements: 100_000,
}
const deriver = createDeriver()

/** `AnyValue` in OTLP/JSON: whole numbers are ints, as SDKs write them. */
function anyValue(value: Json): unknown {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (value === null) return { doubleValue: null }
  if (typeof value !== 'number') return { arrayValue: { values: value.map(anyValue) } }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}

function keyValues(attributes: Readonly<Record<string, Json>>): unknown[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }))
}

interface Derived {
  readonly fields: SpanFields
  readonly resource: ResourceFields
  readonly sources: FieldSource[]
}

/** Derives one span through the real scanner of JSON bodies. */
export function deriveAll(attributes: Readonly<Record<string, Json>>, given: Given = {}): Derived {
  const span = {
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: '144c4d7ad1b19209',
    name: given.name ?? 'span',
    startTimeUnixNano: '1',
    endTimeUnixNano: '2',
    status: given.status ?? {},
    attributes: keyValues(attributes),
    events:
      given.events?.map((event) => ({ name: event.name, attributes: keyValues(event.attributes) })) ?? [],
  }
  const scopeSpans = [{ scope: { name: given.scope ?? '' }, spans: [span] }]
  const resource = { attributes: keyValues(given.resource ?? {}) }
  const body = Buffer.from(JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] }))
  const derived: Derived[] = []
  scanTraces('json', body, limits, (view) => {
    const fields = deriver.span(view)
    derived.push({ fields, resource: deriver.resource(view.context), sources: deriver.explain(view) })
  })
  const [only] = derived
  if (!only) throw new Error('the scan gave no span')
  return only
}

export const derive = (attributes: Readonly<Record<string, Json>>, given?: Given): SpanFields =>
  deriveAll(attributes, given).fields
