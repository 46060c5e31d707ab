// OTLP log records → rows.
import { createHash } from 'node:crypto'
import { decodeAnyValue, plainValue } from '../otlp/decode/index.ts'
import { createKeyTable, scanLogs } from '../otlp/scan/index.ts'
import type { LogView } from '../otlp/scan/signal-views.ts'
import type { ContextView, ScanLimits, Slice } from '../otlp/scan/span-view.ts'
import type { Change, SourceRow } from '../store/contract.ts'
import type { Deriver } from '../trace/derive.ts'
import { clip, LABEL_LIMIT } from '../trace/dialects/read.ts'
import { exceptionLine, lineOf } from '../trace/error-line.ts'
import type { DerivableRecord } from './derive-record.ts'
import { addressOf, encodingOf, onceAResource, sourceOf } from './source-row.ts'

/** Characters of a preview. */
const PREVIEW = 200
/** A structured body above this size is not decoded for its preview. */
const DECODED_BYTES = 16 * 1024
const KEY_BYTES = 16
const SEVERITY_TEXT = 40

const wanted = createKeyTable<'event' | 'type' | 'message'>([
  // Where the name of an event was before logs.proto had a field for it.
  ['event.name', 'event'],
  ['exception.type', 'type'],
  ['exception.message', 'message'],
])

/** Derives the log records of a record. Throws `AGL_BAD_BODY` for one that was kept before bodies were checked. */
export function deriveLogs(
  record: DerivableRecord,
  limits: ScanLimits,
  deriver: Deriver,
  emit: (change: Change) => void,
): void {
  const seen = new Map<string, number>()
  const resourceOf = onceAResource((context) => ({
    fields: deriver.resource(context),
    digest: digest(Buffer.alloc(0), bytesOf(context, context.resource)),
  }))
  let context: ContextView | undefined
  let source: SourceRow | undefined
  let place: Buffer | undefined
  scanLogs(encodingOf(record.header), record.payload, limits, (log) => {
    if (log.context !== context) {
      context = log.context
      const resource = resourceOf(context)
      source = sourceOf(record, context, resource.fields)
      place = digest(resource.digest, bytesOf(context, context.scope))
    }
    const content = digest(place as Buffer, bytesOf(log.context, log.slice))
    const key = content.toString('latin1')
    // Equal records of one batch are several records; those of a batch that comes again are the same ones.
    const before = seen.get(key) ?? 0
    seen.set(key, before + 1)
    const { event, exception } = attributesOf(log)
    emit({
      type: 'logRecord',
      row: {
        source: source as SourceRow,
        key: before === 0 ? content : digest(content, Buffer.from(String(before))),
        timeNs: log.timeNs || log.observedNs || record.header.receivedNs,
        severityNumber: Math.min(24, Math.max(0, log.severityNumber)),
        severityText: clip(log.severityText, SEVERITY_TEXT),
        preview: bodyLine(log) ?? exception ?? '',
        eventName: event,
        traceId: log.traceId && Buffer.from(log.traceId),
        spanId: log.traceId && log.spanId && Buffer.from(log.spanId),
        payload: addressOf(record, log.slice),
      },
    })
  })
}

function attributesOf(log: LogView): { event: string | undefined; exception: string | undefined } {
  const found: Partial<Record<'event' | 'type' | 'message', string>> = {}
  log.attributes(wanted, (name, value) => {
    const text = value.string()
    if (text) found[name] = text
  })
  const event = log.eventName || found.event
  const exception = exceptionLine(found.type, found.message)
  return { event: event && clip(event, LABEL_LIMIT), exception: exception && clip(exception, PREVIEW) }
}

/** The body in one line: text as it is, a structure as JSON. */
function bodyLine(log: LogView): string | undefined {
  const { bodySlice } = log
  if (!bodySlice) return undefined
  const text = log.body.string()
  if (text !== undefined) return lineOf(text, PREVIEW)
  if (bodySlice.end - bodySlice.start > DECODED_BYTES) return '(a large structure)'
  const value = plainValue(decodeAnyValue(log.context.encoding, bytesOf(log.context, bodySlice)))
  return value === null ? undefined : lineOf(JSON.stringify(value), PREVIEW)
}

function bytesOf(context: ContextView, slice: Slice | undefined): Buffer {
  return context.body.subarray(slice?.start ?? 0, slice?.end ?? 0)
}

function digest(first: Buffer, second: Buffer): Buffer {
  // The length of the first part keeps two pairs apart that are the same one after the other.
  const both = createHash('sha256').update(`${first.length}:`).update(first).update(second)
  return both.digest().subarray(0, KEY_BYTES)
}
