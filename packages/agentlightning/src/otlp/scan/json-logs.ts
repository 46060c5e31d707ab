// The scan of an ExportLogsServiceRequest in OTLP/JSON.
import { ItemCount } from './item-count.ts'
import { readSetField } from './json-any-value.ts'
import { visitJsonAttributes } from './json-attributes.ts'
import { JsonCursor } from './json-cursor.ts'
import {
  envelopeFields,
  excessOfMember,
  type Member,
  type Members,
  memberDigits,
  membersOf,
  memberText,
  walkJson,
} from './json-envelope.ts'
import { jsonFields } from './json-fields.ts'
import { jsonEnum, jsonId, jsonTime } from './json-text.ts'
import { JsonValue } from './json-value.ts'
import type { LogView } from './signal-views.ts'
import type { ContextView, ScanLimits, ScanResult } from './span-view.ts'

const envelope = envelopeFields('resourceLogs', 'scopeLogs', 'logRecords')

/** The fields of a log record. */
export const logFields = jsonFields(
  'timeUnixNano',
  'observedTimeUnixNano',
  'severityNumber',
  'severityText',
  'body',
  'attributes',
  'droppedAttributesCount',
  'flags',
  'traceId',
  'spanId',
  'eventName',
)
type LogField = typeof logFields extends { match(...given: never[]): infer Found }
  ? NonNullable<Found>
  : never

/** SeverityNumber by its name in logs.proto: four steps of each of six. */
export const severityNumbers: Readonly<Record<string, number>> = Object.fromEntries(
  ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((name, group) =>
    ['', '2', '3', '4'].map((step, at) => [`SEVERITY_NUMBER_${name}${step}`, group * 4 + at + 1]),
  ),
)

/**
 * Scans an `ExportLogsServiceRequest` in OTLP/JSON, reading as widely as the scan of traces. `visit` is called
 * once the whole body has been checked. A record with a field of the wrong type, above `limits.spanBytes`,
 * nested too deep or empty is rejected alone; anything that is no JSON, or an envelope of the wrong shape,
 * throws `AGL_BAD_BODY` with the byte offset.
 */
export function scanJsonLogs(body: Buffer, limits: ScanLimits, visit?: (log: LogView) => void): ScanResult {
  const result = pass(body, limits)
  if (visit) pass(body, limits, visit)
  return result
}

function pass(body: Buffer, limits: ScanLimits, visit?: (log: LogView) => void): ScanResult {
  const cursor = new JsonCursor(body)
  const value = new JsonValue()
  const count = new ItemCount('log record')
  walkJson(body, envelope, limits, (element, context, ofContext) => {
    cursor.pos = element.start
    const fields = element.type === 'object' ? membersOf(cursor, logFields) : undefined
    const problem =
      ofContext ?? (fields ? problemOf(cursor, element, fields, limits) : 'a log record is not an object')
    if (!count.take(problem, () => '') || !visit || !fields) return
    visit(viewOf(cursor, context, element, fields, value))
  })
  return count.result()
}

const types: Readonly<Partial<Record<LogField, Member['type']>>> = {
  severityText: 'string',
  eventName: 'string',
  traceId: 'string',
  spanId: 'string',
  body: 'object',
  attributes: 'array',
}

function problemOf(
  cursor: JsonCursor,
  element: Member,
  fields: Members<LogField>,
  limits: ScanLimits,
): string | undefined {
  if (element.end - element.start > limits.spanBytes) {
    return `a log record is larger than ${limits.spanBytes} bytes`
  }
  const excess = excessOfMember(cursor, element, 'log', limits)
  if (excess !== undefined) return excess
  if (!Object.values(fields).some((member) => member !== undefined)) return 'a log record is empty'
  for (const [field, type] of Object.entries(types)) {
    const member = fields[field as LogField]
    if (member && member.type !== type)
      return `${field} is not ${type === 'string' ? 'a string' : `an ${type}`}`
  }
  for (const field of ['timeUnixNano', 'observedTimeUnixNano'] as const) {
    if (timeOf(cursor, fields[field]) === undefined) return `${field} is not an unsigned 64-bit integer`
  }
  const { severityNumber } = fields
  if (severityNumber && memberDigits(cursor, severityNumber) === undefined) {
    return 'severityNumber is not a number or a name'
  }
  return undefined
}

/** A time in ns, 0 when absent; `undefined` when it is none. */
export function timeOf(cursor: JsonCursor, member: Member | undefined): bigint | undefined {
  if (!member) return 0n
  if (member.type !== 'string' && member.type !== 'number') return undefined
  const quote = member.type === 'string' ? 1 : 0
  return jsonTime(cursor.body, member.start + quote, member.end - quote)
}

function viewOf(
  cursor: JsonCursor,
  context: ContextView,
  { start, end }: Member,
  fields: Members<LogField>,
  value: JsonValue,
): LogView {
  const { body } = cursor
  const { severityNumber, body: bodyAt } = fields
  return {
    context,
    slice: { start, end },
    timeNs: timeOf(cursor, fields.timeUnixNano) ?? 0n,
    observedNs: timeOf(cursor, fields.observedTimeUnixNano) ?? 0n,
    severityNumber: severityNumber ? severityOf(body, severityNumber) : 0,
    severityText: memberText(cursor, fields.severityText),
    eventName: memberText(cursor, fields.eventName),
    traceId: idOf(body, fields.traceId, 16),
    spanId: idOf(body, fields.spanId, 8),
    bodySlice: bodyAt && { start: bodyAt.start, end: bodyAt.end },
    get body() {
      if (bodyAt) cursor.pos = bodyAt.start
      value.show(body, bodyAt && readSetField(cursor))
      return value
    },
    attributes: (table, visit) => {
      if (!fields.attributes) return
      cursor.pos = fields.attributes.start
      visitJsonAttributes(cursor, table, visit, value)
    },
  }
}

function severityOf(body: Buffer, { type, start, end }: Member): number {
  const quote = type === 'string' ? 1 : 0
  return jsonEnum(body, start + quote, end - quote, severityNumbers)
}

function idOf(body: Buffer, member: Member | undefined, size: number): Buffer | undefined {
  const id = member && jsonId(body, member.start + 1, member.end - 1, size)
  return id?.some((byte) => byte !== 0) ? id : undefined
}
