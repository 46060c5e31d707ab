import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import type { TreeSpan } from '../api.ts'
import { useKeys } from '../keys.ts'
import { Icon } from '../ui/icons.tsx'
import { formatCount, formatDuration } from '../values.ts'
import { TimelineRow } from './timeline-row.tsx'
import { ancestorsOf, axisTicks, extentOf, type TreeRow, visibleRows } from './tree.ts'

const ROW = 26

/** Tree and bars as one list. */
export function Timeline({
  rows,
  spans,
  complete,
  total,
  selected,
  select,
  narrow,
}: {
  rows: readonly TreeRow[]
  spans: readonly TreeSpan[]
  complete: boolean
  total: number
  selected: string | undefined
  select: (spanId: string, how?: 'push' | 'replace') => void
  narrow: boolean
}): ReactNode {
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set())
  const [find, setFind] = useState('')
  const findInput = useRef<HTMLInputElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const extent = useMemo(() => extentOf(spans), [spans])
  const visible = useMemo(() => visibleRows(rows, collapsed), [rows, collapsed])
  const at = visible.findIndex(({ span }) => span.spanId === selected)
  const wanted = find.trim().toLowerCase()
  const found = useMemo(
    () => (wanted === '' ? [] : rows.filter(({ span }) => span.name.toLowerCase().includes(wanted))),
    [rows, wanted],
  )
  const list = useVirtualizer({
    count: visible.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 20,
  })
  // A span that a link names must be seen; one that was clicked is seen already.
  useEffect(() => {
    if (at >= 0) list.scrollToIndex(at, { align: 'auto' })
  }, [at, list])

  /** Selects a row wherever it is, opening what is above it. */
  const show = (row: TreeRow | undefined) => {
    if (!row) return
    const above = new Set(ancestorsOf(rows, row.span.spanId))
    if ([...collapsed].some((id) => above.has(id)))
      setCollapsed(new Set([...collapsed].filter((id) => !above.has(id))))
    select(row.span.spanId)
  }
  const fold = (spanId: string, shut: boolean) => {
    const next = new Set(collapsed)
    if (shut) next.add(spanId)
    else next.delete(spanId)
    setCollapsed(next)
  }
  const step = (by: number) => show(visible[Math.max(0, Math.min(visible.length - 1, at < 0 ? 0 : at + by))])
  const stepAmong = (among: readonly TreeRow[], by: number) => {
    if (among.length === 0) return
    const all = rows.findIndex(({ span }) => span.spanId === selected)
    const order = new Map(rows.map((row, index) => [row, index]))
    const position = (row: TreeRow) => order.get(row) ?? 0
    const next =
      by > 0
        ? (among.find((row) => position(row) > all) ?? among[0])
        : (among.findLast((row) => position(row) < all) ?? among.at(-1))
    show(next)
  }
  const current = at < 0 ? undefined : visible[at]
  const errors = () => rows.filter(({ span }) => span.statusCode === 2)
  useKeys({
    down: () => step(1),
    up: () => step(-1),
    collapse: () => {
      if (!current) return
      if (current.children > 0 && !collapsed.has(current.span.spanId)) fold(current.span.spanId, true)
      else show(rows.find(({ span }) => span.spanId === current.parent))
    },
    expand: () => {
      if (!current || current.children === 0) return
      if (collapsed.has(current.span.spanId)) fold(current.span.spanId, false)
      else step(1)
    },
    nextError: () => stepAmong(errors(), 1),
    previousError: () => stepAmong(errors(), -1),
    filter: () => findInput.current?.focus(),
  })

  const ticks = axisTicks(extent.length, narrow ? 3 : 5).filter((tick) => tick < 0.9 * extent.length)
  return (
    <section className="timeline" aria-label="Timeline">
      <div className="timeline-head">
        <label className="find">
          <Icon name="search" className="dim" />
          <span className="sr">Find a span by name</span>
          <input
            ref={findInput}
            value={find}
            placeholder="Find"
            spellCheck={false}
            onChange={(event) => setFind(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') stepAmong(found, event.shiftKey ? -1 : 1)
              else if (event.key === 'Escape') {
                setFind('')
                findInput.current?.blur()
              } else return
              event.preventDefault()
              event.stopPropagation()
            }}
          />
          <span className="dim number" role="status">
            {wanted === '' ? '' : `${found.length} found`}
          </span>
        </label>
        <div className="axis number dim" aria-hidden="true">
          {ticks.map((tick) => (
            <span key={tick} style={{ left: `${(100 * tick) / extent.length}%` }}>
              {tick === 0 ? '0' : formatDuration(BigInt(Math.round(tick)))}
            </span>
          ))}
        </div>
      </div>
      <div
        className="tree"
        ref={scroller}
        role="tree"
        aria-label="Spans"
        tabIndex={0}
        {...(current ? { 'aria-activedescendant': `span-${current.span.spanId}` } : {})}
      >
        <div className="tree-inner" role="presentation" style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map(({ index, start }) => {
            const row = visible[index]
            return row ? (
              <TimelineRow
                key={row.span.spanId}
                row={row}
                extent={extent}
                top={start}
                open={!collapsed.has(row.span.spanId)}
                selected={row.span.spanId === selected}
                found={wanted !== '' && row.span.name.toLowerCase().includes(wanted)}
                select={() => select(row.span.spanId, narrow ? 'push' : 'replace')}
                toggle={() => fold(row.span.spanId, !collapsed.has(row.span.spanId))}
              />
            ) : null
          })}
        </div>
      </div>
      {complete ? null : (
        <p className="timeline-note dim" role="status">
          {formatCount(spans.length, 'span')} of {total.toLocaleString('en')} read …
        </p>
      )}
    </section>
  )
}
