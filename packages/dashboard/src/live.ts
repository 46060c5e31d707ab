// The live stream: one connection for the whole page.
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { apiUrl, type TraceSummary } from './api.ts'

/** What the bar says of the connection. */
export interface LiveState {
  readonly connection: 'connecting' | 'open' | 'lost'
  /** Spans a second over the last seconds. */
  readonly rate: number
}

/** What happened to traces. */
export interface Changes {
  readonly traces: readonly TraceSummary[]
  /** Ids of traces that are no longer there. */
  readonly removed: readonly string[]
  /** Read everything anew: more changed than was told, or nobody told it until now. */
  readonly all: boolean
}

/** The rate is that of the last seconds. */
const RATE_MS = 4000

let state: LiveState = { connection: 'connecting', rate: 0 }
let source: EventSource | undefined
let samples: { readonly at: number; readonly spans: number }[] = []
const watchers = new Set<() => void>()
const handlers = new Set<(changes: Changes) => void>()

function set(next: Partial<LiveState>): void {
  const merged = { ...state, ...next }
  if (merged.connection === state.connection && merged.rate === state.rate) return
  state = merged
  for (const watcher of watchers) watcher()
}

function count(spans: number): void {
  const now = Date.now()
  // A smaller count is another server's.
  if (spans < (samples.at(-1)?.spans ?? 0)) samples = []
  samples = [...samples, { at: now, spans }]
  rate()
}

function rate(): void {
  const now = Date.now()
  const inside = samples.findIndex(({ at }) => at >= now - RATE_MS)
  if (inside > 1) samples = samples.slice(inside - 1)
  else if (inside < 0) samples = samples.slice(-1)
  const [first, last] = [samples[0], samples.at(-1)]
  const spans = first && last ? last.spans - first.spans : 0
  set({ rate: inside < 0 ? 0 : Math.round((spans * 1000) / RATE_MS) })
}

function tell(changes: Changes): void {
  for (const handler of handlers) handler(changes)
}

/** Opens the stream; again after a key was given. The browser itself reconnects one that was lost. */
export function connect(): void {
  source?.close()
  source = new EventSource(apiUrl('live'))
  source.addEventListener('open', () => {
    set({ connection: 'open' })
  })
  source.addEventListener('error', () => {
    set({ connection: 'lost', rate: 0 })
    // A refusal ends a stream for good, a lost connection does not.
    if (source?.readyState === EventSource.CLOSED) setTimeout(connect, 2000)
  })
  source.addEventListener('hello', ({ data }) => {
    count(JSON.parse(data as string).spans)
    // What was read before may lack what was written since.
    tell({ traces: [], removed: [], all: true })
  })
  source.addEventListener('pulse', ({ data }) => count(JSON.parse(data as string).spans))
  source.addEventListener('reset', () => tell({ traces: [], removed: [], all: true }))
  source.addEventListener('traces', ({ data }) => {
    const { traces, removed, more, spans } = JSON.parse(data as string)
    count(spans)
    tell({ traces, removed, all: more })
  })
}

setInterval(rate, 1000)

/** The state of the connection. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    () => state,
  )
}

/**
 * As `useChanges`, for what `isBeingRead` from the server at times. An answer that is on its way may be older than a
 * change that is told meanwhile: `handle` is called with it again when the answer is there.
 */
export function useChangesBeside(isBeingRead: () => boolean, handle: (changes: Changes) => void): void {
  const late = useRef<Changes[]>([])
  useChanges((changes) => {
    if (isBeingRead()) late.current.push(changes)
    handle(changes)
  })
  useEffect(() => {
    if (late.current.length === 0 || isBeingRead()) return
    for (const changes of late.current.splice(0)) handle(changes)
  })
}

/** Calls `handle` with each change as long as the component is there. */
export function useChanges(handle: (changes: Changes) => void): void {
  const latest = useRef(handle)
  useEffect(() => {
    latest.current = handle
  })
  useEffect(() => {
    const handler = (changes: Changes) => latest.current(changes)
    handlers.add(handler)
    return () => {
      handlers.delete(handler)
    }
  }, [])
}
