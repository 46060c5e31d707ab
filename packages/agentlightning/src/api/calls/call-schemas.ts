// Query parameters of the routes about model calls.
import { z } from 'zod'
import type { CallFilter } from '../../store/calls.ts'
import { type VerdictCode, verdictCodes } from '../../token-ids/index.ts'
import { definedOnly, listParameters, parseParameters, parseTime } from '../schemas.ts'
import type { CallsQuery } from './call-queries.ts'

const { limit, cursor, after, since, until } = listParameters.shape
const text = z.string().min(1).max(300)

export const callFilterParameters = z.object({
  after,
  trace: z
    .string()
    .regex(/^[0-9a-f]{1,32}$/, 'is up to 32 hex digits')
    .describe('Trace, or the beginning of its id')
    .optional(),
  run: text.describe('Of a run, or of a trace with its tag').optional(),
  rollout: text.optional(),
  attempt: text.optional(),
  model: text.describe('The model that answered, else the one asked for').optional(),
  verdict: z.enum(verdictCodes as [VerdictCode, ...VerdictCode[]]).optional(),
  ids: z.enum(['yes', 'no']).describe('Whether prompt and response have token ids').optional(),
  since,
  until,
})

export const callListParameters = callFilterParameters.extend({ limit, cursor })

export const callExportParameters = callFilterParameters.extend({
  messages: z.enum(['0', '1']).default('0').describe('1: with request and reply'),
})

export const rolloutParameters = z.object({ after, limit })

type Conditions = Omit<z.infer<typeof callFilterParameters>, 'after'>

/** The list request that query parameters describe. Throws `AGL_BAD_REQUEST`. */
export function callListQuery(
  parameters: unknown,
  nowMs: number,
): { query: CallsQuery; after: string | undefined } {
  const {
    limit: items,
    cursor: from,
    after: position,
    ...conditions
  } = parseParameters(callListParameters, parameters)
  return {
    query: { filter: filterOf(conditions, nowMs), limit: items, ...definedOnly({ cursor: from }) },
    after: position,
  }
}

/** The export that query parameters describe. Throws `AGL_BAD_REQUEST`. */
export function callExportQuery(
  parameters: unknown,
  nowMs: number,
): { query: { filter: CallFilter; messages: boolean }; after: string | undefined } {
  const { messages, after: position, ...conditions } = parseParameters(callExportParameters, parameters)
  return { query: { filter: filterOf(conditions, nowMs), messages: messages === '1' }, after: position }
}

function filterOf({ trace, ids, since: from, until: to, ...same }: Conditions, nowMs: number): CallFilter {
  return definedOnly({
    ...same,
    traceId: trace,
    withIds: ids === undefined ? undefined : ids === 'yes',
    sinceNs: from === undefined ? undefined : parseTime('since', from, nowMs),
    untilNs: to === undefined ? undefined : parseTime('until', to, nowMs),
  })
}
