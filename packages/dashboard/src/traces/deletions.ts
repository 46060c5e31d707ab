// Traces that leave: hidden at once, deleted when the time to undo is over. What waits is sent when the page is
// left, so that nothing that was confirmed comes back.
import { useSyncExternalStore } from 'react'
import { ApiError, deleteTrace } from '../api.ts'

/** How long a deletion can be undone. */
const UNDO_MS = 10_000

/** What the page says of deletions. */
export interface Deletions {
  /** Ids that can still be taken back. */
  readonly waiting: readonly string[]
  /** Why the last deletion failed. */
  readonly problem: string | undefined
}

let state: Deletions = { waiting: [], problem: undefined }
/** Ids that lists leave out: waiting, or being deleted. */
let leaving: ReadonlySet<string> = new Set()
let timer: ReturnType<typeof setTimeout> | undefined
const watchers = new Set<() => void>()

function changed(): void {
  for (const watcher of watchers) watcher()
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

/** Hides traces, and deletes them unless `undoDeletion` is called in time. What waited before goes at once. */
export function deleteSoon(ids: readonly string[]): void {
  void deleteWaiting()
  leaving = new Set([...leaving, ...ids])
  state = { waiting: ids, problem: undefined }
  timer = setTimeout(() => void deleteWaiting(), UNDO_MS)
  changed()
}

/** Brings back what waits to be deleted. */
export function undoDeletion(): void {
  clearTimeout(timer)
  show(state.waiting)
  state = { waiting: [], problem: undefined }
  changed()
}

/** Forgets the last problem. */
export function dismissProblem(): void {
  state = { ...state, problem: undefined }
  changed()
}

function show(ids: readonly string[]): void {
  leaving = new Set([...leaving].filter((id) => !ids.includes(id)))
}

async function deleteWaiting(): Promise<void> {
  clearTimeout(timer)
  const ids = state.waiting
  if (ids.length === 0) return
  state = { waiting: [], problem: undefined }
  changed()
  for (const id of ids) {
    try {
      await deleteTrace(id)
    } catch (error) {
      // One that is gone already is where it should be.
      if (error instanceof ApiError && error.status === 404) continue
      show([id])
      state = { ...state, problem: `A trace was not deleted: ${String((error as Error).message)}` }
      changed()
    }
  }
}

window.addEventListener('pagehide', () => {
  // No answer is waited for here: each request has to leave now.
  for (const id of state.waiting) void deleteTrace(id).catch(() => undefined)
  state = { waiting: [], problem: undefined }
})

/** What waits, and what went wrong. */
export function useDeletions(): Deletions {
  return useSyncExternalStore(watch, () => state)
}

/** Ids that lists leave out. */
export function useLeaving(): ReadonlySet<string> {
  return useSyncExternalStore(watch, () => leaving)
}
