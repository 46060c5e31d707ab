// Decoded spans, resources and scopes: plain objects in the shapes of OTLP/JSON (opentelemetry-proto
// trace/v1, common/v1), every field present, nothing lost and nothing reordered.

/**
 * A value with its type: one field is set, or none for a value that was not. Integers are decimal text, so
 * that 64 bits survive, and doubles that JSON has no number for are text. A JSON body's
 * `{"doubleValue":null}` is `NaN`: OpenTelemetry for JavaScript sends NaN and infinities so, and which it
 * was is not in the message.
 */
export interface AnyValue {
  stringValue?: string
  boolValue?: boolean
  intValue?: string
  doubleValue?: number | 'NaN' | 'Infinity' | '-Infinity'
  arrayValue?: { values: AnyValue[] }
  kvlistValue?: { values: KeyValue[] }
  /** Base64, standard alphabet, padded. */
  bytesValue?: string
}

/** One attribute. Order and duplicates are those of the message. */
export interface KeyValue {
  key: string
  value: AnyValue
}

/** A thing with attributes. */
export interface Attributed {
  attributes: KeyValue[]
  droppedAttributesCount: number
}

/** `Span.Event`. Times are ns since the Unix epoch in decimal. */
export interface DecodedEvent extends Attributed {
  timeUnixNano: string
  name: string
}

/** `Span.Link`. Ids are lower-case hex. */
export interface DecodedLink extends Attributed {
  traceId: string
  spanId: string
  traceState: string
  flags: number
}

/** `Span`. Ids are lower-case hex, times ns since the Unix epoch in decimal, absent fields their defaults. */
export interface DecodedSpan extends Attributed {
  traceId: string
  spanId: string
  /** Empty for a root. */
  parentSpanId: string
  traceState: string
  flags: number
  name: string
  /** SpanKind: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  events: DecodedEvent[]
  droppedEventsCount: number
  links: DecodedLink[]
  droppedLinksCount: number
  /** StatusCode: 0 unset, 1 ok, 2 error. */
  status: { code: number; message: string }
}

/** `Resource`. */
export type DecodedResource = Attributed

/** `InstrumentationScope`. */
export interface DecodedScope extends Attributed {
  name: string
  version: string
}

/** A span with every field at its default. */
export function emptySpan(): DecodedSpan {
  return {
    traceId: '',
    spanId: '',
    parentSpanId: '',
    traceState: '',
    flags: 0,
    name: '',
    kind: 0,
    startTimeUnixNano: '0',
    endTimeUnixNano: '0',
    attributes: [],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 0, message: '' },
  }
}

/** An event with every field at its default. */
export function emptyEvent(): DecodedEvent {
  return { timeUnixNano: '0', name: '', attributes: [], droppedAttributesCount: 0 }
}

/** A link with every field at its default. */
export function emptyLink(): DecodedLink {
  return { traceId: '', spanId: '', traceState: '', attributes: [], droppedAttributesCount: 0, flags: 0 }
}

/** A scope with every field at its default. */
export function emptyScope(): DecodedScope {
  return { name: '', version: '', attributes: [], droppedAttributesCount: 0 }
}

/** A resource with every field at its default. */
export function emptyResource(): DecodedResource {
  return { attributes: [], droppedAttributesCount: 0 }
}

/** The value of a double as JSON can carry it. */
export function doubleValue(value: number): AnyValue {
  if (Number.isFinite(value)) return { doubleValue: value }
  return { doubleValue: Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity' }
}

/**
 * Nesting that a decoder follows: more than any scan accepts. Beyond it the bytes are no scanned span, and
 * decoding throws `AGL_BAD_BODY`.
 */
export const DEEPEST_VALUE = 400
