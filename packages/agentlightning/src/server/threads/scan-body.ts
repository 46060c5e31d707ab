// The check that a body goes through before it is appended, by its signal and encoding.
import { scanLogs, scanMetrics, scanTraces } from '../../otlp/scan/index.ts'
import type { Signal } from '../../otlp/scan/signal-views.ts'
import type { PayloadEncoding, ScanLimits, ScanResult } from '../../otlp/scan/span-view.ts'
import { scanLegacyEvents } from '../../trace/legacy/locate.ts'

/** How a body that is scanned is written. */
export type BodyEncoding = PayloadEncoding | 'legacy'

const scans = { traces: scanTraces, logs: scanLogs, metrics: scanMetrics } as const

/** Scans a body of a signal, or of legacy events. Throws `AGL_BAD_BODY` for one that is malformed. */
export function scanBody(
  encoding: BodyEncoding,
  body: Buffer,
  limits: ScanLimits,
  signal: Signal = 'traces',
): ScanResult {
  return encoding === 'legacy' ? scanLegacyEvents(body, limits) : scans[signal](encoding, body, limits)
}
