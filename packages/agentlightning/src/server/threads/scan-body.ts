// The check that a body goes through before it is appended, by its encoding.
import { scanTraces } from '../../otlp/scan/index.ts'
import type { ScanLimits, ScanResult, StoredEncoding } from '../../otlp/scan/span-view.ts'
import { scanLegacyEvents } from '../../trace/legacy/locate.ts'

/** Scans a body of spans, or of legacy events. Throws `AGL_BAD_BODY` for one that is malformed. */
export function scanBody(encoding: StoredEncoding, body: Buffer, limits: ScanLimits): ScanResult {
  return encoding === 'legacy' ? scanLegacyEvents(body, limits) : scanTraces(encoding, body, limits)
}
