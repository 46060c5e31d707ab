// Bodies of OTLP/HTTP requests and answers, written and read by hand from the protocol's definition
// (opentelemetry-proto: collector/trace/v1, trace/v1, common/v1; google.rpc.Status): nothing of the product
// takes part, so that a test compares two readings of the same text.
import { randomBytes } from 'node:crypto'

/** Attribute values: a bigint is an int64, a number a double. */
export type Value = string | number | bigint | boolean | Uint8Array

/** A span to encode. Ids are hex and may be of any length; what is left out is not written. */
export interface SpanInput {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name?: string
  readonly startNs?: bigint
  readonly endNs?: bigint
  readonly attributes?: Readonly<Record<string, Value>>
  /** Bytes of further fields of the span message. */
  readonly rest?: Buffer
}

/** What the spans of a body share. */
export type Attributes = Readonly<Record<string, Value>>

/** A random trace id in hex. */
export const newTraceId = (): string => randomBytes(16).toString('hex')
/** A random span id in hex. */
export const newSpanId = (): string => randomBytes(8).toString('hex')

/** A span of a second's length that began now, with fresh ids where none are given. */
export function someSpan(with_: Partial<SpanInput> = {}): SpanInput {
  const startNs = BigInt(Date.now()) * 1_000_000n
  return {
    traceId: newTraceId(),
    spanId: newSpanId(),
    name: 'work',
    startNs,
    endNs: startNs + 1_000_000_000n,
    ...with_,
  }
}

/** An `ExportTraceServiceRequest` in protobuf: one resource, one scope. */
export function protobufBody(spans: readonly SpanInput[], resource: Attributes = {}): Buffer {
  const scope = message(1, Buffer.concat([text(1, 'test'), text(2, '1')]))
  const scopeSpans = message(2, Buffer.concat([scope, ...spans.map((span) => message(2, spanMessage(span)))]))
  const resourceMessage = message(1, Buffer.concat(attributes(1, resource)))
  return message(1, Buffer.concat([resourceMessage, scopeSpans]))
}

/** The same request in OTLP's JSON. */
export function jsonBody(spans: readonly SpanInput[], resource: Attributes = {}): Buffer {
  const scopeSpans = [{ scope: { name: 'test', version: '1' }, spans: spans.map(jsonSpan) }]
  return Buffer.from(
    JSON.stringify({ resourceSpans: [{ resource: { attributes: jsonAttributes(resource) }, scopeSpans }] }),
  )
}

/** The field of a span that holds one attribute whose value is `levels` arrays deep. */
export function nestedAttribute(key: string, levels: number): Buffer {
  const parts: Buffer[] = [text(1, 'bottom')]
  let length = (parts[0] as Buffer).length
  for (let level = 0; level < levels; level++) {
    // ArrayValue.values = 1, then AnyValue.array_value = 5.
    for (const field of [1, 5]) {
      const head = Buffer.from([(field << 3) | 2, ...varint(length)])
      parts.push(head)
      length += head.length
    }
  }
  return message(9, Buffer.concat([text(1, key), message(2, Buffer.concat(parts.reverse()))]))
}

/** The field of a span that holds one attribute whose value is an array of `count` integers or texts. */
export function arrayAttribute(key: string, of: 'int' | 'text', count: number): Buffer {
  const element = message(1, of === 'int' ? Buffer.from([3 << 3, 7]) : text(1, 'x'))
  const array = message(5, Buffer.alloc(element.length * count, element))
  return message(9, Buffer.concat([text(1, key), message(2, array)]))
}

/** The JSON of an attribute whose value is `levels` arrays deep. */
export function nestedJsonAttribute(key: string, levels: number): string {
  const open = '{"arrayValue":{"values":['.repeat(levels)
  const close = ']}}'.repeat(levels)
  return `{"key":"${key}","value":${open}{"stringValue":"bottom"}${close}}`
}

