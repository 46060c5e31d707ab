// The scan of an ExportMetricsServiceRequest in OTLP/JSON.
import { ItemCount } from './item-count.ts'
import { JsonCursor } from './json-cursor.ts'
import {
  eachElement,
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
import { timeOf } from './json-logs.ts'
import { jsonEnum } from './json-text.ts'
import { shownName } from './protobuf-metrics.ts'
import {
  type MetricType,
  type MetricView,
  metricTypes,
  type PointNumbers,
  type PointView,
  unreadNumbers,
} from './signal-views.ts'
import type { ContextView, ScanLimits, ScanResult } from './span-view.ts'
import { contextProblem } from './value-limits.ts'
import { exactInteger, finite } from './value-text.ts'

const envelope = envelopeFields('resourceMetrics', 'scopeMetrics', 'metrics')
const types = Object.keys(metricTypes) as MetricType[]
const metricFields = jsonFields(
  'name',
  'description',
  'unit',
  'metadata',
  'gauge',
  'sum',
  'histogram',
  'exponentialHistogram',
  'summary',
)
const dataFields = jsonFields('dataPoints', 'aggregationTemporality', 'isMonotonic')
const pointFields = jsonFields(
  'attributes',
  'startTimeUnixNano',
  'timeUnixNano',
  'asDouble',
  'asInt',
  'count',
  'sum',
  'min',
  'max',
  'flags',
)
type PointField = typeof pointFields extends { match(...given: never[]): infer Found }
  ? NonNullable<Found>
  : never

const temporalities: Readonly<Record<string, number>> = {
  AGGREGATION_TEMPORALITY_UNSPECIFIED: 0,
  AGGREGATION_TEMPORALITY_DELTA: 1,
  AGGREGATION_TEMPORALITY_CUMULATIVE: 2,
}

interface Metric extends MetricView {
  readonly points: Member | undefined
}

/**
 * Scans an `ExportMetricsServiceRequest` in OTLP/JSON point by point, reading as widely as the scan of traces.
 * `visit` is called once the whole body has been checked. A point that is empty, with a field of the wrong type, above
 * `limits.spanBytes`, nested too deep, or of a metric without a name is rejected alone; anything that is no
 * JSON, or an envelope of the wrong shape, throws `AGL_BAD_BODY` with the byte offset.
 */
export function scanJsonMetrics(
  body: Buffer,
  limits: ScanLimits,
  visit?: (point: PointView) => void,
): ScanResult {
  const result = pass(body, limits)
  if (visit) pass(body, limits, visit)
  return result
}

function pass(body: Buffer, limits: ScanLimits, visit?: (point: PointView) => void): ScanResult {
  const cursor = new JsonCursor(body)
  const count = new ItemCount('data point')
  walkJson(body, envelope, limits, (element, context, ofContext) => {
    if (element.type === 'null') return
    if (element.type !== 'object') throw cursor.fail('an element of metrics is not an object', element.start)
    cursor.pos = element.start
    const fields = membersOf(cursor, metricFields)
    const metric = readMetric(cursor, context, fields)
    const excess = fields.metadata && excessOfMember(cursor, fields.metadata, 'pairs', limits)
    const ofMetric =
      ofContext ??
      (metric.name === '' ? 'its metric has no name' : excess && contextProblem('metric', excess))
    eachElement(cursor, metric.points, 'dataPoints', (at) => {
      const numbers = readPoint(cursor, at, metric.type, limits)
      const problem = ofMetric ?? (typeof numbers === 'string' ? numbers : undefined)
      if (!count.take(problem, () => shownName(metric.name)) || !visit || typeof numbers === 'string') return
      visit({ metric, slice: { start: at.start, end: at.end }, ...numbers })
    })
  })
  return count.result()
}

/** The metric of these members: of data that exclude each other the last in the text counts. */
function readMetric(
  cursor: JsonCursor,
  context: ContextView,
  fields: Members<MetricType | 'name' | 'description' | 'unit' | 'metadata'>,
): Metric {
  let type: MetricType = 'gauge'
  let data: Member | undefined
  for (const name of types) {
    const member = fields[name]
    if (!member || (data && member.start < data.start)) continue
    type = name
    data = member
  }
  if (data && data.type !== 'object') throw cursor.fail(`${type} is not an object`, data.start)
  if (data) cursor.pos = data.start
  const { dataPoints, aggregationTemporality, isMonotonic } = data ? membersOf(cursor, dataFields) : {}
  return {
    context,
    name: memberText(cursor, fields.name),
    description: memberText(cursor, fields.description),
    unit: memberText(cursor, fields.unit),
    type,
    temporality: aggregationTemporality ? temporalityOf(cursor.body, aggregationTemporality) : 0,
    monotonic: isMonotonic?.type === 'boolean' && cursor.body[isMonotonic.start] === 't'.charCodeAt(0),
    points: dataPoints,
  }
}

function temporalityOf(body: Buffer, { type, start, end }: Member): number {
  const quote = type === 'string' ? 1 : 0
  return type === 'string' || type === 'number'
    ? jsonEnum(body, start + quote, end - quote, temporalities)
    : 0
}

/** The numbers of the point at `at`, or why it cannot be taken. */
function readPoint(
  cursor: JsonCursor,
  at: Member,
  type: MetricType,
  limits: ScanLimits,
): PointNumbers | string {
  if (at.type !== 'object') return 'a data point is not an object'
  if (at.end - at.start > limits.spanBytes) return `a data point is larger than ${limits.spanBytes} bytes`
  const excess = excessOfMember(cursor, at, 'point', limits)
  if (excess !== undefined) return excess
  cursor.pos = at.start
  const fields = membersOf(cursor, pointFields)
  if (!Object.values(fields).some((member) => member !== undefined)) return 'a data point is empty'
  if (fields.attributes && fields.attributes.type !== 'array') return 'attributes is not an array'
  const startNs = timeOf(cursor, fields.startTimeUnixNano)
  if (startNs === undefined) return 'startTimeUnixNano is not an unsigned 64-bit integer'
  const timeNs = timeOf(cursor, fields.timeUnixNano)
  if (timeNs === undefined) return 'timeUnixNano is not an unsigned 64-bit integer'
  const { asDouble, asInt } = fields
  const valueField = asInt && (!asDouble || asDouble.start < asInt.start) ? 'asInt' : 'asDouble'
  let wrong: string | undefined
  const number = (field: PointField): number | undefined => {
    const member = fields[field]
    if (!member) return undefined
    const digits = memberDigits(cursor, member)
    const whole = field === 'asInt' || field === 'count'
    const value = digits === undefined ? undefined : whole ? exactInteger(digits) : doubleOf(digits)
    if (value === undefined) wrong ??= `${field} is not ${whole ? 'an integer' : 'a number'}`
    return value === undefined ? undefined : finite(Number(value))
  }
  const unread = unreadNumbers(type)
  const numbers = {
    startNs,
    timeNs,
    value: number(valueField),
    count: number('count') ?? unread.count,
    sum: number('sum') ?? unread.sum,
    min: number('min'),
    max: number('max'),
  }
  return wrong ?? numbers
}

/** A double as JSON has it: digits, or the names of what has no digits. */
function doubleOf(text: string): number | undefined {
  const value = Number(text)
  return text.trim() === '' || (Number.isNaN(value) && text !== 'NaN') ? undefined : value
}
