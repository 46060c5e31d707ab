// Query parameters of the read API, and the source of its OpenAPI description.
import { z } from 'zod'
import { AglError } from '../errors.ts'
import { parsePosition } from '../log/record.ts'
import type { FacetField, HourRange, TraceFilter, TraceQuery } from '../store/contract.ts'

/** A short text. */
export const text = z.string().min(1, 'is empty').max(256, 'is longer than 256 characters')

/** A time: ISO 8601, or ns since the epoch; or an age such as `15m`, `2h`, `7d`. */
export const time = z.string().max(40).describe('ISO 8601, an age (15m, 2h, 7d), or ns since the Unix epoch')

/** Items a page. */
export const limit = (most: number, usual: number) =>
  z.coerce.number().int().min(1).max(most).default(usual).describe(`Items a page, 1 to ${most}`)

/** What a reader of its own writes waits for. */
export const after = z
  .string()
  .refine((value) => parsePosition(value) !== undefined, 'is not a position')
  .describe('Wait until this `x-agl-position` of a write is readable')

/** Where a list goes on. */
export const cursor = z.string().max(500).describe('From the page before')

export const listParameters = z.object({
  limit: limit(1000, 50),
  cursor: cursor.optional(),
  after: after.optional(),
  project: text.optional(),
  status: z.enum(['ok', 'error', 'running']).optional(),
  service: text.optional(),
  agent: text.optional(),
  model: text.optional(),
  tag: text.optional(),
  session: text.optional(),
  user: text.optional(),
  name: text.describe('Part of the name, in any case').optional(),
  id: z
    .string()
    .regex(/^[0-9a-f]{1,32}$/, 'is up to 32 hex digits')
    .describe('Beginning of the id')
    .optional(),
  since: time.optional(),
  until: time.optional(),
})

const filterParameters = listParameters.omit({ limit: true, cursor: true })

export const countParameters = filterParameters.extend({
  most: z.coerce.number().int().min(1).max(10_000).default(1000).describe('How far to count'),
})

export const histogramParameters = filterParameters.extend({
  bars: z.coerce.number().int().min(1).max(200).default(60).describe('The most bars, 1 to 200'),
})

export const facetParameters = filterParameters.extend({
  field: z.enum(['service', 'agent', 'model', 'tag', 'session', 'user']),
  part: z.string().max(200).default('').describe('Part of the value, in any case'),
  limit: limit(100, 20),
})

export const traceParameters = z.object({
  limit: limit(10_000, 1000),
  cursor: cursor.optional(),
  after: after.optional(),
})

/** Spans that one request may ask about: their ids must fit into its address. */
const MOST_SPAN_IDS = 500

const spanIds = z
  .string()
  .superRefine((value, context) => {
    const ids = value.split(',')
    const wrong = ids.find((id) => !/^[0-9a-f]{16}$/.test(id))
    const twice = ids.find((id, at) => ids.indexOf(id) < at)
    if (wrong !== undefined) context.addIssue(`a span id is 16 hex digits, not «${wrong.slice(0, 64)}»`)
    else if (ids.length > MOST_SPAN_IDS)
      context.addIssue(`has ${ids.length} ids, and may have ${MOST_SPAN_IDS}`)
    else if (twice !== undefined) context.addIssue(`has ${twice} twice`)
  })
  .transform((value) => value.split(','))
  .describe(`1 to ${MOST_SPAN_IDS} span ids, a comma between them`)

export const messagesParameters = z
  .object({ spans: spanIds, cursor: cursor.optional(), after: after.optional() })
  .refine((given) => given.cursor === undefined || given.spans.includes(given.cursor), {
    path: ['cursor'],
    message: 'is none of the spans',
  })

export const afterParameters = z.object({ after: after.optional() })

export const changesParameters = z.object({
  after: z.coerce.number().int().min(0).default(0).describe('Change number of the answer before'),
  limit: limit(1000, 100),
  wait: z.coerce.number().min(0).max(30).default(0).describe('Seconds to wait for a change'),
})

