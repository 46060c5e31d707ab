// The lossless decode of log records, and of the parts of logs and metrics that deriving rows takes.
import { JsonCursor } from '../scan/json-cursor.ts'
import { jsonFields } from '../scan/json-fields.ts'
import { logFields, severityNumbers } from '../scan/json-logs.ts'
import { pointAttributes } from '../scan/protobuf-points.ts'
import type { MetricType } from '../scan/signal-views.ts'
import type { PayloadEncoding } from '../scan/span-view.ts'
import { Wire } from '../scan/wire.ts'
import { readAttributed, readEnum, readId, readTime, readUint32 } from './json.ts'
import { eachField, readKeyValues, readText, readValue } from './json-value.ts'
import { attributed, fixed32, hex, int32, type Reader, readMessage, text, time } from './protobuf-fields.ts'
import { decodeKeyValue, decodeValue, fieldsOf } from './protobuf-value.ts'
import type { AnyValue, Attributed, KeyValue } from './types.ts'

/** `LogRecord` (logs.proto). Ids are hex, times ns since the Unix epoch in decimal, absent fields their defaults. */
export interface DecodedLogRecord extends Attributed {
  timeUnixNano: string
  observedTimeUnixNano: string
  /** SeverityNumber: 0 unspecified, 1 to 24. */
  severityNumber: number
  severityText: string
  /** Empty for a body that was not set. */
  body: AnyValue
  flags: number
  traceId: string
  spanId: string
  eventName: string
}

const protobufFields = new Map<number, Reader<DecodedLogRecord>>([
  [0x09, time('timeUnixNano')],
  [0x59, time('observedTimeUnixNano')],
  [0x10, int32('severityNumber')],
  [0x1a, text('severityText')],
  [
    0x2a,
    (record, wire, { start, end }) => {
      record.body = decodeValue(wire, start, end, 0, record.body)
    },
  ],
  [0x45, fixed32('flags')],
  [0x4a, hex('traceId')],
  [0x52, hex('spanId')],
  [0x62, text('eventName')],
  ...attributed(0x32, 0x38),
])

/** Decodes a log record from its slice (`LogView.slice`). Throws `AGL_BAD_BODY` when it is malformed. */
export function decodeLogRecord(encoding: PayloadEncoding, bytes: Buffer): DecodedLogRecord {
  const record: DecodedLogRecord = {
    timeUnixNano: '0',
    observedTimeUnixNano: '0',
    severityNumber: 0,
    severityText: '',
    body: {},
    attributes: [],
    droppedAttributesCount: 0,
    flags: 0,
    traceId: '',
    spanId: '',
    eventName: '',
  }
  if (encoding === 'json') readJsonRecord(bytes, record)
  else readMessage(new Wire(bytes), 0, bytes.length, protobufFields, record)
  return record
}

function readJsonRecord(bytes: Buffer, record: DecodedLogRecord): void {
  const cursor = new JsonCursor(bytes)
  eachField(cursor, logFields, (field) => {
    switch (field) {
      case 'timeUnixNano':
      case 'observedTimeUnixNano':
        record[field] = readTime(cursor)
        break
      case 'severityNumber':
        record.severityNumber = readEnum(cursor, severityNumbers)
        break
      case 'severityText':
      case 'eventName':
        record[field] = readText(cursor) ?? ''
        break
      case 'body':
        record.body = readValue(cursor)
        break
      case 'flags':
        record.flags = readUint32(cursor)
        break
      case 'traceId':
        record.traceId = readId(cursor, 16)
        break
      case 'spanId':
        record.spanId = readId(cursor, 8)
        break
      default:
        readAttributed(cursor, field, record)
    }
  })
  cursor.finish()
}

/** Decodes the AnyValue of a body (`LogView.bodySlice`). Throws `AGL_BAD_BODY` when it is malformed. */
export function decodeAnyValue(encoding: PayloadEncoding, bytes: Buffer): AnyValue {
  return encoding === 'json'
    ? readValue(new JsonCursor(bytes))
    : decodeValue(new Wire(bytes), 0, bytes.length)
}

const pointFields = jsonFields('attributes')

/** Decodes the attributes of a data point (`PointView.slice`). Throws `AGL_BAD_BODY` when it is malformed. */
export function decodePointAttributes(
  encoding: PayloadEncoding,
  type: MetricType,
  bytes: Buffer,
): KeyValue[] {
  let attributes: KeyValue[] = []
  if (encoding === 'json') {
    const cursor = new JsonCursor(bytes)
    eachField(cursor, pointFields, () => {
      attributes = readKeyValues(cursor)
    })
    return attributes
  }
  const wire = new Wire(bytes)
  for (const { tag, start, end } of fieldsOf(wire, 0, bytes.length)) {
    if (tag === pointAttributes[type]) attributes.push(decodeKeyValue(wire, start, end))
  }
  return attributes
}
