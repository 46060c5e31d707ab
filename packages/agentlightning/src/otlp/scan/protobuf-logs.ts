// The scan of an ExportLogsServiceRequest in protobuf.
import { ItemCount } from './item-count.ts'
import { visitAttributes } from './protobuf-attributes.ts'
import { walkProtobuf } from './protobuf-envelope.ts'
import { ProtobufValue } from './protobuf-value.ts'
import { checkKeyValue, checkValue } from './protobuf-values.ts'
import type { LogView } from './signal-views.ts'
import { allowedDepth } from './span-table.ts'
import type { ContextView, ScanLimits, ScanResult, Slice } from './span-view.ts'
import { tooDeep } from './value-limits.ts'
import { Wire } from './wire.ts'

const LOG_FIELDS = 0b1_1111_1110_1110
const ATTRIBUTES = 0x32

/** Offsets of one record; 0 stands for absent, since nothing of a record lies at offset 0. */
interface LogOffsets {
  shallow: boolean
  time: number
  observed: number
  severity: number
  severityText: Slice | undefined
  body: Slice | undefined
  traceId: Slice | undefined
  spanId: Slice | undefined
  eventName: Slice | undefined
}

/**
 * Scans an `ExportLogsServiceRequest` (opentelemetry-proto collector/logs/v1, logs/v1). `visit` is called once
 * the whole body has been checked. A record that is empty, above `limits.spanBytes` or nested too deep is
 * rejected alone; ids that are none are as good as absent. Throws `AGL_BAD_BODY` with the byte offset when the
 * body, or anything in a record, is malformed.
 */
export function scanProtobufLogs(
  body: Buffer,
  limits: ScanLimits,
  visit?: (log: LogView) => void,
): ScanResult {
  const result = pass(body, limits)
  if (visit) pass(body, limits, visit)
  return result
}

function pass(body: Buffer, limits: ScanLimits, visit?: (log: LogView) => void): ScanResult {
  const wire = new Wire(body, limits)
  const depth = allowedDepth(limits)
  const count = new ItemCount('log record')
  const value = new ProtobufValue()
  walkProtobuf(wire, depth, (start, end, context, ofContext) => {
    const offsets = readLog(wire, start, end, depth)
    const problem = ofContext ?? problemOf(wire, end - start, offsets, limits)
    if (count.take(problem, () => '') && visit) visit(viewOf(wire, context, start, end, offsets, value))
  })
  return count.result()
}

function problemOf(wire: Wire, bytes: number, offsets: LogOffsets, limits: ScanLimits): string | undefined {
  if (bytes === 0) return 'a log record is empty'
  if (bytes > limits.spanBytes) return `a log record is larger than ${limits.spanBytes} bytes`
  return offsets.shallow ? undefined : (wire.problem ?? tooDeep(allowedDepth(limits)))
}

function readLog(wire: Wire, start: number, end: number, depth: number): LogOffsets {
  const log: LogOffsets = {
    shallow: true,
    time: 0,
    observed: 0,
    severity: 0,
    severityText: undefined,
    body: undefined,
    traceId: undefined,
    spanId: undefined,
    eventName: undefined,
  }
  let p = start
  const slice = (): Slice => {
    const stop = wire.enter(p, end)
    const found = { start: wire.pos, end: stop }
    p = stop
    return found
  }
  while (p < end) {
    const tag = wire.tag(p, end)
    p = wire.pos
    switch (tag) {
      case 0x09: // time_unix_nano
        log.time = p
        p = wire.skipFixed(p, 8, end)
        break
      case 0x59: // observed_time_unix_nano
        log.observed = p
        p = wire.skipFixed(p, 8, end)
        break
      case 0x10: // severity_number
        log.severity = wire.int32(p, end)
        p = wire.pos
        break
      case 0x1a:
        log.severityText = slice()
        break
      case 0x2a: {
        // body
        log.body = slice()
        log.shallow &&= checkValue(wire, log.body.start, log.body.end, depth)
        break
      }
      case ATTRIBUTES: {
        const pair = slice()
        log.shallow &&= checkKeyValue(wire, pair.start, pair.end, depth)
        break
      }
      case 0x38: // dropped_attributes_count
        p = wire.skipVarint(p, end)
        break
      case 0x45: // flags
        p = wire.skipFixed(p, 4, end)
        break
      case 0x4a:
        log.traceId = slice()
        break
      case 0x52:
        log.spanId = slice()
        break
      case 0x62:
        log.eventName = slice()
        break
      default:
        p = wire.skip(tag, p, end, LOG_FIELDS)
    }
  }
  return log
}

function viewOf(
  wire: Wire,
  context: ContextView,
  start: number,
  end: number,
  log: LogOffsets,
  value: ProtobufValue,
): LogView {
  const { body } = wire
  const text = (at: Slice | undefined) => (at ? body.toString('utf8', at.start, at.end) : '')
  const time = (at: number) => (at === 0 ? 0n : body.readBigUInt64LE(at))
  return {
    context,
    slice: { start, end },
    timeNs: time(log.time),
    observedNs: time(log.observed),
    severityNumber: log.severity,
    severityText: text(log.severityText),
    eventName: text(log.eventName),
    traceId: idOf(body, log.traceId, 16),
    spanId: idOf(body, log.spanId, 8),
    bodySlice: log.body,
    get body() {
      value.set(body, log.body?.start ?? 0, log.body?.end ?? 0)
      return value
    },
    attributes: (table, visit) =>
      visitAttributes(wire, start, end, ATTRIBUTES, Number.POSITIVE_INFINITY, table, visit, value),
  }
}

function idOf(body: Buffer, at: Slice | undefined, size: number): Buffer | undefined {
  if (!at || at.end - at.start !== size) return undefined
  const id = body.subarray(at.start, at.end)
  return id.some((byte) => byte !== 0) ? id : undefined
}
