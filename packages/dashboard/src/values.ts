// Times, numbers and small conveniences that every view shares.

import { useEffect, useState } from 'react'
import { formatDuration, formatTime } from '../../agentlightning/src/cli/views/format.ts'
import type { TraceSummary, TreeSpan } from './api.ts'

export {
  formatAgo,
  formatBytes,
  formatCost,
  formatCount,
  formatDuration,
  formatShare,
  formatTokens,
} from '../../agentlightning/src/cli/views/format.ts'

/** Nanoseconds of now. */
export function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n
}

/** How long it took; of what runs, until now. */
export function durationOf(of: Pick<TraceSummary, 'startNs' | 'endNs'>, running: boolean): bigint {
  const start = BigInt(of.startNs)
  const end = running ? nowNs() : BigInt(of.endNs)
  return end > start ? end - start : 0n
}

/** A span that has not ended. */
export function isOpen(span: Pick<TreeSpan, 'endNs'>): boolean {
  return span.endNs === '0'
}

/** Absolute time, for hovering. */
export function absolute(ns: string): string {
  return `${formatTime(BigInt(ns))} UTC`
}

/** A duration of a span. */
export function spanDuration(span: Pick<TreeSpan, 'startNs' | 'endNs'>): string {
  return isOpen(span) ? 'not ended' : formatDuration(durationOf(span, false))
}

/** Renders again every `ms`: for what says how long ago something was. */
export function useTick(ms: number): void {
  const [, setTick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), ms)
    return () => clearInterval(timer)
  }, [ms])
}

/** True while a media query holds. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const list = matchMedia(query)
    const changed = () => setMatches(list.matches)
    changed()
    list.addEventListener('change', changed)
    return () => list.removeEventListener('change', changed)
  }, [query])
  return matches
}

/** A page too narrow for two columns. */
export const NARROW = '(max-width: 760px)'
