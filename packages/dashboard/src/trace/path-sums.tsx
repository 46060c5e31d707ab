import type { ReactNode } from 'react'
import type { Kind } from '../ui/kinds.tsx'
import { formatDuration, formatShare } from '../values.ts'

const words: Readonly<Record<Kind, string>> = {
  llm: 'model calls',
  agent: 'agents themselves',
  tool: 'tools',
  retrieval: 'retrieval',
  other: 'other spans',
}

/** What the trace waited for, by kind: the sums of its critical path. */
export function PathSums({
  waits,
}: {
  waits: readonly { readonly kind: Kind; readonly ns: number }[]
}): ReactNode {
  const whole = waits.reduce((sum, { ns }) => sum + ns, 0)
  return (
    <div className="path-sums number" title="What the trace waited for: p and P go along it">
      <span className="path-key" />
      <h2>Critical path</h2>
      <ul className="facts">
        {waits.map(({ kind, ns }) => (
          <li key={kind}>
            <span className={`kind-${kind}`}>{words[kind]}</span> {formatDuration(BigInt(Math.round(ns)))}{' '}
            <span className="dim">{formatShare(ns, whole)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
