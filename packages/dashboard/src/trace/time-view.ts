// Which part of a trace's time is seen: pure. Times are ns since the trace's start, as numbers.
import type { TreeSpan } from '../api.ts'
import type { Extent } from './tree.ts'

/** A part of the time; always at least `NARROWEST` long and within the trace. */
export interface TimeView {
  readonly from: number
  readonly to: number
}

/** The shortest part that can be looked at, ns: below it, times of spans say nothing. */
const NARROWEST = 1000

/** All of a trace. */
export function wholeView({ length }: Extent): TimeView {
  return { from: 0, to: length }
}

/** True when nothing is left out. */
export function isWhole(view: TimeView, { length }: Extent): boolean {
  return view.from <= 0 && view.to >= length
}

/** The view closest to a wanted one that lies within the trace. */
export function viewWithin({ from, to }: TimeView, { length }: Extent): TimeView {
  const wide = Math.min(length, Math.max(NARROWEST, to - from))
  const start = Math.min(Math.max(0, from), length - wide)
  return { from: start, to: start + wide }
}

/** Zooms by `factor` (below 1 is in) about the time at a share of the view, which stays where it is. */
export function zoomed(view: TimeView, extent: Extent, factor: number, at = 0.5): TimeView {
  const wide = Math.max(NARROWEST, (view.to - view.from) * factor)
  const fixed = view.from + (view.to - view.from) * at
  return viewWithin({ from: fixed - wide * at, to: fixed + wide * (1 - at) }, extent)
}

/** Moves by a share of the view, later for positive ones. */
export function panned(view: TimeView, extent: Extent, share: number): TimeView {
  const by = (view.to - view.from) * share
  return viewWithin({ from: view.from + by, to: view.to + by }, extent)
}

/** The view in which a span fills the middle. */
export function viewOf(span: TreeSpan, extent: Extent): TimeView {
  const from = Number(BigInt(span.startNs) - extent.startNs)
  const to = span.endNs === '0' ? extent.length : Number(BigInt(span.endNs) - extent.startNs)
  const room = Math.max(NARROWEST, to - from) * 0.1
  return viewWithin({ from: from - room, to: to + room }, extent)
}

/** The extent that bars are drawn in. */
export function extentOfView({ startNs }: Extent, { from, to }: TimeView): Extent {
  return { startNs: startNs + BigInt(Math.floor(from)), length: Math.max(1, to - from) }
}

/** A view as the address says it: µs since the trace's start, `1200-3400`. */
export function formatView({ from, to }: TimeView): string {
  return `${Math.floor(from / 1000)}-${Math.ceil(to / 1000)}`
}

/** Reads what `formatView` wrote; undefined for anything else. */
export function parseView(text: string): TimeView | undefined {
  const [, from, to] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? []
  if (from === undefined || to === undefined || Number(to) <= Number(from)) return undefined
  return { from: Number(from) * 1000, to: Number(to) * 1000 }
}

/** The part of a bar that is seen, or where it lies unseen. */
export function seenPart({ left, width }: { left: number; width: number }): {
  left: number
  width: number
  seen: 'here' | 'before' | 'after'
} {
  const right = left + width
  if (right < 0) return { left: 0, width: 0, seen: 'before' }
  if (left > 1) return { left: 1, width: 0, seen: 'after' }
  const from = Math.max(0, left)
  return { left: from, width: Math.min(1, right) - from, seen: 'here' }
}
