import type { ReactNode } from 'react'
import type { TraceSummary } from '../api.ts'
import { durationOf, formatCost, formatDuration, formatTokens } from '../values.ts'

const figures: readonly {
  readonly title: string
  readonly of: (trace: TraceSummary) => number | undefined
  readonly format: (value: number) => string
}[] = [
  {
    title: 'Duration',
    of: (trace) => Number(durationOf(trace, false)),
    format: (ns) => formatDuration(BigInt(Math.round(ns))),
  },
  { title: 'Tokens', of: ({ totalTokens }) => totalTokens, format: formatTokens },
  { title: 'Cost', of: ({ cost }) => cost, format: formatCost },
  { title: 'Calls', of: ({ calls }) => calls, format: String },
  { title: 'Tools', of: ({ tools }) => tools, format: String },
  { title: 'Errors', of: ({ errors }) => errors, format: String },
  { title: 'Spans', of: ({ spans }) => spans, format: String },
]

/** The sums of two traces, with what the second has more or less. */
export function Differences({ a, b }: { a: TraceSummary; b: TraceSummary }): ReactNode {
  return (
    <dl className="differences number">
      {figures.map(({ title, of, format }) => {
        const [one, other] = [of(a), of(b)]
        const more = one === undefined || other === undefined ? undefined : other - one
        return (
          <div key={title}>
            <dt>{title}</dt>
            <dd>
              {one === undefined ? '–' : format(one)} → {other === undefined ? '–' : format(other)}{' '}
              {more === undefined || more === 0 ? null : (
                <strong>{`${more < 0 ? '−' : '+'}${format(Math.abs(more))}`}</strong>
              )}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}
