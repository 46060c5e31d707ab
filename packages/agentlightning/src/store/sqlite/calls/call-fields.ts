// What a joined call tells of the span that shows it, where the span itself says nothing.
import type { SpanFields, Usage } from '../../../trace/fields.ts'
import type { CallField } from '../../calls.ts'
import { optionalNumber, optionalText } from '../columns.ts'
import type { StringReader } from '../strings.ts'

/** Columns of `call c` that `fieldsOfCall` reads. */
export const callFieldColumns = `c.input AS call_input, c.output AS call_output, c.total AS call_total,
  c.cache_read AS call_cache_read, c.reasoning AS call_reasoning, c.request_model AS call_request_model,
  c.response_model AS call_response_model, c.response_id AS call_response_id`

/** What a call adds to the fields of its span, and the names of what it adds. */
export interface GivenFields {
  readonly fields: Partial<SpanFields>
  readonly gives: readonly CallField[]
}

/** The fields that a span lacks and the call of its row has: as the sums count it, usage only as a whole. */
export function fieldsOfCall(
  row: Record<string, unknown>,
  fields: SpanFields,
  strings: StringReader,
): GivenFields {
  const given: { -readonly [Name in keyof SpanFields]?: SpanFields[Name] } = {}
  const gives: CallField[] = []
  const usage = usageOf(row)
  if (usage && fields.usage === undefined && fields.cost === undefined) {
    given.usage = usage
    gives.push('usage')
  }
  if (fields.requestModel === undefined && fields.responseModel === undefined) {
    const [asked, answered] = [row.call_request_model, row.call_response_model].map((id) =>
      strings.optional(id),
    )
    if (asked !== undefined) given.requestModel = asked
    if (answered !== undefined) given.responseModel = answered
    if (asked !== undefined || answered !== undefined) gives.push('model')
  }
  const responseId = optionalText(row.call_response_id)
  if (responseId !== undefined && fields.responseId === undefined) {
    given.responseId = responseId
    gives.push('responseId')
  }
  return { fields: given, gives }
}

function usageOf(row: Record<string, unknown>): Usage | undefined {
  const counts = {
    input: optionalNumber(row.call_input),
    output: optionalNumber(row.call_output),
    total: optionalNumber(row.call_total),
    cacheRead: optionalNumber(row.call_cache_read),
    reasoning: optionalNumber(row.call_reasoning),
  }
  const known = Object.entries(counts).filter(([, count]) => count !== undefined)
  return known.length === 0 ? undefined : (Object.fromEntries(known) as Usage)
}
