// The scan of an ExportMetricsServiceRequest in protobuf.
import { ItemCount } from './item-count.ts'
import { walkProtobuf } from './protobuf-envelope.ts'
import { readPoint } from './protobuf-points.ts'
import { checkKeyValue } from './protobuf-values.ts'
import type { MetricType, MetricView, PointView } from './signal-views.ts'
import { allowedDepth } from './span-table.ts'
import type { ContextView, ScanLimits, ScanResult, Slice } from './span-view.ts'
import { contextProblem, tooDeep } from './value-limits.ts'
import { malformedWire, Wire } from './wire.ts'

const METRIC_FIELDS = 0b1_1110_1010_1110
const DATA_FIELDS = 0b10
const SUM_FIELDS = 0b1110
const POINTS = 0x0a
const SHOWN_NAME = 80
/** Parts of one metric's data, of which every encoder writes one. */
const MOST_PARTS = 100

const dataTags: ReadonlyMap<number, MetricType> = new Map([
  [0x2a, 'gauge'],
  [0x3a, 'sum'],
  [0x4a, 'histogram'],
  [0x52, 'exponentialHistogram'],
  [0x5a, 'summary'],
])

interface Metric extends MetricView {
  /** Where its data lies, a part after the other. */
  readonly data: readonly Slice[]
  /** How its metadata exceeds what values are held to. */
  readonly excess: string | undefined
}

/**
 * Scans an `ExportMetricsServiceRequest` (opentelemetry-proto collector/metrics/v1, metrics/v1) point by point.
 * `visit` is called once the whole body has been checked. A point that is empty, above `limits.spanBytes`, nested too deep, or
 * of a metric without a name is rejected alone. Throws `AGL_BAD_BODY` with the byte offset when the body, or
 * anything in a metric, is malformed.
 */
export function scanProtobufMetrics(
  body: Buffer,
  limits: ScanLimits,
  visit?: (point: PointView) => void,
): ScanResult {
  const result = pass(body, limits)
  if (visit) pass(body, limits, visit)
  return result
}

function pass(body: Buffer, limits: ScanLimits, visit?: (point: PointView) => void): ScanResult {
  const wire = new Wire(body, limits)
  const depth = allowedDepth(limits)
  const count = new ItemCount('data point')
  walkProtobuf(wire, depth, (start, end, context, ofContext) => {
    const metric = readMetric(wire, start, end, context, depth)
    const ofMetric =
      ofContext ??
      (metric.name === ''
        ? 'its metric has no name'
        : metric.excess && contextProblem('metric', metric.excess))
    for (const part of metric.data) {
      eachPoint(wire, part, (from, to) => {
        const numbers = readPoint(wire, from, to, metric.type, depth)
        const size = sizeProblem(to - from, limits)
        const excess = numbers ? undefined : (wire.problem ?? tooDeep(depth))
        const taken = count.take(ofMetric ?? size ?? excess, () => shownName(metric.name))
        if (taken && visit && numbers) visit({ metric, slice: { start: from, end: to }, ...numbers })
      })
    }
  })
  return count.result()
}

function sizeProblem(bytes: number, { spanBytes }: ScanLimits): string | undefined {
  if (bytes === 0) return 'a data point is empty'
  return bytes > spanBytes ? `a data point is larger than ${spanBytes} bytes` : undefined
}

/** The name of a metric as an answer shows it. */
export function shownName(name: string): string {
  if (name === '') return ''
  return ` of "${name.length > SHOWN_NAME ? `${name.slice(0, SHOWN_NAME)}…` : name}"`
}

function readMetric(wire: Wire, start: number, end: number, context: ContextView, depth: number): Metric {
  let type: MetricType = 'gauge'
  let dataTag = 0
  let data: Slice[] = []
  let excess: string | undefined
  const texts = { name: '', description: '', unit: '' }
  const aggregation = { temporality: 0, monotonic: false }
  let p = start
  while (p < end) {
    const tag = wire.tag(p, end)
    p = wire.pos
    const dataType = dataTags.get(tag)
    const field = tag === 0x0a ? 'name' : tag === 0x12 ? 'description' : tag === 0x1a ? 'unit' : undefined
    if (dataType === undefined && field === undefined && tag !== 0x62) {
      p = wire.skip(tag, p, end, METRIC_FIELDS)
      continue
    }
    const stop = wire.enter(p, end)
    const from = wire.pos
    p = stop
    if (field !== undefined) texts[field] = wire.body.toString('utf8', from, stop)
    else if (dataType === undefined) {
      if (!checkKeyValue(wire, from, stop, depth)) excess ??= wire.problem ?? tooDeep(depth)
    } else {
      // Of data that exclude each other the last counts; the same again goes on where it was.
      if (tag !== dataTag) {
        data = []
        Object.assign(aggregation, { temporality: 0, monotonic: false })
      }
      if (data.length === MOST_PARTS)
        throw malformedWire('a field that may occur once occurs again and again', from)
      dataTag = tag
      type = dataType
      data.push({ start: from, end: stop })
      readAggregation(wire, from, stop, type === 'sum' ? SUM_FIELDS : DATA_FIELDS, aggregation)
    }
  }
  return { context, ...texts, type, ...aggregation, data, excess }
}

/** Holds the data message at [start, end) to its framing and reads what is not a point. */
function readAggregation(
  wire: Wire,
  start: number,
  end: number,
  known: number,
  into: { temporality: number; monotonic: boolean },
): void {
  let p = start
  while (p < end) {
    const tag = wire.tag(p, end)
    p = wire.pos
    if (tag === 0x10) {
      into.temporality = wire.int32(p, end)
      p = wire.pos
    } else if (tag === 0x18) {
      into.monotonic = wire.bool(p, end)
      p = wire.pos
    } else {
      p = wire.skip(tag, p, end, tag === POINTS ? 0 : known)
    }
  }
}

/** Calls `read` for each data point of a message that `readAggregation` has passed over. */
function eachPoint(wire: Wire, { start, end }: Slice, read: (start: number, end: number) => void): void {
  let p = start
  while (p < end) {
    const tag = wire.tag(p, end)
    const content = wire.pos
    p = wire.skip(tag, content, end, 0)
    if (tag !== POINTS) continue
    wire.enter(content, end)
    read(wire.pos, p)
  }
}
