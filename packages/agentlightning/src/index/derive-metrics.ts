// OTLP metrics → series and points.
import { hash } from 'node:crypto'
import { decodePointAttributes, plainValue } from '../otlp/decode/index.ts'
import { scanMetrics } from '../otlp/scan/index.ts'
import type { MetricView, PointView } from '../otlp/scan/signal-views.ts'
import type { ScanLimits } from '../otlp/scan/span-view.ts'
import type { Change } from '../store/contract.ts'
import type { SeriesRow } from '../store/signals.ts'
import type { Deriver } from '../trace/derive.ts'
import { clip, LABEL_LIMIT } from '../trace/dialects/read.ts'
import type { DerivableRecord } from './derive-record.ts'
import { encodingOf, onceAResource } from './source-row.ts'

const KEY_BYTES = 16
const DESCRIPTION = 500
const UNIT = 63
/** Characters of a series' attributes as they are shown; its key covers all of them. */
const SHOWN_ATTRIBUTES = 8_000

/** Derives the points of a record. Throws `AGL_BAD_BODY` for one that was kept before bodies were checked. */
export function deriveMetrics(
  record: DerivableRecord,
  limits: ScanLimits,
  deriver: Deriver,
  emit: (change: Change) => void,
): void {
  const serviceOf = onceAResource((context) => deriver.resource(context).service ?? '')
  scanMetrics(encodingOf(record.header), record.payload, limits, (point) => {
    const { metric, slice, ...numbers } = point
    const series = seriesOf(metric, serviceOf(metric.context), attributesOf(point))
    const timeNs = point.timeNs || record.header.receivedNs
    emit({ type: 'metricPoint', row: { ...numbers, timeNs, series, segment: record.segment } })
  })
}

type Pairs = readonly (readonly [key: string, value: unknown])[]

/** The attributes of a point by key: their order means nothing, and a client may change it. */
function attributesOf({ metric, slice }: PointView): Pairs {
  const { body, encoding } = metric.context
  const attributes = decodePointAttributes(encoding, metric.type, body.subarray(slice.start, slice.end))
  return attributes
    .map(({ key, value }) => [key, plainValue(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

function seriesOf(metric: MetricView, service: string, attributes: Pairs): SeriesRow {
  const { type, temporality, monotonic } = metric
  const name = clip(metric.name, LABEL_LIMIT)
  const unit = clip(metric.unit, UNIT)
  const identity = JSON.stringify([service, name, unit, type, temporality, monotonic, attributes])
  return {
    key: hash('sha256', identity, 'buffer').subarray(0, KEY_BYTES),
    service,
    name,
    unit,
    description: clip(metric.description, DESCRIPTION),
    type,
    temporality,
    monotonic,
    attributes: shownAttributes(attributes),
  }
}

/** A JSON object of as many attributes as there is room for. */
function shownAttributes(attributes: Pairs): string {
  const whole = JSON.stringify(Object.fromEntries(attributes))
  if (whole.length <= SHOWN_ATTRIBUTES) return whole
  let room = SHOWN_ATTRIBUTES
  const kept = attributes.filter(([key, value]) => {
    const length = key.length + JSON.stringify(value).length
    if (length > room) return false
    room -= length
    return true
  })
  return JSON.stringify(Object.fromEntries(kept))
}
