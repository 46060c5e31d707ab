// A trace with all its spans, page by page, kept current while it is looked at.
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef } from 'react'
import { ApiError, getTrace, type TraceSummary, type TreeSpan } from '../api.ts'
import { useChangesBeside } from '../live.ts'

/** The least time between two readings of a trace that keeps changing. */
const READ_AGAIN_MS = 1000

/** A trace as far as it was read. */
export interface LoadedTrace {
  readonly trace: TraceSummary | undefined
  readonly spans: readonly TreeSpan[]
  /** True when no page is missing. */
  readonly complete: boolean
  readonly error: unknown
  /** Why a trace that was read is no longer there. */
  readonly gone: string | undefined
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
  // Once there is an answer, a change has it read again, whatever is on its way.
  const isFirstRead = () => {
    const state = client.getQueryState(['trace', id])
    return state?.fetchStatus === 'fetching' && state.data === undefined
  }
  useChangesBeside(isFirstRead, ({ traces, removed }) => {
    // The answer says how it went.
    if (trace && removed.includes(trace.traceId)) void client.invalidateQueries({ queryKey: ['trace', id] })
    const own = traces.find(({ traceId }) => traceId === trace?.traceId)
    if (!own || !trace || own.change <= trace.change || again.current !== undefined) return
    again.current = setTimeout(
      () => {
        again.current = undefined
        void client.invalidateQueries({ queryKey: ['trace', id] })
      },
      // All of its pages are read again.
      data && data.pages.length > 1 ? READ_AGAIN_MS * data.pages.length : 0,
    )
  })

  return {
    trace,
    spans: useMemo(() => data?.pages.flatMap((page) => page.spans) ?? [], [data]),
    complete: data !== undefined && !hasNextPage,
    error: data ? undefined : (query.error ?? undefined),
    gone:
      data && query.error instanceof ApiError && query.error.status === 404 ? query.error.message : undefined,
    retry: () => void query.refetch(),
  }
}
