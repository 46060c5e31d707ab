// The list: pages from the server, kept current by the live stream.
import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { listTraces, type TraceSummary, type TracesPage } from '../api.ts'
import { useChangesBeside } from '../live.ts'
import { useLeaving } from './deletions.ts'
import { type Filter, filterParameters, formatFilter, isWithin, matches, type TimeRange } from './filter.ts'

const PAGE = 100

/** The list of a filter. */
export interface TraceList {
  readonly traces: readonly TraceSummary[]
  /** True while traces that wait to be deleted are left out. */
  readonly hidden: boolean
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

/** Traces of a filter and time. `atTop`: new ones may be put in at once. */
export function useTraces(filter: Filter, range: TimeRange, atTop: boolean): TraceList {
  const client = useQueryClient()
  const text = formatFilter(filter)
  const { since, until } = range
  const key = useMemo(() => ['traces', text, since, until], [text, since, until])
  const leaving = useLeaving()
  const [held, setHeld] = useState<readonly TraceSummary[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is held belongs to one list
  useEffect(() => setHeld([]), [key])

  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      listTraces(
        { ...filterParameters(filter), since, until, limit: String(PAGE), cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.cursor ?? undefined,
  })

  const isBeingRead = () => client.getQueryState(key)?.fetchStatus === 'fetching'
  useChangesBeside(isBeingRead, ({ traces: changed, removed }) => {
    const pages = client.getQueryData<Pages>(key)
    if (!pages || changed.length + removed.length === 0) return
    const gone = new Set(removed)
    const byId = new Map(changed.map((trace) => [trace.traceId, trace]))
    const known = new Set(pages.pages.flatMap((page) => page.traces.map(({ traceId }) => traceId)))
    const fresh = changed.filter(
      (trace) => !known.has(trace.traceId) && matches(filter, trace) && isWithin(range, trace, Date.now()),
    )
    const current = replace(without(pages, gone), byId)
    client.setQueryData<Pages>(key, atTop ? insert(current, fresh) : current)
    setHeld((before) => [
      ...before.filter(({ traceId }) => !byId.has(traceId) && !gone.has(traceId)),
      ...(atTop ? [] : fresh),
    ])
  })

  const release = useCallback(() => {
    const pages = client.getQueryData<Pages>(key)
    if (pages) client.setQueryData<Pages>(key, insert(pages, held))
    setHeld([])
  }, [client, key, held])

  return {
    traces: useMemo(() => {
      const all = query.data?.pages.flatMap((page) => page.traces) ?? []
      return leaving.size === 0 ? all : all.filter(({ traceId }) => !leaving.has(traceId))
    }, [query.data, leaving]),
    hidden: leaving.size > 0,
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

function without(pages: Pages, gone: ReadonlySet<string>): Pages {
  if (gone.size === 0) return pages
  return {
    ...pages,
    pages: pages.pages.map((page) => ({
      ...page,
      traces: page.traces.filter(({ traceId }) => !gone.has(traceId)),
    })),
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
