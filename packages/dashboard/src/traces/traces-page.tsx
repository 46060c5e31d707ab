import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useKeys } from '../keys.ts'
import { go, usePlace, withParameters } from '../navigation.ts'
import { GetStarted } from '../start/get-started.tsx'
import { Failure, Waiting } from '../ui/problem.tsx'
import { formatCount, NARROW, useMedia, useTick } from '../values.ts'
import { type Condition, type Filter, formatFilter, parseFilter, withCondition } from './filter.ts'
import { FilterBar } from './filter-bar.tsx'
import { TraceRow } from './trace-row.tsx'
import { type TraceList, useTraces } from './use-traces.ts'

const ages = [
  ['', 'any time'],
  ['15m', 'last 15 min'],
  ['1h', 'last hour'],
  ['24h', 'last 24 h'],
  ['7d', 'last 7 days'],
  ['30d', 'last 30 days'],
] as const

/** The list of traces, or how to begin when there are none. */
export function TracesPage(): ReactNode {
  const { parameters } = usePlace()
  const q = parameters.get('q') ?? ''
  const since = parameters.get('since') ?? undefined
  const filter = useMemo(() => parseFilter(q), [q])
  const [atTop, setAtTop] = useState(true)
  const list = useTraces(filter, since, atTop)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    document.title = q === '' ? 'Traces · agl' : `${q} · agl`
  }, [q])
  const change = useCallback(
    (next: Filter, how: 'push' | 'replace') => go(withParameters({ q: formatFilter(next) }), how),
    [],
  )
  const empty = q === '' && since === undefined && list.state === 'ready' && list.traces.length === 0
  // The page that waits stays when the first trace arrives, with a link to it, until one goes on.
  const [waits, setWaits] = useState(false)
  useEffect(() => {
    if (empty) setWaits(true)
    else if (q !== '' || since !== undefined) setWaits(false)
  }, [empty, q, since])
  useKeys({ filter: () => input.current?.focus() })

  if (empty || waits) return <GetStarted first={list.traces.at(-1)} showAll={() => setWaits(false)} />
  return (
    <div className="traces">
      <h1 className="sr">Traces</h1>
      <div className="tools">
        <FilterBar filter={filter} change={change} traces={list.traces} input={input} />
        <select
          aria-label="Time range"
          value={since ?? ''}
          onChange={(event) => go(withParameters({ since: event.target.value }))}
        >
          {ages.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
          {since === undefined || ages.some(([value]) => value === since) ? null : (
            <option value={since}>since {since}</option>
          )}
        </select>
        <span className="dim number tools-count" role="status">
          {list.state === 'ready'
            ? `${formatCount(list.traces.length, 'trace')}${list.more ? ' and more' : ''}`
            : ''}
        </span>
      </div>
      {list.state === 'failed' ? (
        <Failure error={list.error} retry={list.retry} />
      ) : list.state === 'loading' ? (
        <Waiting what="the list of traces" cancel={() => go('/traces')} />
      ) : list.traces.length === 0 ? (
        <Nothing filter={filter} since={since} change={change} />
      ) : (
        <Rows
          list={list}
          filterBy={(condition) => change(withCondition(filter, condition), 'push')}
          setAtTop={setAtTop}
        />
      )}
    </div>
  )
}

function Nothing({
  filter,
  since,
  change,
}: {
  filter: Filter
  since: string | undefined
  change: (filter: Filter, how: 'push' | 'replace') => void
}): ReactNode {
  return (
    <div className="problem">
      <p>No trace fits. Drop a condition:</p>
      <p className="choices">
        {filter.conditions.map(({ field, value }) => (
          <button
            key={field}
            type="button"
            onClick={() =>
              change(
                { ...filter, conditions: filter.conditions.filter((own) => own.field !== field) },
                'push',
              )
            }
          >
            {field}: {value}
          </button>
        ))}
        {filter.text === '' ? null : (
          <button type="button" onClick={() => change({ ...filter, text: '' }, 'push')}>
            “{filter.text}” in the name
          </button>
        )}
        {since === undefined ? null : (
          <button type="button" onClick={() => go(withParameters({ since: undefined }))}>
            since {since}
          </button>
        )}
      </p>
    </div>
  )
}

const ROW = 32
const ROW_WITH_ERROR = 52
const NARROW_ROW = 52
const NARROW_ROW_WITH_ERROR = 72

function Rows({
  list,
  filterBy,
  setAtTop,
}: {
  list: TraceList
  filterBy: (condition: Condition) => void
  setAtTop: (atTop: boolean) => void
}): ReactNode {
  useTick(1000)
  const { traces, held, release, more, loadMore } = list
  const narrow = useMedia(NARROW)
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: traces.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) =>
      traces[index]?.error === undefined
        ? narrow
          ? NARROW_ROW
          : ROW
        : narrow
          ? NARROW_ROW_WITH_ERROR
          : ROW_WITH_ERROR,
    getItemKey: (index) => traces[index]?.traceId ?? index,
    overscan: 20,
  })
  // Which rows have a second line decides where the others are.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the sizes depend on both
  useEffect(() => rows.measure(), [traces, narrow])
  const items = rows.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (more && last >= traces.length - 30) loadMore()
  }, [more, last, traces.length, loadMore])

  const focusRow = (index: number) => {
    const at = Math.max(0, Math.min(traces.length - 1, index))
    rows.scrollToIndex(at)
    // The row may have to be drawn first.
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        scroller.current?.querySelector<HTMLElement>(`[data-row="${at}"]`)?.focus(),
      ),
    )
  }
  const focused = () => Number((document.activeElement as HTMLElement | null)?.dataset.row ?? -1)
  useKeys({
    down: () => focusRow(focused() + 1),
    up: () => focusRow(focused() < 0 ? 0 : focused() - 1),
  })

  return (
    <>
      <div className="trace-head" aria-hidden="true">
        <span />
        <span>Name</span>
        <span className="trace-service">Service</span>
        <span className="trace-tags">Tags</span>
        <span className="number">Started</span>
        <span className="number">Duration</span>
        <span className="number">Tokens</span>
        <span className="number">Cost</span>
        <span>Model</span>
        <span className="number">Ids</span>
      </div>
      {held.length > 0 ? (
        <button
          type="button"
          className="held"
          onClick={() => {
            release()
            rows.scrollToOffset(0)
          }}
        >
          {formatCount(held.length, 'new trace')}
        </button>
      ) : null}
      <section
        className="rows"
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
        tabIndex={0}
        aria-label="List of traces"
        onScroll={(event) => setAtTop(event.currentTarget.scrollTop < ROW)}
      >
        <ul style={{ height: rows.getTotalSize() }}>
          {items.map(({ index, start, size }) => {
            const trace = traces[index]
            return trace ? (
              <TraceRow
                key={trace.traceId}
                trace={trace}
                index={index}
                filterBy={filterBy}
                style={{ transform: `translateY(${start}px)`, height: size }}
              />
            ) : null
          })}
        </ul>
      </section>
    </>
  )
}
