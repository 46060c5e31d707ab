// The list: pages from the server, kept current by the live stream.
import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { listTraces, type TraceSummary, type TracesPage } from '../api.ts'
import { useChanges } from '../live.ts'
import { type Filter, filterParameters, formatFilter, matches } from './filter.ts'

const PAGE = 100

/** The list of a filter. */
export interface TraceList {
  readonly traces: readonly TraceSummary[]
  /** New ones that are kept back, so that nothing moves under the pointer. */
  readonly held: readonly TraceSummary[]
  readonly release: () => void
  readonly more: boolean
  readonly loadMore: () => void
  readonly state: 'loading' | 'failed' | 'ready'
  readonly error: unknown
  readonly retry: () => void
}

type Pages = InfiniteData<TracesPage, string | undefined>

/** Traces of a filter and age. `atTop`: new ones may be put in at once. */
export function useTraces(filter: Filter, since: string | undefined, atTop: boolean): TraceList {
  const client = useQueryClient()
  const text = formatFilter(filter)
  const key = useMemo(() => ['traces', text, since], [text, since])
  const [held, setHeld] = useState<readonly TraceSummary[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is held belongs to one list
  useEffect(() => setHeld([]), [key])

  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      listTraces({ ...filterParameters(filter), since, limit: String(PAGE), cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.cursor ?? undefined,
  })

  useChanges(({ traces: changed }) => {
    const pages = client.getQueryData<Pages>(key)
    if (!pages || changed.length === 0) return
    const byId = new Map(changed.map((trace) => [trace.traceId, trace]))
    const known = new Set(pages.pages.flatMap((page) => page.traces.map(({ traceId }) => traceId)))
    const fresh = changed.filter((trace) => !known.has(trace.traceId) && matches(filter, trace))
    client.setQueryData<Pages>(key, atTop ? insert(replace(pages, byId), fresh) : replace(pages, byId))
    if (!atTop) setHeld((before) => [...before.filter(({ traceId }) => !byId.has(traceId)), ...fresh])
  })

  const release = useCallback(() => {
    const pages = client.getQueryData<Pages>(key)
    if (pages) client.setQueryData<Pages>(key, insert(pages, held))
    setHeld([])
  }, [client, key, held])

  return {
    traces: useMemo(() => query.data?.pages.flatMap((page) => page.traces) ?? [], [query.data]),
    held,
    release,
    more: query.hasNextPage,
    loadMore: () => {
      if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage()
    },
    state: query.data ? 'ready' : query.isError ? 'failed' : 'loading',
    error: query.error,
    retry: () => void query.refetch(),
  }
}

function replace(pages: Pages, byId: ReadonlyMap<string, TraceSummary>): Pages {
  return {
    ...pages,
    pages: pages.pages.map((page) => ({
      ...page,
      traces: page.traces.map((trace) => {
        const changed = byId.get(trace.traceId)
        return changed && changed.change > trace.change ? changed : trace
      }),
    })),
  }
}

/** Puts new traces into the first page, newest first. What is older than the page comes with a later one. */
function insert(pages: Pages, fresh: readonly TraceSummary[]): Pages {
  const [first, ...rest] = pages.pages
  if (!first || fresh.length === 0) return pages
  const last = first.traces.at(-1)
  const inside = fresh.filter(
    ({ startNs }) => first.cursor === null || !last || BigInt(startNs) >= BigInt(last.startNs),
  )
  const own = new Set(inside.map(({ traceId }) => traceId))
  const traces = [...inside, ...first.traces.filter(({ traceId }) => !own.has(traceId))].sort((a, b) =>
    BigInt(a.startNs) < BigInt(b.startNs) ? 1 : BigInt(a.startNs) > BigInt(b.startNs) ? -1 : 0,
  )
  return { ...pages, pages: [{ ...first, traces }, ...rest] }
}
