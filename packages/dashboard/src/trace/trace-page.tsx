import { type ReactNode, Suspense, useCallback, useEffect, useMemo } from 'react'
import { useKeys } from '../keys.ts'
import { go, usePlace, withParameters } from '../navigation.ts'
import { Failure, Waiting } from '../ui/problem.tsx'
import { NARROW, useMedia } from '../values.ts'
import { SpanPanel } from './span-panel.tsx'
import { TraceHead } from './trace-head.tsx'
import { treeRows } from './tree.ts'
import { useTrace } from './use-trace.ts'
import { views } from './views/index.ts'
import { ViewLinks, viewAddress } from './views/view-links.tsx'

/** One trace: its timeline, and the span that is looked at. */
export function TracePage({ id }: { id: string }): ReactNode {
  const { trace, spans, complete, error, gone, retry } = useTrace(id)
  const { parameters } = usePlace()
  const narrow = useMedia(NARROW)
  const rows = useMemo(() => treeRows(spans), [spans])
  const chosen = parameters.get('span') ?? undefined
  const view =
    views.find(({ name }) => name === parameters.get('view')) ?? (views[0] as (typeof views)[number])
  const selected = useMemo(() => {
    if (chosen !== undefined) return rows.find(({ span }) => span.spanId === chosen)
    if (narrow) return undefined
    // Of a trace that failed, what failed first; otherwise what was asked and answered.
    const failed =
      trace?.status === 'error'
        ? rows.find(({ span, errorsBelow }) => span.statusCode === 2 && errorsBelow === 0)
        : undefined
    return failed ?? rows[0]
  }, [chosen, rows, narrow, trace?.status])
  const select = useCallback((spanId: string | undefined, how: 'push' | 'replace' = 'replace') => {
    go(withParameters({ span: spanId, message: undefined }), how)
  }, [])
  useEffect(() => {
    document.title = `${trace?.name || 'Trace'} · agl`
  }, [trace?.name])
  const look = (at: number) => {
    const wanted = views[at]
    if (wanted) go(viewAddress(wanted.name), 'replace')
  }
  useKeys({
    firstView: () => look(0),
    secondView: () => look(1),
    thirdView: () => look(2),
    back: () => {
      if (document.querySelector('dialog[open]')) return false
      if (narrow && chosen !== undefined) select(undefined)
      else go('/traces')
      return true
    },
  })

  if (!trace)
    return error === undefined ? (
      <Waiting what="the trace" cancel={() => go('/traces')} />
    ) : (
      <Failure error={error} retry={retry} />
    )
  const showsPanel = selected !== undefined && (!narrow || chosen !== undefined)
  return (
    <div className="trace">
      {narrow && showsPanel ? <h1 className="sr">{trace.name}</h1> : <TraceHead trace={trace} />}
      {gone === undefined ? null : (
        <p className="gone" role="alert">
          {gone} What was read of it stays here until this page is left.
        </p>
      )}
      <div className="trace-body">
        {narrow && showsPanel ? null : (
          <div className="view">
            <ViewLinks chosen={view.name} />
            <Suspense fallback={<Waiting what="this view" />}>
              <view.Content
                trace={trace}
                rows={rows}
                spans={spans}
                complete={complete}
                selected={selected?.span.spanId}
                select={select}
                narrow={narrow}
              />
            </Suspense>
          </div>
        )}
        {showsPanel ? (
          <SpanPanel
            key={selected.span.spanId}
            trace={trace}
            span={selected.span}
            close={narrow ? () => select(undefined) : undefined}
          />
        ) : chosen !== undefined && complete ? (
          <div className="span-panel">
            <p className="problem">This trace has no span {chosen}.</p>
          </div>
        ) : null}
      </div>
    </div>
  )
}