export const hoursParameters = z.object({
  after: after.optional(),
  since: time.default('24h'),
  until: time.optional(),
})

/** Checks query parameters. Throws `AGL_BAD_REQUEST` that names the parameter and what is wrong with it. */
export function parseParameters<Schema extends z.ZodType>(schema: Schema, query: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(query)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const name = issue?.path.join('.') || 'query'
  throw new AglError('AGL_BAD_REQUEST', { what: `Parameter «${name}»: ${issue?.message}.` })
}

const ageUnits: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** Reads a time parameter as ns since the epoch. Throws `AGL_BAD_REQUEST`. */
export function parseTime(name: string, value: string, nowMs: number): bigint {
  const age = /^(\d{1,9})([smhdw])$/.exec(value)
  if (age)
    return (
      BigInt(Math.round(nowMs - Number(age[1]) * (ageUnits[age[2] as string] as number) * 1000)) * 1_000_000n
    )
  if (/^\d{1,19}$/.test(value)) return BigInt(value)
  const ms = Date.parse(value)
  if (Number.isNaN(ms)) {
    throw new AglError('AGL_BAD_REQUEST', { what: `Parameter «${name}»: «${value}» is not a time.` })
  }
  return BigInt(ms) * 1_000_000n
}

/**
 * The list request that query parameters describe; `after` is apart, since waiting is the server's business.
 * Throws `AGL_BAD_REQUEST`.
 */
export function listQuery(
  parameters: unknown,
  nowMs: number,
): { query: TraceQuery; after: string | undefined } {
  const { limit, cursor, after, ...conditions } = parseParameters(listParameters, parameters)
  return { query: { filter: filterOf(conditions, nowMs), limit, ...definedOnly({ cursor }) }, after }
}

/** The filter that query parameters describe, and how far to count. Throws `AGL_BAD_REQUEST`. */
export function countQuery(
  parameters: unknown,
  nowMs: number,
): { query: { filter: TraceFilter; most: number }; after: string | undefined } {
  const { most, after, ...conditions } = parseParameters(countParameters, parameters)
  return { query: { filter: filterOf(conditions, nowMs), most }, after }
}

/** The filter that query parameters describe, and how many bars may show it. Throws `AGL_BAD_REQUEST`. */
export function histogramQuery(
  parameters: unknown,
  nowMs: number,
): { query: { filter: TraceFilter; bars: number; nowMs: number }; after: string | undefined } {
  const { bars, after, ...conditions } = parseParameters(histogramParameters, parameters)
  return { query: { filter: filterOf(conditions, nowMs), bars, nowMs }, after }
}

/** The field whose values query parameters ask for. Throws `AGL_BAD_REQUEST`. */
export function facetQuery(
  parameters: unknown,
  nowMs: number,
): {
  query: { field: FacetField; filter: TraceFilter; part: string; limit: number }
  after: string | undefined
} {
  const { field, part, limit, after, ...conditions } = parseParameters(facetParameters, parameters)
  return { query: { field, filter: filterOf(conditions, nowMs), part, limit }, after }
}

function filterOf(
  { since, until, id, ...same }: Omit<z.infer<typeof filterParameters>, 'after'>,
  nowMs: number,
): TraceFilter {
  return definedOnly({
    ...same,
    idPrefix: id,
    sinceNs: since === undefined ? undefined : parseTime('since', since, nowMs),
    untilNs: until === undefined ? undefined : parseTime('until', until, nowMs),
  })
}

/** The hours that query parameters ask for: up to now where no end is given. Throws `AGL_BAD_REQUEST`. */
export function hoursQuery(
  parameters: unknown,
  nowMs: number,
): { range: HourRange; after: string | undefined } {
  const { after, since, until } = parseParameters(hoursParameters, parameters)
  const untilNs = until === undefined ? BigInt(nowMs) * 1_000_000n : parseTime('until', until, nowMs)
  return { range: { sinceNs: parseTime('since', since, nowMs), untilNs }, after }
}

/** The members that are not undefined: optional members of strict types must be absent. */
export function definedOnly<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
