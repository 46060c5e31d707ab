// A decoded span in the form in which scans show theirs, so that its fields are derived by the same rules.
import { type AnyValue, type DecodedSpan, emptyResource } from '../../otlp/decode/types.ts'
import type {
  AttributeVisitor,
  ContextView,
  KeyTable,
  SpanView,
  ValueView,
} from '../../otlp/scan/span-view.ts'
import { finite, LONGEST_JSON_ARRAY, numberFromText, stringsFromText } from '../../otlp/scan/value-text.ts'

/** Scope name of spans that stand for legacy events. */
export const LEGACY_SCOPE = 'agentops.legacy'

const context: ContextView = {
  body: Buffer.alloc(0),
  encoding: 'json',
  resource: undefined,
  scope: undefined,
  scopeName: LEGACY_SCOPE,
  scopeVersion: '',
  resourceAttributes: (table, visit) => show(emptyResource().attributes, table, visit),
}

/** The view of a decoded span; its slice is empty, since the bytes that it came from are no span. */
export function viewOf(span: DecodedSpan): SpanView {
  return {
    context,
    slice: { start: 0, end: 0 },
    traceId: Buffer.from(span.traceId, 'hex'),
    spanId: Buffer.from(span.spanId, 'hex'),
    parentSpanId: span.parentSpanId === '' ? undefined : Buffer.from(span.parentSpanId, 'hex'),
    name: span.name,
    kind: span.kind,
    startNs: BigInt(span.startTimeUnixNano),
    endNs: BigInt(span.endTimeUnixNano),
    statusCode: span.status.code,
    statusMessage: span.status.message,
    attributeCount: span.attributes.length,
    eventCount: span.events.length,
    linkCount: span.links.length,
    attributes: (table, visit) => show(span.attributes, table, visit),
    events(name, table, begin, visit) {
      for (const event of span.events) {
        if (event.name !== name) continue
        begin()
        show(event.attributes, table, visit)
      }
    },
  }
}

function show<Entry>(
  attributes: DecodedSpan['attributes'],
  table: KeyTable<Entry>,
  visit: AttributeVisitor<Entry>,
): void {
  for (const { key, value } of attributes) {
    const entry = table.entries.get(key)
    if (entry !== undefined) visit(entry, valueView(value))
  }
}

function valueView(value: AnyValue): ValueView {
  const { stringValue, intValue, doubleValue, boolValue, arrayValue } = value
  const scalar = stringValue ?? intValue ?? doubleValue ?? boolValue
  return {
    string: () => (scalar === undefined ? undefined : String(scalar)),
    number: () => (boolValue === undefined && scalar !== undefined ? numberIn(scalar) : undefined),
    boolean: () => boolValue,
    strings() {
      if (arrayValue) return arrayValue.values.flatMap((item) => item.stringValue ?? [])
      if (stringValue === undefined || stringValue.length > LONGEST_JSON_ARRAY) return undefined
      return stringsFromText(stringValue)
    },
    count: () => arrayValue?.values.length,
  }
}

function numberIn(value: string | number | boolean): number | undefined {
  return typeof value === 'string' ? numberFromText(value) : finite(Number(value))
}
