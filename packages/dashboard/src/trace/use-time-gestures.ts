// Zoom and pan by wheel and drag over the time column.
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'

/** What gestures do, in shares of the part of the time that is seen. */
export interface TimeGestures {
  zoom: (factor: number, at: number) => void
  pan: (share: number) => void
  select: (from: number, to: number) => void
}

/** A part of the time being marked, in pixels within the whole. */
export interface Marked {
  readonly left: number
  readonly width: number
}

/** A press that moves less than this is a click. */
const CLICK_PX = 4
const ZOOM_PER_PX = 0.002

/**
 * Listens on `whole`; `axis` says where the time column is. Wheel with Ctrl (and a pinch) zooms, sideways pans,
 * dragging with a mouse marks what to zoom to.
 */
export function useTimeGestures(
  whole: RefObject<HTMLElement | null>,
  axis: RefObject<HTMLElement | null>,
  gestures: TimeGestures,
): Marked | undefined {
  const latest = useRef(gestures)
  // Before it is drawn: the next turn of a wheel goes on from what is seen.
  useLayoutEffect(() => {
    latest.current = gestures
  })
  const [marked, setMarked] = useState<Marked>()
  useEffect(() => {
    const element = whole.current
    if (!element) return
    const stop = new AbortController()
    const { signal } = stop
    /** Where an event is in the time column, from 0 to 1; undefined beside it. */
    const shareOf = (clientX: number): number | undefined => {
      const box = axis.current?.getBoundingClientRect()
      if (!box || box.width === 0 || clientX < box.left - 8 || clientX > box.right + 8) return undefined
      return Math.min(1, Math.max(0, (clientX - box.left) / box.width))
    }
    const wheel = (event: WheelEvent) => {
      const at = shareOf(event.clientX)
      if (at === undefined) return
      const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX
      if (event.ctrlKey) latest.current.zoom(Math.exp(event.deltaY * ZOOM_PER_PX), at)
      else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY))
        latest.current.pan(sideways / (axis.current?.clientWidth ?? 1))
      else return
      event.preventDefault()
    }
    // Not passive: the page itself must not zoom.
    element.addEventListener('wheel', wheel, { passive: false, signal })

    let pressed: { x: number; share: number } | undefined
    let dragged = false
    const press = (event: PointerEvent) => {
      dragged = false
      const share = shareOf(event.clientX)
      // A finger scrolls.
      if (event.button !== 0 || event.pointerType === 'touch' || share === undefined) return
      pressed = { x: event.clientX, share }
    }
    const move = (event: PointerEvent) => {
      if (!pressed || (!dragged && Math.abs(event.clientX - pressed.x) < CLICK_PX)) return
      if (!dragged) element.setPointerCapture(event.pointerId)
      dragged = true
      const axisBox = axis.current?.getBoundingClientRect()
      if (!axisBox) return
      const to = Math.min(axisBox.right, Math.max(axisBox.left, event.clientX))
      const left = Math.min(pressed.x, to) - element.getBoundingClientRect().left
      setMarked({ left, width: Math.abs(to - pressed.x) })
    }
    const release = (event: PointerEvent) => {
      const from = pressed?.share
      pressed = undefined
      setMarked(undefined)
      const box = axis.current?.getBoundingClientRect()
      if (!dragged || from === undefined || !box) return
      const to = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))
      if (Math.abs(to - from) * box.width >= CLICK_PX)
        latest.current.select(Math.min(from, to), Math.max(from, to))
    }
    const cancel = () => {
      pressed = undefined
      dragged = false
      setMarked(undefined)
    }
    element.addEventListener('pointerdown', press, { signal })
    element.addEventListener('pointermove', move, { signal })
    element.addEventListener('pointerup', release, { signal })
    element.addEventListener('pointercancel', cancel, { signal })
    // What ends a drag is no click on a row.
    const click = (event: MouseEvent) => {
      if (dragged) event.stopPropagation()
      dragged = false
    }
    element.addEventListener('click', click, { capture: true, signal })
    return () => stop.abort()
  }, [whole, axis])
  return marked
}
