import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { useKeys } from '../keys.ts'
import { go } from '../navigation.ts'
import { durationOf, formatCount, NARROW, useMedia, useTick } from '../values.ts'
import { DeleteQuestion } from './delete-question.tsx'
import type { Condition } from './filter.ts'
import { TraceRow } from './trace-row.tsx'
import type { TraceList } from './use-traces.ts'

const ROW = 32
const ROW_WITH_ERROR = 52
const NARROW_ROW = 52
const NARROW_ROW_WITH_ERROR = 72

/** The rows of the list: only those that are seen are drawn. */
export function TraceRows({
  list,
  filterBy,
  setAtTop,
  peeked,
  peek,
}: {
  list: TraceList
  filterBy: (condition: Condition) => void
  setAtTop: (atTop: boolean) => void
  peeked: string | undefined
  peek: (traceId: string | undefined) => void
}): ReactNode {
  useTick(1000)
  const { traces, held, release, more, loadMore } = list
  const narrow = useMedia(NARROW)
  const scroller = useRef<HTMLDivElement>(null)
  /** The row that is about to be focused. */
  const coming = useRef<number>(undefined)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [asked, setAsked] = useState<readonly string[]>([])
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
  const longest = useMemo(
    () => traces.reduce((most, trace) => Math.max(most, Number(durationOf(trace, false))), 1),
    [traces],
  )
  // What is gone from the list is selected no more.
  const selected = useMemo(
    () => traces.filter(({ traceId }) => chosen.has(traceId)).map(({ traceId }) => traceId),
    [traces, chosen],
  )

  const focusRow = (index: number) => {
    const at = Math.max(0, Math.min(traces.length - 1, index))
    const focus = () => scroller.current?.querySelector<HTMLElement>(`[data-row="${at}"]`)?.focus()
    rows.scrollToIndex(at)
    focus()
    coming.current = at
    // A row far away has to be drawn first; keys that are pressed meanwhile mean it already.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (coming.current !== at) return
        coming.current = undefined
        focus()
      }),
    )
    const trace = traces[at]
    if (peeked !== undefined && trace) peek(trace.traceId)
  }
  const focused = () => {
    if (coming.current !== undefined) return coming.current
    const row = document.activeElement?.closest<HTMLElement>('.trace-row')
    return row ? Number(row.dataset.index) : -1
  }
  const toggle = (traceId: string) => {
    const next = new Set(selected)
    if (!next.delete(traceId)) next.add(traceId)
    setChosen(next)
  }
  const compare = () => {
    const [a, b] = selected
    if (selected.length !== 2) return false
    go(`/compare?a=${a}&b=${b}`)
    return true
  }
  const ask = (ids: readonly string[]) => {
    if (ids.length === 0) return false
    setAsked(ids)
    return true
  }
  const atFocus = () => traces[focused()]
  useKeys({
    down: () => focusRow(focused() + 1),
    up: () => focusRow(focused() < 0 ? 0 : focused() - 1),
    select: () => {
      const trace = atFocus()
      if (!trace) return false
      toggle(trace.traceId)
      return true
    },
    peek: () => {
      const trace = atFocus()
      // A button or a box is pressed by this key.
      if (!trace || document.activeElement?.matches('button, input')) return false
      peek(peeked === trace.traceId ? undefined : trace.traceId)
      return true
    },
    compare,
    remove: () =>
      ask(selected.length > 0 ? selected : atFocus() ? [(atFocus() as { traceId: string }).traceId] : []),
  })

  return (
    <div className="list">
      {selected.length === 0 ? (
        <div className="trace-head" aria-hidden="true">
          <span />
          <span />
          <span>Name</span>
          <span className="trace-service">Service</span>
          <span className="trace-tags">Tags</span>
          <span className="number">Started</span>
          <span className="number">Duration</span>
          <span className="trace-mini" />
          <span className="number">Tokens</span>
          <span className="number">Cost</span>
          <span>Model</span>
          <span className="number">Ids</span>
        </div>
      ) : (
        <div className="selection" role="toolbar" aria-label="Selection">
          <span className="number">{formatCount(selected.length, 'trace')} selected</span>
          <button type="button" className="small" disabled={selected.length !== 2} onClick={compare}>
            Compare
          </button>
          <button type="button" className="small" onClick={() => ask(selected)}>
            Delete
          </button>
          <button type="button" className="small" onClick={() => setChosen(new Set())}>
            Select none
          </button>
        </div>
      )}
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
                longest={longest}
                filterBy={filterBy}
                selected={chosen.has(trace.traceId)}
                toggle={() => toggle(trace.traceId)}
                peeked={peeked === trace.traceId}
                style={{ transform: `translateY(${start}px)`, height: size }}
              />
            ) : null
          })}
        </ul>
      </section>
      {asked.length > 0 ? (
        <DeleteQuestion
          ids={asked}
          done={() => {
            setAsked([])
            setChosen(new Set())
          }}
          cancel={() => setAsked([])}
        />
      ) : null}
    </div>
  )
}
