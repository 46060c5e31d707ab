// Every key of the page, in one table: what is bound and what the help shows are the same.
import { useLayoutEffect, useRef } from 'react'

/** The keys by action. */
export const keyTable = {
  down: { keys: ['j', 'ArrowDown'], does: 'Next row', where: 'Lists' },
  up: { keys: ['k', 'ArrowUp'], does: 'Previous row', where: 'Lists' },
  open: { keys: ['Enter'], does: 'Open', where: 'Lists' },
  peek: { keys: [' '], does: 'Look into a trace beside the list', where: 'Lists' },
  select: { keys: ['x'], does: 'Select', where: 'Lists' },
  compare: { keys: ['c'], does: 'Compare the two selected', where: 'Lists' },
  remove: { keys: ['Delete'], does: 'Delete, after a question', where: 'Lists' },
  back: { keys: ['Escape'], does: 'Back out one level', where: 'Everywhere' },
  filter: { keys: ['/'], does: 'Filter traces, find a span', where: 'Everywhere' },
  firstView: { keys: ['1'], does: 'Timeline', where: 'Trace' },
  secondView: { keys: ['2'], does: 'Conversation', where: 'Trace' },
  thirdView: { keys: ['3'], does: 'Graph', where: 'Trace' },
  nextError: { keys: ['e'], does: 'Next error', where: 'Trace' },
  previousError: { keys: ['E'], does: 'Previous error', where: 'Trace' },
  nextOnPath: { keys: ['p'], does: 'Next span of the critical path', where: 'Trace' },
  previousOnPath: { keys: ['P'], does: 'Previous span of the critical path', where: 'Trace' },
  collapse: { keys: ['ArrowLeft'], does: 'Collapse', where: 'Trace' },
  expand: { keys: ['ArrowRight'], does: 'Expand', where: 'Trace' },
  collapseAll: { keys: ['-'], does: 'Collapse all', where: 'Trace' },
  expandAll: { keys: ['+', '='], does: 'Expand all', where: 'Trace' },
  fit: { keys: ['z'], does: 'Zoom to the span', where: 'Trace' },
  resetZoom: { keys: ['0'], does: 'Show all of the time', where: 'Trace' },
  zoomIn: { keys: [']'], does: 'Zoom in', where: 'Trace' },
  zoomOut: { keys: ['['], does: 'Zoom out', where: 'Trace' },
  earlier: { keys: [','], does: 'Move to earlier times', where: 'Trace' },
  later: { keys: ['.'], does: 'Move to later times', where: 'Trace' },
  traces: { keys: ['g t'], does: 'Go to traces', where: 'Everywhere' },
  logs: { keys: ['g l'], does: 'Go to logs', where: 'Everywhere' },
  metrics: { keys: ['g m'], does: 'Go to metrics', where: 'Everywhere' },
  health: { keys: ['g h'], does: 'Go to health', where: 'Everywhere' },
  copyLink: { keys: ['y'], does: 'Copy the link of this page', where: 'Everywhere' },
  theme: { keys: ['t'], does: 'Dark or light', where: 'Everywhere' },
  help: { keys: ['?'], does: 'Keys', where: 'Everywhere' },
} as const satisfies Record<string, { keys: readonly string[]; does: string; where: string }>

export type Action = keyof typeof keyTable

/** How long a first key of two waits for its second. */
const SEQUENCE_MS = 1000
let first: { readonly key: string; readonly at: number } | undefined

/** Binds actions while the component is there. A handler that returns false lets the key pass. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler may return nothing at all
export function useKeys(bound: Partial<Record<Action, () => boolean | void>>): void {
  const latest = useRef(bound)
  // Before it is drawn: what is seen answers keys, as it is seen.
  useLayoutEffect(() => {
    latest.current = bound
  })
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return
      const sequence = first && Date.now() - first.at < SEQUENCE_MS ? `${first.key} ${event.key}` : event.key
      for (const [action, handler] of Object.entries(latest.current)) {
        const keys: readonly string[] = keyTable[action as Action].keys
        if (!keys.includes(event.key) && !keys.includes(sequence)) continue
        if (handler() !== false) event.preventDefault()
        return
      }
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [])
}

// After the handlers above: these run in the order in which they were added, on another target.
window.addEventListener('keydown', (event) => {
  first = isTyping(event) || event.key.length > 1 ? undefined : { key: event.key, at: Date.now() }
})

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target
  if (!(target instanceof HTMLElement)) return false
  // A tab list and a tree move by arrows themselves.
  if (target.closest('[role=tablist]') && event.key.startsWith('Arrow')) return true
  return target.matches('input:not([type=checkbox]), textarea, select, [contenteditable]')
}
