import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import { useKeys } from '../keys.ts'
import { formatCount } from '../values.ts'
import { criticalPath, marksWithin, timeOn, waitByKind } from './critical-path.ts'
import { allFolds, formatFolds, isFolded, noFolds, parseFolds, withFolded } from './folds.ts'
import { PathSums } from './path-sums.tsx'
import {
  extentOfView,
  formatView,
  isWhole,
  panned,
  parseView,
  type TimeView,
  viewOf,
  viewWithin,
  wholeView,
  zoomed,
} from './time-view.ts'
import { TimelineHead } from './timeline-head.tsx'
import { TimelineRow } from './timeline-row.tsx'
import { ancestorsOf, extentOf, spanHas, type TreeRow, visibleRows } from './tree.ts'
import { useTimeGestures } from './use-time-gestures.ts'
import { useUrlState } from './use-url-state.ts'
import type { ViewProps } from './views/view.ts'

const ROW = 26
const ZOOM_STEP = 2
const PAN_STEP = 0.25

const asText = (text: string) => text
const formatZoom = (view: TimeView | undefined) => (view ? formatView(view) : '')

/** Tree and bars as one list. */
export function Timeline({ trace, rows, spans, complete, selected, select, narrow }: ViewProps): ReactNode {
  const [folds, setFolds] = useUrlState('fold', parseFolds, formatFolds)
  const [find, setFind] = useUrlState('find', asText, asText)
  const [zoom, setZoom] = useUrlState('zoom', parseView, formatZoom)
  const findInput = useRef<HTMLInputElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const whole = useRef<HTMLElement>(null)
  const axis = useRef<HTMLDivElement>(null)
  const extent = useMemo(() => extentOf(spans), [spans])
  const view = zoom ? viewWithin(zoom, extent) : wholeView(extent)
  const seen = extentOfView(extent, view)
  const visible = useMemo(() => visibleRows(rows, folds), [rows, folds])
  const at = useMemo(() => visible.findIndex(({ span }) => span.spanId === selected), [visible, selected])
  const wanted = find.trim().toLowerCase()
  const found = useMemo(
    () => (wanted === '' ? [] : rows.filter(({ span }) => spanHas(span, wanted))),
    [rows, wanted],
  )
  const foundIds = useMemo(() => new Set(found.map(({ span }) => span.spanId)), [found])
  const foundAt = found.findIndex(({ span }) => span.spanId === selected) + 1
  const path = useMemo(() => criticalPath(rows, extent), [rows, extent])
  const waits = useMemo(() => waitByKind(rows, path), [rows, path])
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

  const look = (next: TimeView) => setZoom(isWhole(next, extent) ? undefined : next)
  const marked = useTimeGestures(whole, axis, {
    zoom: (factor, share) => look(zoomed(view, extent, factor, share)),
    pan: (share) => look(panned(view, extent, share)),
    select: (from, to) => {
      const length = view.to - view.from
      look(viewWithin({ from: view.from + from * length, to: view.from + to * length }, extent))
    },
  })

  /** Selects a row wherever it is, opening what is above it. */
  const show = (row: TreeRow | undefined) => {
    if (!row) return
    const shut = ancestorsOf(rows, row.span.spanId).filter((id) => isFolded(folds, id))
    if (shut.length > 0) setFolds(withFolded(folds, shut, false))
    select(row.span.spanId)
  }
  const fold = (spanId: string, shut: boolean) => setFolds(withFolded(folds, [spanId], shut))
  const foldAll = (shut: boolean) => setFolds(shut ? allFolds : noFolds)
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
  const onPath = () => rows.filter(({ span }) => path.has(span.spanId))
  const errors = () => rows.filter(({ span }) => span.statusCode === 2)
  useKeys({
    down: () => step(1),
    up: () => step(-1),
    collapse: () => {
      if (!current) return
      if (current.children > 0 && !isFolded(folds, current.span.spanId)) fold(current.span.spanId, true)
      else show(rows.find(({ span }) => span.spanId === current.parent))
    },
    expand: () => {
      if (!current || current.children === 0) return
      if (isFolded(folds, current.span.spanId)) fold(current.span.spanId, false)
      else step(1)
    },
    collapseAll: () => foldAll(true),
    expandAll: () => foldAll(false),
    nextError: () => stepAmong(errors(), 1),
    previousError: () => stepAmong(errors(), -1),
    nextOnPath: () => stepAmong(onPath(), 1),
    previousOnPath: () => stepAmong(onPath(), -1),
    filter: () => findInput.current?.focus(),
    fit: () => current && look(viewOf(current.span, extent)),
    resetZoom: () => setZoom(undefined),
    zoomIn: () => look(zoomed(view, extent, 1 / ZOOM_STEP)),
    zoomOut: () => look(zoomed(view, extent, ZOOM_STEP)),
    earlier: () => look(panned(view, extent, -PAN_STEP)),
    later: () => look(panned(view, extent, PAN_STEP)),
  })

  return (
    <section className="timeline" aria-label="Timeline" ref={whole}>
      <TimelineHead
        find={find}
        setFind={setFind}
        found={found.length}
        foundAt={foundAt}
        stepFound={(by) => stepAmong(found, by)}
        input={findInput}
        foldAll={foldAll}
        view={view}
        zoomed={zoom !== undefined}
        resetZoom={() => setZoom(undefined)}
        axis={axis}
        narrow={narrow}
      />
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
                extent={seen}
                top={start}
                open={!isFolded(folds, row.span.spanId)}
                selected={row.span.spanId === selected}
                found={foundIds.has(row.span.spanId)}
                waited={timeOn(path, row.span.spanId)}
                marks={marksWithin(path.get(row.span.spanId) ?? [], view)}
                select={() => select(row.span.spanId, narrow ? 'push' : 'replace')}
                toggle={() => fold(row.span.spanId, !isFolded(folds, row.span.spanId))}
              />
            ) : null
          })}
        </div>
      </div>
      {marked ? <div className="time-marked" style={{ left: marked.left, width: marked.width }} /> : null}
      {complete && waits.length > 0 ? <PathSums waits={waits} /> : null}
      {complete ? null : (
        <p className="timeline-note dim" role="status">
          {formatCount(spans.length, 'span')} of {trace.spans.toLocaleString('en')} read …
        </p>
      )}
    </section>
  )
}
