// A trace with all its spans, page by page, kept current while it is looked at.
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef } from 'react'
import { getTrace, type TraceSummary, type TreeSpan } from '../api.ts'
import { useChanges } from '../live.ts'

/** The least time between two readings of a trace that keeps changing. */
const READ_AGAIN_MS = 1000

/** A trace as far as it was read. */
export interface LoadedTrace {
  readonly trace: TraceSummary | undefined
  readonly spans: readonly TreeSpan[]
  /** True when no page is missing. */
  readonly complete: boolean
  readonly error: unknown
  readonly retry: () => void
}

/** The trace of an id or of a unique beginning of one. */
export function useTrace(id: string): LoadedTrace {
  const client = useQueryClient()
  const query = useInfiniteQuery({
    queryKey: ['trace', id],
    queryFn: ({ pageParam, signal }) => getTrace(id, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.cursor ?? undefined,
  })
  const { data, hasNextPage, isFetching, fetchNextPage } = query
  useEffect(() => {
    if (hasNextPage && !isFetching) void fetchNextPage()
  }, [hasNextPage, isFetching, fetchNextPage])

  const trace = data?.pages.at(-1)?.trace
  const again = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(again.current), [])
  useChanges(({ traces }) => {
    const own = traces.find(({ traceId }) => traceId === trace?.traceId)
    if (!own || !trace || own.change <= trace.change || again.current !== undefined) return
    again.current = setTimeout(
      () => {
        again.current = undefined
        void client.invalidateQueries({ queryKey: ['trace', id] })
      },
      data && data.pages.length > 1 ? READ_AGAIN_MS : 0,
    )
  })

  return {
    trace,
    spans: useMemo(() => data?.pages.flatMap((page) => page.spans) ?? [], [data]),
    complete: data !== undefined && !hasNextPage,
    error: data ? undefined : (query.error ?? undefined),
    retry: () => void query.refetch(),
  }
}
