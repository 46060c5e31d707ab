// One log record → the changes that it makes in the store.
import { AglError } from '../errors.ts'
import type { RecordHeader } from '../log/record.ts'
import { scanTraces } from '../otlp/scan/index.ts'
import type { ContextView, ScanLimits, SpanView } from '../otlp/scan/span-view.ts'
import type { Change, SourceRow } from '../store/contract.ts'
import { createDeriver } from '../trace/derive.ts'
import { deriveLogs } from './derive-logs.ts'
import { deriveMetrics } from './derive-metrics.ts'
import { deriveCall } from './gateway/derive-call.ts'
import { deriveLegacy } from './legacy/derive-legacy.ts'
import { addressOf, encodingOf, onceAResource, sourceOf } from './source-row.ts'

/** A record as the log's reader gives it. */
export interface DerivableRecord {
  readonly header: RecordHeader
  readonly segment: number
  /** Offset of the payload in the segment file. */
  readonly payloadOffset: number
  /** Valid only during the call: what is kept is copied. */
  readonly payload: Buffer
  /** Position of the record itself. */
  readonly start: number
}

/** Derives changes from records; keeps scratch state, so use one per thread. */
export type DeriveRecord = (record: DerivableRecord, emit: (change: Change) => void) => void

/** Makes a `DeriveRecord`. It throws for a record that cannot be derived: the caller sets that one aside. */
export function createDeriveRecord(limits: ScanLimits): DeriveRecord {
  const deriver = createDeriver()

  function traces(record: DerivableRecord, emit: (change: Change) => void): void {
    const encoding = encodingOf(record.header)
    const resourceOf = onceAResource((context) => deriver.resource(context))
    let source: SourceRow | undefined
    let last: ContextView | undefined
    scanTraces(encoding, record.payload, limits, (span) => {
      const { context } = span
      // One object stands for one resource and scope of the body.
      if (context !== last) {
        last = context
        source = sourceOf(record, context, resourceOf(context))
      }
      emit({ type: 'span', row: spanRow(record, source as SourceRow, span) })
    })
  }

  function spanRow(record: DerivableRecord, source: SourceRow, span: SpanView) {
    return {
      source,
      traceId: Buffer.from(span.traceId),
      spanId: Buffer.from(span.spanId),
      parentSpanId: span.parentSpanId && Buffer.from(span.parentSpanId),
      name: span.name,
      kind: span.kind,
      startNs: span.startNs,
      endNs: span.endNs,
      statusCode: span.statusCode,
      attributeCount: span.attributeCount,
      payload: addressOf(record, span.slice),
      fields: deriver.span(span),
    }
  }

  return (record, emit) => {
    const { header } = record
    const whole = addressOf(record, { start: 0, end: record.payload.length })
    const common = { record: record.start, receivedNs: header.receivedNs, payload: whole }
    const contentType = header.contentType ?? 'application/octet-stream'
    switch (header.kind) {
      case 'otlpTraces':
        return traces(record, emit)
      case 'otlpLogs':
        return deriveLogs(record, limits, deriver, emit)
      case 'otlpMetrics':
        return deriveMetrics(record, limits, deriver, emit)
      case 'legacySession':
      case 'legacyEvents':
        return deriveLegacy(record, limits, deriver, emit)
      case 'gatewayStart':
      case 'gatewayEnd':
        return deriveCall(record, emit)
      case 'uploadLog':
        return emit({ type: 'log', row: { ...common, traceId: header.traceId, contentType } })
      case 'uploadObject':
        return emit({ type: 'object', row: { ...common, id: required(header.sessionId), contentType } })
      case 'project': {
        const { name } = JSON.parse(record.payload.toString()) as { name: string }
        const command = { do: 'project', project: required(header.project), name } as const
        return emit({ type: 'command', command: { ...command, atNs: header.receivedNs } })
      }
      case 'deleteTrace': {
        const command = { do: 'deleteTrace', traceId: required(header.traceId) } as const
        return emit({ type: 'command', command: { ...command, atNs: header.receivedNs } })
      }
      case 'prune': {
        const { segment } = JSON.parse(record.payload.toString()) as { segment: number }
        return emit({ type: 'command', command: { do: 'prune', segment, atNs: header.receivedNs } })
      }
      default:
        // Kept in the log and derived by a later version.
        return
    }
  }
}

function required(value: string | undefined): string {
  if (value === undefined) throw new AglError('AGL_BAD_REQUEST', { what: 'The record lacks its id.' })
  return value
}
