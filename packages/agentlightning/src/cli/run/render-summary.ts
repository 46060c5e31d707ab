// The summary of a run as a line, and as JSON. Pure.

import { runTag } from '../../trace/run-tag.ts'
import { formatTokens } from '../views/format.ts'
import type { ChildEnd } from './child.ts'
import type { RunIdentity } from './server.ts'
import type { Recorded } from './summary.ts'

/** Links that fit into a line. */
const MOST_LINKS = 3

/** What is told at the end of a run. */
export interface RunSummary {
  readonly identity: RunIdentity
  readonly url: string
  readonly end: ChildEnd
  readonly seconds: number
  readonly recorded: Recorded | undefined
}

/** One line, e.g. `3 calls · 120 → 45 tokens · token ids 3/3 · $0.0012 · 1 error · http://…`. */
export function summaryLine({ recorded, url, identity }: RunSummary): string {
  if (!recorded) return `the server at ${url} does not answer: see \`agl agentops status\``
  const { calls, generations, callsWithIds, cost, errors, traces } = recorded
  if (calls === 0 && traces.length === 0) {
    const what = `nothing was recorded${recorded.complete ? '' : ' so far'}`
    if (recorded.unnamedTraces > 0) {
      const meanwhile = counted(recorded.unnamedTraces, 'trace')
      return `${what} of this run: no model call came through the gateway, and no trace names it; ${meanwhile} came meanwhile that ${recorded.unnamedTraces === 1 ? 'names' : 'name'} no run: ${url}/traces`
    }
    return `${what}: no model call came through the gateway, and no trace arrived (\`agl doctor\` looks for the reason)`
  }
  const parts = [
    counted(calls, 'call'),
    `${formatTokens(recorded.inputTokens)} → ${formatTokens(recorded.outputTokens)} tokens`,
    ...(generations > 0 ? [`token ids ${callsWithIds}/${generations}`] : []),
    ...(cost === undefined ? [] : [formatCost(cost)]),
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    links(url, traces, identity.run),
  ]
  return `${recorded.complete ? '' : 'so far '}${parts.join(' · ')}`
}

/** The same and more for programs. */
export function summaryJson({ identity, url, end, seconds, recorded }: RunSummary): object {
  const { traces = [], ...figures } = recorded ?? {}
  return {
    ...identity,
    attempt: identity.attempt ?? null,
    exitStatus: end.status,
    signal: end.signal,
    seconds,
    server: url,
    recorded: recorded ? { ...figures, cost: recorded.cost ?? null } : null,
    traces: traces.map((traceId) => ({ traceId, url: linkOf(url, traceId) })),
  }
}

function links(url: string, traces: readonly string[], run: string): string {
  if (traces.length <= MOST_LINKS) return traces.map((id) => linkOf(url, id)).join(' ')
  const query = encodeURIComponent(`tag:${runTag(run)}`)
  return `${linkOf(url, traces[0] as string)} and ${traces.length - 1} more: ${url}/traces?q=${query}`
}

function linkOf(url: string, traceId: string): string {
  return `${url}/traces/${traceId}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function formatCost(usd: number): string {
  return `$${usd >= 1 ? usd.toFixed(2) : usd.toPrecision(2)}`
}
