// Query parameters of the doctor.
import { z } from 'zod'
import { AglError } from '../../errors.ts'
import { after, definedOnly, parseParameters, parseTime, text, time } from '../schemas.ts'
import type { ScopeQuery } from './examine-scope.ts'

const USUAL_AGE = '1h'

export const doctorParameters = z.object({
  after: after.optional(),
  trace: z
    .string()
    .regex(/^[0-9a-f]{1,32}$/, 'is up to 32 hex digits')
    .describe('Trace, or the beginning of its id')
    .optional(),
  rollout: text.optional(),
  run: text.optional(),
  since: time.describe(`What began since then; ${USUAL_AGE} when nothing else is named`).optional(),
  probe: z.enum(['0', '1']).default('0').describe('1: ask the upstreams of the gateway whether they answer'),
})

/** What the parameters ask for. Throws `AGL_BAD_REQUEST`. */
export function doctorQuery(
  parameters: unknown,
  nowMs: number,
): { query: ScopeQuery; after: string | undefined; probe: boolean } {
  const asked = parseParameters(doctorParameters, parameters)
  const { trace, rollout, run } = asked
  const named = [trace, rollout, run].filter((one) => one !== undefined)
  if (named.length > 1)
    throw new AglError('AGL_BAD_REQUEST', { what: 'Name a trace, a rollout or a run, not several of them.' })
  const since = asked.since ?? (named.length === 0 ? USUAL_AGE : undefined)
  const about = rollout === undefined ? (run === undefined ? '' : `of run ${run}`) : `of rollout ${rollout}`
  const age = since === undefined ? '' : ageWords(since)
  return {
    query: {
      ...definedOnly({ trace, rollout, run }),
      ...(since === undefined ? {} : { sinceNs: parseTime('since', since, nowMs) }),
      words: [about, age].filter(Boolean).join(' '),
    },
    after: asked.after,
    probe: asked.probe === '1',
  }
}

function ageWords(since: string): string {
  if (since === USUAL_AGE) return 'in the last hour'
  return /^\d+[smhdw]$/.test(since) ? `in the last ${since}` : `since ${since}`
}
