// The span that a gateway call is while no other span stands for it.

import { operationOf } from '../../../trace/calls/names.ts'
import type { SpanFields, Usage } from '../../../trace/fields.ts'
import type { SpanRow } from '../../contract.ts'
import type { StringWriter } from '../strings.ts'
import type { StoredCall } from './call-rows.ts'

/** Scope name of these spans. */
const GATEWAY_SCOPE = 'agentlightning.gateway'
const CLIENT = 3
const ERROR = 2

/** The span of a call, made of its row alone. Its payload is the newest record of the call. */
export function ownSpan(call: StoredCall, strings: StringWriter): SpanRow {
  const payload = call.endRecord ?? call.startRecord
  if (!payload) throw new Error('A call has no record.')
  const text = (id: number): string | undefined => (id === 0 ? undefined : strings.text(id))
  const dialect = text(call.dialect) ?? 'other'
  const requestModel = text(call.requestModel)
  const { operation, type } = operationOf(dialect)
  const project = text(call.project)
  return {
    source: {
      record: call.record,
      receivedNs: call.received,
      project,
      origin: 'gateway',
      encoding: 'call',
      resource: call.endRecord && call.startRecord,
      scope: undefined,
      scopeName: GATEWAY_SCOPE,
      resourceFields: {},
    },
    traceId: call.traceId,
    spanId: call.spanId,
    parentSpanId: call.parent,
    name: requestModel === undefined ? operation : `${operation} ${requestModel}`,
    kind: CLIENT,
    startNs: call.start,
    endNs: call.end,
    statusCode: call.error === undefined ? 0 : ERROR,
    attributeCount: call.finished ? 2 : 1,
    payload,
    fields: present({
      type,
      provider: text(call.backend),
      requestModel,
      responseModel: text(call.responseModel),
      responseId: call.responseId,
      tags: call.tags.length > 0 ? call.tags.map((id) => strings.text(id)) : undefined,
      usage: usageOf(call),
      promptIds: call.promptIds || undefined,
      responseIds: call.responseIds || undefined,
      error: call.error,
    }),
  }
}

function usageOf({ usage }: StoredCall): Usage | undefined {
  const { input, output, total, cache_read: cacheRead, reasoning } = usage
  const known = Object.entries({ input, output, total, cacheRead, reasoning }).filter(
    ([, count]) => count !== undefined,
  )
  return known.length === 0 ? undefined : (Object.fromEntries(known) as Usage)
}

function present(fields: { [Name in keyof SpanFields]: SpanFields[Name] | undefined }): SpanFields {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(known) as unknown as SpanFields
}
