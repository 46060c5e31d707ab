// The fields of a span beside its row: those it shares with others as labels, its own as a row of `detail`.
import type { SpanFields } from '../../trace/fields.ts'
import type { Labels } from './labels.ts'
import { formatIds, type StringWriter } from './strings.ts'
import type { UsageSums } from './totals.ts'
import { carriesUsage, countsOf, finite, usageSums } from './usage-sums.ts'

/** What a span has beside its row. Texts are string ids, 0 for none. */
export interface Detail {
  /** `undefined` where the span has none. */
  readonly labels: Labels | undefined
  /** Columns of `detail` after the id; `undefined` where the span has none of its own. */
  readonly values: (number | string | null)[] | undefined
  readonly agent: number
  readonly session: number
  readonly user: number
  readonly endState: number
  readonly model: number
  readonly tags: readonly number[]
  readonly error: string | undefined
  readonly hasIds: boolean
  readonly usage: UsageSums | undefined
}

const none: Detail = {
  labels: undefined,
  values: undefined,
  agent: 0,
  session: 0,
  user: 0,
  endState: 0,
  model: 0,
  tags: [],
  error: undefined,
  hasIds: false,
  usage: undefined,
}

/** The fields of a span. */
export function detailOf(fields: SpanFields, strings: StringWriter): Detail {
  if (!hasAny(fields)) return none
  const id = (text: string | undefined): number => strings.idOrNone(text)
  const counts = countsOf(fields.usage)
  const cost = finite(fields.cost)
  const [promptIds, responseIds] = [finite(fields.promptIds), finite(fields.responseIds)]
  const [requestModel, responseModel] = [id(fields.requestModel), id(fields.responseModel)]
  const [agent, session, user] = [id(fields.agent), id(fields.session), id(fields.user)]
  const endState = id(fields.endState)
  const tags = (fields.tags ?? []).map((tag) => strings.id(tag))
  const labels: Labels = [
    id(fields.provider) || null,
    requestModel || null,
    responseModel || null,
    agent || null,
    id(fields.tool) || null,
    session || null,
    user || null,
    endState || null,
    formatIds(tags),
  ]
  const values = [
    fields.responseId ?? null,
    counts.input,
    counts.output,
    counts.total,
    counts.cacheRead,
    counts.cacheWrite,
    counts.reasoning,
    cost,
    promptIds,
    responseIds,
    fields.error ?? null,
  ]
  return {
    labels: labels.some(isGiven) ? labels : undefined,
    values: values.some(isGiven) ? values : undefined,
    agent,
    session,
    user,
    endState,
    model: responseModel || requestModel,
    tags,
    error: fields.error,
    hasIds: (promptIds ?? 0) > 0 && (responseIds ?? 0) > 0,
    usage: carriesUsage(counts, cost) ? usageSums(counts, cost) : undefined,
  }
}

/** Columns of `detail` in the order of `Detail.values`. */
export const detailColumns =
  'response_id, input, output, total, cache_read, cache_write, reasoning, cost, prompt_ids, response_ids, error'

function isGiven(value: number | string | null): boolean {
  return value !== null
}

function hasAny(fields: SpanFields): boolean {
  for (const name in fields) {
    const field = name as keyof SpanFields
    if (field !== 'type' && fields[field] !== undefined) return true
  }
  return false
}
