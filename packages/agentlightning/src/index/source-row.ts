// What the rows of one record refer to: where payloads lie, and what a resource and scope say.
import type { RecordHeader } from '../log/record.ts'
import type { ContextView, PayloadEncoding, Slice } from '../otlp/scan/span-view.ts'
import type { Address, SourceRow } from '../store/contract.ts'
import type { DerivableRecord } from './derive-record.ts'

/** The payload encoding that a record's content type names. */
export function encodingOf(header: RecordHeader): PayloadEncoding {
  return header.contentType === 'application/json' ? 'json' : 'protobuf'
}

/** Where a slice of a record's payload lies. */
export function addressOf(record: DerivableRecord, slice: Slice): Address {
  return {
    segment: record.segment,
    offset: record.payloadOffset + slice.start,
    length: slice.end - slice.start,
  }
}

/**
 * Gives what `read` makes of a context's resource, once for all scopes in a row that share it: a body may hold one
 * large resource and very many small scopes.
 */
export function onceAResource<Made>(read: (context: ContextView) => Made): (context: ContextView) => Made {
  let last: { readonly start: number | undefined; readonly made: Made } | undefined
  return (context) => {
    const start = context.resource?.start
    if (!last || last.start !== start) last = { start, made: read(context) }
    return last.made
  }
}

/** The row of a resource and scope; `fields` is what the resource says. */
export function sourceOf(
  record: DerivableRecord,
  context: ContextView,
  fields: SourceRow['resourceFields'],
): SourceRow {
  return {
    record: record.start,
    receivedNs: record.header.receivedNs,
    project: record.header.project,
    origin: 'client',
    encoding: context.encoding,
    resource: context.resource && addressOf(record, context.resource),
    scope: context.scope && addressOf(record, context.scope),
    scopeName: context.scopeName,
    resourceFields: fields,
  }
}
