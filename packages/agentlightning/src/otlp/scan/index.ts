// The lazy scan of OTLP bodies.
import { scanJsonTraces } from './json.ts'
import { scanJsonLogs } from './json-logs.ts'
import { scanJsonMetrics } from './json-metrics.ts'
import { scanProtobufTraces } from './protobuf.ts'
import { scanProtobufLogs } from './protobuf-logs.ts'
import { scanProtobufMetrics } from './protobuf-metrics.ts'
import type { LogView, PointView } from './signal-views.ts'
import type { PayloadEncoding, ScanLimits, ScanResult, SpanView } from './span-view.ts'

export { createKeyTable } from './key-table.ts'

/**
 * Scans the body of an OTLP trace export. Spans are checked and, where `visit` is given, shown one by one
 * in the order of the body, once all of it has been checked. The view is reused for the next span; its
 * `context` is the same object for all spans of one resource and scope.
 *
 * @throws AglError `AGL_BAD_BODY` when the body is malformed, with what is wrong and at which byte
 */
export function scanTraces(
  encoding: PayloadEncoding,
  body: Buffer,
  limits: ScanLimits,
  visit?: (span: SpanView) => void,
): ScanResult {
  return encoding === 'json' ? scanJsonTraces(body, limits, visit) : scanProtobufTraces(body, limits, visit)
}

/** Scans the body of an OTLP logs export, record by record, as `scanTraces` does. Throws as it does. */
export function scanLogs(
  encoding: PayloadEncoding,
  body: Buffer,
  limits: ScanLimits,
  visit?: (log: LogView) => void,
): ScanResult {
  return encoding === 'json' ? scanJsonLogs(body, limits, visit) : scanProtobufLogs(body, limits, visit)
}

/** Scans the body of an OTLP metrics export, data point by data point, as `scanTraces` does. Throws as it does. */
export function scanMetrics(
  encoding: PayloadEncoding,
  body: Buffer,
  limits: ScanLimits,
  visit?: (point: PointView) => void,
): ScanResult {
  return encoding === 'json' ? scanJsonMetrics(body, limits, visit) : scanProtobufMetrics(body, limits, visit)
}
