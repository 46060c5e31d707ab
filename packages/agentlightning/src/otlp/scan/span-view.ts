// What a scan hands to its visitor: spans as slices of the body they came in, decoded only where asked.

/** How the payload bytes of a span, resource or scope are written. Numbers are stored: never renumber. */
export const payloadEncodings = { protobuf: 0, json: 1, legacy: 2, call: 3 } as const
/**
 * How stored payloads are written: OTLP, the JSON of an AgentOps SDK before 0.4 (`trace/legacy`), or the two
 * records of a gateway call (`gateway/record.ts`).
 */
export type StoredEncoding = keyof typeof payloadEncodings
/** The encodings of OTLP. */
export type PayloadEncoding = Exclude<StoredEncoding, 'legacy' | 'call'>

/** A slice of the scanned body, in bytes. */
export interface Slice {
  readonly start: number
  readonly end: number
}

/**
 * An attribute value, not decoded yet: AnyValue of OTLP (common.proto). Readers never throw: a value of
 * another type than asked for is `undefined`.
 */
export interface ValueView {
  /** The string value, invalid UTF-8 replaced. A number or bool gives its text. */
  string(): string | undefined
  /** A finite number: int, double, or a string that is wholly a number (the AgentOps JS SDK sends those). */
  number(): number | undefined
  boolean(): boolean | undefined
  /** The strings of an array value (others are left out), or of a string that holds a JSON array. */
  strings(): string[] | undefined
  /** Number of elements of an array value, without decoding them. */
  count(): number | undefined
}

/** Receives the attributes that a `KeyTable` knows. `entry` is what the table holds for the key. */
export type AttributeVisitor<Entry> = (entry: Entry, value: ValueView) => void

/** Attribute keys that someone wants, with what each means to them. Built once, matched on bytes. */
export interface KeyTable<Entry> {
  readonly entries: ReadonlyMap<string, Entry>
  /** The entry of the key at body[start, end), or `undefined`. */
  match(body: Buffer, start: number, end: number): Entry | undefined
}

/** One resource, scope: where it lies, and its attributes. `undefined` slice: absent from the message. */
export interface ContextView {
  readonly body: Buffer
  readonly encoding: PayloadEncoding
  readonly resource: Slice | undefined
  readonly scope: Slice | undefined
  readonly scopeName: string
  readonly scopeVersion: string
  resourceAttributes<Entry>(table: KeyTable<Entry>, visit: AttributeVisitor<Entry>): void
}

/**
 * One span (trace.proto `Span`). The object is reused for the next span: copy what you keep.
 * Buffers may share memory with the body.
 */
export interface SpanView {
  readonly context: ContextView
  /** The span message (protobuf: without its tag and length; JSON: from `{` to `}`). */
  readonly slice: Slice
  /** 16 bytes, not all zero. */
  readonly traceId: Buffer
  /** 8 bytes, not all zero. */
  readonly spanId: Buffer
  /** 8 bytes, or `undefined` for a root. */
  readonly parentSpanId: Buffer | undefined
  readonly name: string
  /** SpanKind: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number
  /** ns since the Unix epoch; 0 when absent. */
  readonly startNs: bigint
  readonly endNs: bigint
  /** StatusCode: 0 unset, 1 ok, 2 error. */
  readonly statusCode: number
  readonly statusMessage: string
  readonly attributeCount: number
  readonly eventCount: number
  readonly linkCount: number
  attributes<Entry>(table: KeyTable<Entry>, visit: AttributeVisitor<Entry>): void
  /** The attributes of each event whose name is `name`, event by event (`begin` before each). */
  events<Entry>(name: string, table: KeyTable<Entry>, begin: () => void, visit: AttributeVisitor<Entry>): void
}

/** A span that was not taken, and why; the others of its batch are. */
export interface Rejection {
  readonly reason: string
  readonly count: number
}

/** What a scan found. A body that is no message at all throws `AglError` `AGL_BAD_BODY` instead. */
export interface ScanResult {
  readonly accepted: number
  readonly rejected: readonly Rejection[]
}

/** How long the arrays of a value may be. */
export interface ArrayLimits {
  /** Integers in one array: token ids come so. */
  readonly arrayIntegers: number
  /** Elements of any other kind in one array, and entries of one key-value list. */
  readonly arrayElements: number
}

/** The limits that a scan holds a body to (design §11). */
export interface ScanLimits extends ArrayLimits {
  /** Bytes of one span. */
  readonly spanBytes: number
  /**
   * Nesting of values: array and kvlist levels of AnyValue. Whatever else JSON nests may have four bracket
   * levels for each of them, which is what a kvlist costs there, and 16 more.
   */
  readonly depth: number
  /** Attributes of a span that `SpanView.attributes` shows: the first ones. All are counted. */
  readonly spanAttributes: number
}
