// What the doctor answers, to the command and to the page.
import type { CallCounts, ServerFacts } from './facts.ts'
import type { Finding } from './finding.ts'

/** What was found about calls and traces. */
export interface ScopeAnswer {
  /** What was examined, as the end of a sentence. */
  readonly scope: string
  readonly calls: CallCounts
  /** There are more calls than were counted: the counts are those of the newest. */
  readonly hasMoreCalls: boolean
  readonly findings: readonly Finding[]
}

/** The answer of `GET /api/v1/doctor`. */
export interface DoctorAnswer extends ScopeAnswer {
  /** About the server first, then about the calls. */
  readonly findings: readonly Finding[]
  /** The figures behind them. */
  readonly server: ServerFacts
}