/** Reads a `google.rpc.Status`. */
export function readStatusMessage(bytes: Buffer): { code: number; message: string } {
  const fields = readFields(bytes)
  return { code: Number(fields.get(1) ?? 0), message: String(fields.get(2) ?? '') }
}

/** Reads the `partial_success` of an `ExportTraceServiceResponse`; undefined when there is none. */
export function readPartialSuccess(
  bytes: Buffer,
): { rejectedSpans: number; errorMessage: string } | undefined {
  const partial = readFields(bytes).get(1)
  if (!(partial instanceof Buffer)) return undefined
  const fields = readFields(partial)
  return { rejectedSpans: Number(fields.get(1) ?? 0), errorMessage: String(fields.get(2) ?? '') }
}

function spanMessage(span: SpanInput): Buffer {
  return Buffer.concat([
    message(1, Buffer.from(span.traceId, 'hex')),
    message(2, Buffer.from(span.spanId, 'hex')),
    ...(span.parentSpanId === undefined ? [] : [message(4, Buffer.from(span.parentSpanId, 'hex'))]),
    ...(span.name === undefined ? [] : [text(5, span.name)]),
    ...(span.startNs === undefined ? [] : [fixed64(7, span.startNs)]),
    ...(span.endNs === undefined ? [] : [fixed64(8, span.endNs)]),
    ...attributes(9, span.attributes ?? {}),
    span.rest ?? Buffer.alloc(0),
  ])
}

function attributes(field: number, of: Attributes): Buffer[] {
  return Object.entries(of).map(([key, value]) =>
    message(field, Buffer.concat([text(1, key), message(2, anyValue(value))])),
  )
}

function anyValue(value: Value): Buffer {
  if (typeof value === 'string') return text(1, value)
  if (typeof value === 'boolean') return Buffer.from([2 << 3, value ? 1 : 0])
  if (typeof value === 'bigint') return Buffer.from([3 << 3, ...varint(BigInt.asUintN(64, value))])
  if (typeof value !== 'number') return message(7, Buffer.from(value))
  const bytes = Buffer.alloc(9)
  bytes[0] = (4 << 3) | 1
  bytes.writeDoubleLE(value, 1)
  return bytes
}

function jsonSpan({ startNs, endNs, attributes: of, rest: _, ...span }: SpanInput): object {
  return {
    ...span,
    ...(startNs === undefined ? {} : { startTimeUnixNano: String(startNs) }),
    ...(endNs === undefined ? {} : { endTimeUnixNano: String(endNs) }),
    attributes: jsonAttributes(of ?? {}),
  }
}

function jsonAttributes(of: Attributes): object[] {
  return Object.entries(of).map(([key, value]) => ({ key, value: jsonValue(value) }))
}

function jsonValue(value: Value): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'bigint') return { intValue: String(value) }
  if (typeof value === 'number') return { doubleValue: value }
  return { bytesValue: Buffer.from(value).toString('base64') }
}

/** The fields of a message of varints and bytes; of a repeated one the last. */
function readFields(bytes: Buffer): Map<number, number | Buffer> {
  const fields = new Map<number, number | Buffer>()
  let at = 0
  const next = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]
      if (byte === undefined) throw new Error(`cut off in ${bytes.toString('hex')}`)
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const tag = next()
    if ((tag & 7) === 0) fields.set(tag >>> 3, next())
    else if ((tag & 7) === 2) {
      const length = next()
      fields.set(tag >>> 3, bytes.subarray(at, at + length))
      at += length
    } else throw new Error(`wire type ${tag & 7} in ${bytes.toString('hex')}`)
  }
  return fields
}

function text(field: number, value: string): Buffer {
  return message(field, Buffer.from(value))
}

function message(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(bytes.length)]), bytes])
}

function fixed64(field: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(9)
  bytes[0] = (field << 3) | 1
  bytes.writeBigUInt64LE(value, 1)
  return bytes
}

function varint(value: number | bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt(value)
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return bytes
}
