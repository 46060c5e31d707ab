// The lazy scan of OTLP trace bodies.
import { scanJsonTraces } from './json.ts'
import { scanProtobufTraces } from './protobuf.ts'
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
