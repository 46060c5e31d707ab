// Records of the SDKs before 0.4 → spans: one for each event, one root for each session, one for each agent.
import type { ScanLimits, Slice } from '../../otlp/scan/span-view.ts'
import type { Change, SourceRow } from '../../store/contract.ts'
import type { Deriver } from '../../trace/derive.ts'
import { decodeLegacySpan } from '../../trace/legacy/decode.ts'
import { LEGACY_SCOPE, viewOf } from '../../trace/legacy/decoded-view.ts'
import {
  agentSpanId,
  contentSpanId,
  eventSpanId,
  rootSpanId,
  traceIdOfSession,
} from '../../trace/legacy/ids.ts'
import { locateEvents, locateSession, readTexts } from '../../trace/legacy/locate.ts'
import { objectOf, textOf } from '../../trace/legacy/values.ts'
import type { DerivableRecord } from '../derive-record.ts'

type Emit = (change: Change) => void

/** Derives the spans of a `legacySession` or `legacyEvents` record. Throws for one that cannot be read. */
export function deriveLegacy(
  record: DerivableRecord,
  limits: ScanLimits,
  deriver: Deriver,
  emit: Emit,
): void {
  const write = spanWriter(record, deriver, emit)
  const { header, payload } = record
  const route = (header.route ?? '').replace(/\/+$/, '')
  if (header.kind === 'legacyEvents') {
    deriveEvents(record, limits, write)
  } else if (/session(s?)$/.test(route)) {
    const { session, sessionId } = locateSession(payload, limits)
    const id = sessionId ?? header.sessionId
    if (id === undefined) return
    const traceId = traceIdOfSession(id)
    write(session, traceId, rootSpanId(traceId))
  } else if (/\/(create_agent|agents)$/.test(route)) {
    const { id, session_id: named } = readTexts(payload, ['id', 'session_id'])
    const session = header.sessionId ?? named
    if (id === undefined || session === undefined) return
    const traceId = traceIdOfSession(session)
    write({ start: 0, end: payload.length }, traceId, agentSpanId(traceId, id))
  } else if (/\/developer_errors$/.test(route)) {
    deriveSdkError(record, emit)
  }
  // Threads are kept in the log alone: they say nothing about the program's run.
}

/** An error of the SDK itself is read beside the console text of its session. */
function deriveSdkError(
  { header, payload, start, segment, payloadOffset }: DerivableRecord,
  emit: Emit,
): void {
  const session = header.sessionId ?? readTexts(payload, ['session_id']).session_id
  if (session === undefined) return
  emit({
    type: 'log',
    row: {
      record: start,
      receivedNs: header.receivedNs,
      traceId: traceIdOfSession(session),
      payload: { segment, offset: payloadOffset, length: payload.length },
      contentType: header.contentType ?? 'application/json',
    },
  })
}

type Write = (slice: Slice, traceId: string, spanId: string) => void

function deriveEvents(record: DerivableRecord, limits: ScanLimits, write: Write): void {
  const { header, payload } = record
  const located = locateEvents(payload, limits)
  const copies = new Map<string, number>()
  for (const slice of located.events) {
    const bytes = payload.subarray(slice.start, slice.end)
    const event = objectOf(JSON.parse(bytes.toString('utf8')))
    const session = textOf(event?.session_id) ?? located.sessionId ?? header.sessionId
    if (session === undefined) continue
    const traceId = traceIdOfSession(session)
    const id = textOf(event?.id)
    if (id !== undefined) {
      write(slice, traceId, eventSpanId(traceId, id))
      continue
    }
    const first = contentSpanId(traceId, bytes, 0)
    const copy = copies.get(first) ?? 0
    copies.set(first, copy + 1)
    write(slice, traceId, copy === 0 ? first : contentSpanId(traceId, bytes, copy))
  }
}

function spanWriter(record: DerivableRecord, deriver: Deriver, emit: Emit): Write {
  const { header } = record
  const source: SourceRow = {
    record: record.start,
    receivedNs: header.receivedNs,
    project: header.project,
    origin: 'legacy',
    encoding: 'legacy',
    resource: undefined,
    scope: undefined,
    scopeName: LEGACY_SCOPE,
    resourceFields: {},
  }
  return (slice, traceId, spanId) => {
    const bytes = record.payload.subarray(slice.start, slice.end)
    const view = viewOf(decodeLegacySpan(bytes, { traceId, spanId, receivedNs: header.receivedNs }))
    const { traceId: trace, spanId: span, parentSpanId, name, kind, startNs, endNs, statusCode } = view
    const payload = {
      segment: record.segment,
      offset: record.payloadOffset + slice.start,
      length: slice.end - slice.start,
    }
    const { attributeCount } = view
    const shape = { traceId: trace, spanId: span, parentSpanId, name, kind, startNs, endNs, statusCode }
    emit({ type: 'span', row: { source, ...shape, attributeCount, payload, fields: deriver.span(view) } })
  }
}
