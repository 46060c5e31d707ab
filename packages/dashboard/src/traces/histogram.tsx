import { keepPreviousData, useQuery } from '@tanstack/react-query'
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { getHistogram, type Histogram } from '../api.ts'
import { go, withParameters } from '../navigation.ts'
import { NARROW, useMedia } from '../values.ts'
import { type Filter, filterParameters, formatFilter, type TimeRange } from './filter.ts'
import { type Choice, choiceOf, endsOf, rangeOf, wordsOf } from './histogram-times.ts'
import '../styles/histogram.css'

const MOST_BARS = 60
const MOST_BARS_NARROW = 30

/** Bars that are being chosen: from where, and how far by now. They stand still until they are. */
interface Draft {
  readonly histogram: Histogram
  readonly anchor: number
  readonly at: number
}

/** When the traces of the list began, and how many of them failed. A bar, or bars that one drags over, narrow the time. */
export function HistogramStrip({ filter, range }: { filter: Filter; range: TimeRange }): ReactNode {
  const { since, until } = range
  const most = useMedia(NARROW) ? MOST_BARS_NARROW : MOST_BARS
  const query = useQuery({
    queryKey: ['histogram', formatFilter(filter), since, until, most],
    queryFn: ({ signal }) =>
      getHistogram({ ...filterParameters(filter), since, until, bars: String(most) }, signal),
    placeholderData: keepPreviousData,
  })
  const box = useRef<HTMLDivElement>(null)
  const [draft, setDraft] = useState<Draft>()
  const data = draft?.histogram ?? query.data
  /** What is pointed at, as a share of the width: bars come and go below a pointer that rests. */
  const [near, setNear] = useState<number>()
  const [tab, setTab] = useState<number>()
  const refocus = useRef(false)
  const last = (data?.bars.length ?? 0) - 1
  const tabAt = Math.min(tab ?? last, last)
  // The bar that had the focus may be gone with the time that it stood for.
  useLayoutEffect(() => {
    if (!refocus.current || !data || box.current?.contains(document.activeElement)) return
    refocus.current = false
    if (document.activeElement === document.body) focusBar(box.current, tabAt)
  }, [data, tabAt])
  if (!data || last < 0) return null

  const chosen = draft && choiceOf(draft.anchor, draft.at)
  const choose = (choice: Choice, byKey: boolean) => {
    refocus.current = byKey
    setDraft(undefined)
    setNear(undefined)
    const { since: from, until: to } = rangeOf(data, choice, range, Date.now())
    go(withParameters({ since: from, until: to }))
  }
  const shareAt = ({ clientX }: PointerEvent): number => {
    const { left = 0, width = 1 } = box.current?.getBoundingClientRect() ?? {}
    return (clientX - left) / width
  }
  const barAt = (share: number) => Math.max(0, Math.min(last, Math.floor(share * data.bars.length)))
  const pointer = {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return
      const at = barAt(shareAt(event))
      setDraft({ histogram: data, anchor: at, at })
    },
    onPointerMove: (event: PointerEvent) => {
      const share = shareAt(event)
      const at = barAt(share)
      setNear(share)
      if (!draft || (event.buttons & 1) === 0 || at === draft.at) return
      // From here on the bars have no click of their own.
      box.current?.setPointerCapture(event.pointerId)
      setDraft({ ...draft, at })
    },
    onPointerUp: (event: PointerEvent) => {
      if (chosen && box.current?.hasPointerCapture(event.pointerId)) choose(chosen, false)
      else setDraft(undefined)
    },
    onPointerCancel: () => setDraft(undefined),
    onPointerLeave: () => setNear(undefined),
  }
  const step = (event: KeyboardEvent, at: number) => {
    const to = Math.max(0, Math.min(last, at))
    setDraft(event.shiftKey ? { histogram: data, anchor: draft?.anchor ?? tabAt, at: to } : undefined)
    setTab(to)
    focusBar(box.current, to)
    event.preventDefault()
  }
  const pressed = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const { key } = event
    if (key === 'ArrowLeft') step(event, tabAt - 1)
    else if (key === 'ArrowRight') step(event, tabAt + 1)
    else if (key === 'Home') step(event, 0)
    else if (key === 'End') step(event, last)
    else if (key === 'Escape' && draft) {
      setDraft(undefined)
      event.preventDefault()
      // These press the button, and are not for the list.
    } else if (key === 'Enter' || key === ' ') event.stopPropagation()
  }
  const tallest = Math.max(1, ...data.bars.map(({ traces }) => traces))
  const height = (count: number) => ({ height: `${(count / tallest) * 100}%` })
  const pointed = near === undefined ? undefined : barAt(near)
  const told = chosen ?? (pointed === undefined ? undefined : choiceOf(pointed, pointed))
  const [from, to] = endsOf(data)
  return (
    <section className="histogram" aria-label="Traces over time">
      <div
        className="histogram-bars"
        role="toolbar"
        aria-label="Time in which traces began"
        ref={box}
        onKeyDown={pressed}
        {...pointer}
      >
        {data.bars.map(({ traces, errors }, at) => {
          const isChosen = chosen !== undefined && at >= chosen.from && at <= chosen.to
          return (
            <button
              // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place; focus stays at it while bars move on
              key={at}
              type="button"
              tabIndex={at === tabAt ? 0 : -1}
              aria-label={wordsOf(data, choiceOf(at, at))}
              aria-pressed={isChosen}
              onFocus={() => {
                setTab(at)
                setNear((at + 0.5) / data.bars.length)
              }}
              onBlur={() => setNear(undefined)}
              // A press of a key is a click that counts none.
              onClick={({ detail }) => choose(isChosen && chosen ? chosen : choiceOf(at, at), detail === 0)}
            >
              {traces > errors ? <span className="bar-ok" style={height(traces - errors)} /> : null}
              {errors > 0 ? <span className="bar-error" style={height(errors)} /> : null}
            </button>
          )
        })}
      </div>
      <p className="histogram-note dim number" aria-hidden="true">
        {told ? (
          <span className="histogram-told">{wordsOf(data, told)}</span>
        ) : (
          <>
            <span>{from}</span>
            {data.complete ? null : <span>the newest 10,000 traces</span>}
            <span>{to} UTC</span>
          </>
        )}
      </p>
    </section>
  )
}

function focusBar(box: HTMLElement | null, at: number): void {
  box?.querySelectorAll('button')[at]?.focus()
}
