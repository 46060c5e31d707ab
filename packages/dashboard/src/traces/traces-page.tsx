import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useKeys } from '../keys.ts'
import { go, usePlace, withParameters } from '../navigation.ts'
import { GetStarted } from '../start/get-started.tsx'
import { Failure, Waiting } from '../ui/problem.tsx'
import { formatCount, NARROW, useMedia } from '../values.ts'
import { DeletionNotes } from './deletion-notes.tsx'
import { type Filter, formatFilter, parseFilter, type TimeRange, withCondition } from './filter.ts'
import { FilterBar } from './filter-bar.tsx'
import { Nothing } from './nothing.tsx'
import { Peek } from './peek.tsx'
import { TimeRangePicker } from './time-range.tsx'
import { TraceRows } from './trace-rows.tsx'
import { useCount } from './use-count.ts'
import { useTraces } from './use-traces.ts'

// The list does not wait for what stands above it.
const HistogramStrip = lazy(() =>
  import('./histogram.tsx').then((part) => ({ default: part.HistogramStrip })),
)

/** The list of traces, or how to begin when there are none. */
export function TracesPage(): ReactNode {
  const { parameters } = usePlace()
  const q = parameters.get('q') ?? ''
  const since = parameters.get('since') ?? undefined
  const until = parameters.get('until') ?? undefined
  const peeked = parameters.get('peek') ?? undefined
  const filter = useMemo(() => parseFilter(q), [q])
  const range: TimeRange = useMemo(() => ({ since, until }), [since, until])
  const [atTop, setAtTop] = useState(true)
  const list = useTraces(filter, range, atTop)
  const count = useCount(filter, range)
  const narrow = useMedia(NARROW)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    document.title = q === '' ? 'Traces · agl' : `${q} · agl`
  }, [q])
  const change = useCallback(
    (next: Filter, how: 'push' | 'replace') => go(withParameters({ q: formatFilter(next) }), how),
    [],
  )
  const all = q === '' && since === undefined && until === undefined
  const empty = all && list.state === 'ready' && list.traces.length === 0 && !list.hidden
  // The page that waits stays when the first trace arrives, with a link to it, until one goes on.
  const [waits, setWaits] = useState(false)
  useEffect(() => {
    if (empty) setWaits(true)
    else if (!all) setWaits(false)
  }, [empty, all])
  const peek = useCallback(
    (traceId: string | undefined) => go(withParameters({ peek: traceId }), 'replace'),
    [],
  )
  useKeys({
    filter: () => input.current?.focus(),
    back: () => {
      if (peeked === undefined || document.querySelector('dialog[open]')) return false
      peek(undefined)
      return true
    },
  })

  if (empty || waits) return <GetStarted first={list.traces.at(-1)} showAll={() => setWaits(false)} />
  return (
    <div className="traces">
      <h1 className="sr">Traces</h1>
      <div className="tools">
        <FilterBar filter={filter} range={range} change={change} input={input} />
        <TimeRangePicker range={range} />
        <span className="dim number tools-count" role="status">
          {list.state === 'ready'
            ? (count ?? `${formatCount(list.traces.length, 'trace')}${list.more ? ' and more' : ''}`)
            : ''}
        </span>
      </div>
      {list.state === 'ready' && list.traces.length === 0 ? null : (
        <div className="histogram-room">
          <Suspense>
            <HistogramStrip filter={filter} range={range} />
          </Suspense>
        </div>
      )}
      {list.state === 'failed' ? (
        <Failure error={list.error} retry={list.retry} />
      ) : list.state === 'loading' ? (
        <Waiting what="the list of traces" cancel={() => go('/traces')} />
      ) : list.traces.length === 0 ? (
        <Nothing filter={filter} range={range} change={change} />
      ) : (
        <div className={peeked === undefined ? 'traces-body' : 'traces-body with-peek'}>
          <TraceRows
            list={list}
            filterBy={(condition) => change(withCondition(filter, condition), 'push')}
            setAtTop={setAtTop}
            peeked={peeked}
            peek={peek}
          />
          {peeked === undefined || narrow ? null : (
            <Peek key={peeked} id={peeked} close={() => peek(undefined)} />
          )}
        </div>
      )}
      <DeletionNotes />
    </div>
  )
}
