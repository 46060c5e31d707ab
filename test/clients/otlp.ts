// Spans in OTLP's JSON form (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding), and the one
// spelling of each in which two of them can be compared: defaults written out, nothing else touched.

/** One `AnyValue`; an empty object is a value that is not set. 64-bit integers are decimal strings. */
export interface AnyValue {
  stringValue?: string
  boolValue?: boolean
  intValue?: string
  doubleValue?: number | string
  bytesValue?: string
  arrayValue?: { values?: AnyValue[] }
  kvlistValue?: { values?: KeyValue[] }
}

export interface KeyValue {
  key: string
  value?: AnyValue
}

interface Attributed {
  attributes?: KeyValue[]
  droppedAttributesCount?: number
}

export interface OtlpEvent extends Attributed {
  timeUnixNano?: string
  name?: string
}

export interface OtlpLink extends Attributed {
  traceId: string
  spanId: string
  traceState?: string
  flags?: number
}

export interface OtlpSpan extends Attributed {
  traceId: string
  spanId: string
  parentSpanId?: string
  traceState?: string
  flags?: number
  name?: string
  kind?: number
  startTimeUnixNano?: string
  endTimeUnixNano?: string
  events?: OtlpEvent[]
  droppedEventsCount?: number
  links?: OtlpLink[]
  droppedLinksCount?: number
  status?: { code?: number; message?: string }
}

export interface OtlpScope extends Attributed {
  name?: string
  version?: string
}

/** A span with what it shares with others: one line of an export, one note of a witness. */
export interface WholeSpan {
  span: OtlpSpan
  resource?: Attributed | null
  scope?: OtlpScope | null
}

/** The same spans, in one order and one spelling. A span that is there twice stays there twice. */
export function comparable(spans: readonly WholeSpan[]): unknown[] {
  const ordered = spans.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
  return ordered.map(({ span, resource, scope }) => ({
    id: idOf({ span }),
    parent: span.parentSpanId ?? '',
    traceState: span.traceState ?? '',
    flags: span.flags ?? 0,
    name: span.name ?? '',
    kind: span.kind ?? 0,
    start: span.startTimeUnixNano,
    end: span.endTimeUnixNano,
    ...attributed(span),
    events: (span.events ?? []).map((event) => ({
      time: event.timeUnixNano,
      name: event.name ?? '',
      ...attributed(event),
    })),
    droppedEvents: span.droppedEventsCount ?? 0,
    links: (span.links ?? []).map((link) => ({
      id: `${link.traceId}/${link.spanId}`,
      traceState: link.traceState ?? '',
      flags: link.flags ?? 0,
      ...attributed(link),
    })),
    droppedLinks: span.droppedLinksCount ?? 0,
    status: { code: span.status?.code ?? 0, message: span.status?.message ?? '' },
    resource: attributed(resource),
    scope: { name: scope?.name ?? '', version: scope?.version ?? '', ...attributed(scope) },
  }))
}

/** The values of an NDJSON text. */
export function parseLines<T>(text: string): T[] {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as T)
}

function idOf({ span }: WholeSpan): string {
  return `${span.traceId}/${span.spanId}`
}

function attributed(of: Attributed | null | undefined): { attributes: unknown[]; droppedAttributes: number } {
  const attributes = (of?.attributes ?? []).map(({ key, value }) => [key, plainValue(value)])
  return { attributes, droppedAttributes: of?.droppedAttributesCount ?? 0 }
}

function plainValue(value: AnyValue = {}): unknown {
  if (value.arrayValue) return { array: (value.arrayValue.values ?? []).map(plainValue) }
  if (value.kvlistValue)
    return { map: (value.kvlistValue.values ?? []).map((pair) => [pair.key, plainValue(pair.value)]) }
  return value
}

/** The event, agent or session of an SDK before 0.4 that a span stands for, as the client sent it. */
export function originalOf(span: OtlpSpan): Record<string, unknown> {
  const found = span.attributes?.find(({ key }) => key === 'agentops.legacy.event')
  return JSON.parse(found?.value?.stringValue ?? 'null') as Record<string, unknown>
}
