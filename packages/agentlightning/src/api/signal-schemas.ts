// Query parameters of the routes of log records and metrics.
import { z } from 'zod'
import { AglError } from '../errors.ts'
import type { LogRecordQuery, PointQuery, SeriesQuery, TraceLogQuery } from '../store/signals.ts'
import { after, cursor, definedOnly, limit, parseParameters, parseTime, text, time } from './schemas.ts'

/** The least SeverityNumber of each name (logs.proto). */
const severities: Readonly<Record<string, number>> = {
  trace: 1,
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  fatal: 21,
}

const severity = z
  .string()
  .max(10)
  .describe('The least: trace, debug, info, warn, error, fatal, or a number from 1 to 24')

export const logParameters = z.object({
  limit: limit(1000, 100),
  cursor: cursor.optional(),
  after: after.optional(),
  severity: severity.optional(),
  service: text.optional(),
  text: text.describe('Part of the line, in any case').optional(),
  since: time.optional(),
  until: time.optional(),
})

export const traceLogParameters = z.object({
  limit: limit(1000, 200),
  cursor: cursor.optional(),
  after: after.optional(),
  severity: severity.optional(),
  span: z
    .string()
    .regex(/^[0-9a-f]{16}$/, 'is 16 hex digits')
    .describe('Those of one span')
    .optional(),
})

export const seriesParameters = z.object({
  limit: limit(1000, 200),
  cursor: cursor.optional(),
  after: after.optional(),
  name: text.describe('Part of the name, in any case').optional(),
  service: text.optional(),
})

export const pointParameters = z.object({
  series: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'is 32 hex digits')
    .describe('The id of a series'),
  after: after.optional(),
  since: time.optional(),
  until: time.optional(),
  limit: z.coerce
    .number()
    .int()
    .min(2)
    .max(5000)
    .default(500)
    .describe('Points to give; of more, neighbours in time are put together'),
})

/** A request, and what its reader waits for. */
interface Asked<Query> {
  readonly query: Query
  readonly after: string | undefined
}

/** The list of log records that query parameters describe. Throws `AGL_BAD_REQUEST`. */
export function logQuery(parameters: unknown, nowMs: number): Asked<LogRecordQuery> {
  const { limit, cursor, after, severity, since, until, ...same } = parseParameters(logParameters, parameters)
  const filter = definedOnly({ ...same, severity: severityOf(severity), ...timesOf(since, until, nowMs) })
  return { query: { filter, limit, ...definedOnly({ cursor }) }, after }
}

/** The log records of a trace that query parameters describe. Throws `AGL_BAD_REQUEST`. */
export function traceLogQuery(parameters: unknown): Asked<TraceLogQuery> {
  const { limit, cursor, after, severity, span } = parseParameters(traceLogParameters, parameters)
  return {
    query: { limit, ...definedOnly({ cursor, severity: severityOf(severity), spanId: span }) },
    after,
  }
}

/** The list of series that query parameters describe. Throws `AGL_BAD_REQUEST`. */
export function seriesQuery(parameters: unknown): Asked<SeriesQuery> {
  const { limit, cursor, after, ...filter } = parseParameters(seriesParameters, parameters)
  return { query: { filter: definedOnly(filter), limit, ...definedOnly({ cursor }) }, after }
}

/** The points that query parameters describe. Throws `AGL_BAD_REQUEST`. */
export function pointQuery(parameters: unknown, nowMs: number): Asked<PointQuery> {
  const { series, limit, after, since, until } = parseParameters(pointParameters, parameters)
  return { query: { series, limit, ...definedOnly(timesOf(since, until, nowMs)) }, after }
}

function timesOf(since: string | undefined, until: string | undefined, nowMs: number) {
  return {
    sinceNs: since === undefined ? undefined : parseTime('since', since, nowMs),
    untilNs: until === undefined ? undefined : parseTime('until', until, nowMs),
  }
}

function severityOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  const number = Object.hasOwn(severities, given.toLowerCase())
    ? severities[given.toLowerCase()]
    : Number(given)
  if (number !== undefined && Number.isInteger(number) && number >= 1 && number <= 24) return number
  throw new AglError('AGL_BAD_REQUEST', {
    what: `Parameter «severity»: «${given}» is not trace, debug, info, warn, error, fatal, or 1 to 24.`,
  })
}
