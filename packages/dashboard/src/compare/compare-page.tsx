import { Fragment, type ReactNode, useEffect, useMemo, useState } from 'react'
import type { TraceSummary, TreeSpan } from '../api.ts'
import { useKeys } from '../keys.ts'
import { go, usePlace } from '../navigation.ts'
import { treeRows } from '../trace/tree.ts'
import { type LoadedTrace, useTrace } from '../trace/use-trace.ts'
import { StatusMark } from '../traces/trace-row.tsx'
import { Icon } from '../ui/icons.tsx'
import { KindIcon } from '../ui/kinds.tsx'
import { Link } from '../ui/link.tsx'
import { Failure, Problem, Waiting } from '../ui/problem.tsx'
import { formatCost, formatDuration, formatTokens, isOpen, spanDuration } from '../values.ts'
import { align, foldSame, isSame, MOST_ROWS, type Pair } from './align.ts'
import { Differences } from './differences.tsx'
import '../styles/compare.css'

/** Two traces: what one did, what differs, what the other did. */
export function ComparePage(): ReactNode {
  const { parameters } = usePlace()
  const [a, b] = [parameters.get('a') ?? '', parameters.get('b') ?? '']
  useEffect(() => {
    document.title = 'Compare · agl'
  }, [])
  useKeys({
    back: () => {
      if (document.querySelector('dialog[open]')) return false
      go('/traces')
      return true
    },
  })
  if (a === '' || b === '')
    return (
      <Problem message="Two traces are compared." action="Select two in the list with x, then press c." />
    )
  return <Both key={`${a} ${b}`} a={a} b={b} />
}

function Both({ a, b }: { a: string; b: string }): ReactNode {
  const [left, right] = [useTrace(a), useTrace(b)]
  const failed = [left, right].find(({ error }) => error !== undefined)
  if (failed) return <Failure error={failed.error} retry={failed.retry} />
  if (!left.trace || !right.trace || !left.complete || !right.complete)
    return <Waiting what="both traces" cancel={() => go('/traces')} />
  return (
    <div className="compare">
      <h1 className="sr">Compare</h1>
      <header className="compare-head">
        <Title trace={left.trace} />
        <span />
        <Title trace={right.trace} />
      </header>
      <Differences a={left.trace} b={right.trace} />
      <Lines left={left} right={right} a={left.trace} b={right.trace} />
    </div>
  )
}

function Title({ trace }: { trace: TraceSummary }): ReactNode {
  return (
    <h2>
      <StatusMark status={trace.status} />
      <Link to={`/traces/${trace.traceId}`}>{trace.name || '(no name)'}</Link>
      <span className="mono dim">{trace.traceId.slice(0, 8)}</span>
    </h2>
  )
}

function Lines({
  left,
  right,
  a,
  b,
}: {
  left: LoadedTrace
  right: LoadedTrace
  a: TraceSummary
  b: TraceSummary
}): ReactNode {
  const lines = useMemo(
    () => foldSame(align(treeRows(left.spans), treeRows(right.spans))),
    [left.spans, right.spans],
  )
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set())
  const line = ({ a: one, b: other }: Pair) => (
    <li className="compare-line">
      <Side span={one?.span} depth={one?.depth ?? 0} trace={a} />
      <Middle pair={{ a: one, b: other }} />
      <Side span={other?.span} depth={other?.depth ?? 0} trace={b} />
    </li>
  )
  const cut = Math.max(left.spans.length, right.spans.length) > MOST_ROWS
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <section className="compare-rows" aria-label="Spans of both" tabIndex={0}>
      <ul>
        {lines.map((entry, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no ids and never move
          <Fragment key={at}>
            {entry.kind === 'pair' ? (
              line(entry.pair)
            ) : opened.has(at) ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no ids and never move
              entry.pairs.map((pair, index) => <Fragment key={index}>{line(pair)}</Fragment>)
            ) : (
              <li className="compare-same">
                <button
                  type="button"
                  className="plain small dim"
                  onClick={() => setOpened(new Set([...opened, at]))}
                >
                  <Icon name="unfold" /> {entry.pairs.length} spans without a difference
                </button>
              </li>
            )}
          </Fragment>
        ))}
      </ul>
      {cut ? (
        <p className="warning-text">Only the first {MOST_ROWS.toLocaleString('en')} spans are compared.</p>
      ) : null}
    </section>
  )
}

function Side({
  span,
  depth,
  trace,
}: {
  span: TreeSpan | undefined
  depth: number
  trace: TraceSummary
}): ReactNode {
  if (!span) return <span className="compare-side none" />
  return (
    <span
      className={`compare-side${span.statusCode === 2 ? ' failed' : ''}`}
      style={{ paddingLeft: Math.min(depth, 12) * 12 }}
    >
      {span.statusCode === 2 ? (
        <Icon name="error" className="error-text" />
      ) : (
        <KindIcon type={span.fields.type} />
      )}
      <Link className="span-title" to={`/traces/${trace.traceId}?span=${span.spanId}`}>
        {span.name || '(no name)'}
      </Link>
      <span className="number dim">
        {span.fields.usage === undefined
          ? ''
          : `${formatTokens(span.fields.usage.input)}→${formatTokens(span.fields.usage.output)} · `}
        {spanDuration(span)}
      </span>
    </span>
  )
}

/** What differs between the spans of a line, in a few words. */
function Middle({ pair }: { pair: Pair }): ReactNode {
  const [one, other] = [pair.a?.span, pair.b?.span]
  if (!one || !other) return <span className="compare-middle">{one ? 'only left' : 'only right'}</span>
  const words: string[] = []
  if (one.statusCode !== other.statusCode && (one.statusCode === 2 || other.statusCode === 2))
    words.push(one.statusCode === 2 ? 'failed left' : 'failed right')
  if (one.fields.responseModel !== other.fields.responseModel) words.push('model')
  const tokens = (other.fields.usage?.output ?? 0) - (one.fields.usage?.output ?? 0)
  if (tokens !== 0) words.push(`${signed(tokens, formatTokens)} tok`)
  const cost = (other.fields.cost ?? 0) - (one.fields.cost ?? 0)
  if (cost !== 0) words.push(signed(cost, formatCost))
  if (words.length === 0 && !isOpen(one) && !isOpen(other)) {
    const took = timeOf(other) - timeOf(one)
    words.push(signed(Number(took), (ns) => formatDuration(BigInt(Math.round(ns)))))
  }
  return <span className={`compare-middle number${isSame(pair) ? ' dim' : ''}`}>{words.join(' · ')}</span>
}

function timeOf({ startNs, endNs }: TreeSpan): bigint {
  return BigInt(endNs) - BigInt(startNs)
}

function signed(value: number, format: (value: number) => string): string {
  return `${value < 0 ? '−' : '+'}${format(Math.abs(value))}`
}
