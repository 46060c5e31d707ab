// What the doctor answers about this server and what arrived lately.
import type { DoctorAnswer } from '../../../agentlightning/src/doctor/answer.ts'
import { get } from '../api.ts'

export type { ServerFacts } from '../../../agentlightning/src/doctor/facts.ts'
export type { Finding, Level, Place } from '../../../agentlightning/src/doctor/finding.ts'
export type { DoctorAnswer }

/** Examines what began since an age such as `1h`; the upstreams of the gateway are asked as well. */
export const examine = (since: string, signal: AbortSignal): Promise<DoctorAnswer> =>
  get('doctor', { since, probe: '1' }, signal)
