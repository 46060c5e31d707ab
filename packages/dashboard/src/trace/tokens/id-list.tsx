import { useVirtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, type ReactNode, useEffect, useRef } from 'react'
import { Copy } from '../../ui/copy.tsx'
import { NARROW, useMedia } from '../../values.ts'
import { surprise, tokenTitle } from './facts.ts'

const ROW = 22
const WIDE = 16
const SLIM = 6
/** Rows that are seen at once; more are scrolled to. */
const MOST_ROWS = 12

/** A list of ids, drawn where it is looked at. `mark`: the place from which it is not the earlier call's. */
export function IdList({
  title,
  ids,
  logprobs,
  mark,
}: {
  title: string
  ids: readonly number[]
  logprobs?: readonly (number | null)[] | null
  mark?: number | undefined
}): ReactNode {
  const perRow = useMedia(NARROW) ? SLIM : WIDE
  const scroller = useRef<HTMLElement>(null)
  const rows = useVirtualizer({
    count: Math.ceil(ids.length / perRow),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
  })
  const markedRow = mark === undefined ? undefined : Math.floor(mark / perRow)
  useEffect(() => {
    if (markedRow !== undefined) rows.scrollToIndex(markedRow, { align: 'center' })
  }, [markedRow, rows])
  return (
    <section className="token-ids">
      <h3>
        {title} <span className="dim number">{ids.length.toLocaleString('en')}</span>
        <Copy
          text={() => `[${ids.join(', ')}]`}
          label={`Copy ${title.toLowerCase()} as a list (JSON, Python)`}
        />
      </h3>
      <section
        ref={scroller}
        className="id-rows mono"
        style={{ height: Math.min(rows.getTotalSize(), MOST_ROWS * ROW) }}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
        tabIndex={0}
        aria-label={`${title}, ${ids.length} ids`}
      >
        <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map(({ index, start }) => (
            <div key={index} className="id-row" style={{ transform: `translateY(${start}px)`, height: ROW }}>
              <span className="id-place dim number">{(index * perRow).toLocaleString('en')}</span>
              {ids.slice(index * perRow, (index + 1) * perRow).map((id, at) => (
                <Token
                  // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place
                  key={at}
                  id={id}
                  place={index * perRow + at}
                  logprob={logprobs?.[index * perRow + at]}
                  mark={mark}
                />
              ))}
            </div>
          ))}
        </div>
      </section>
    </section>
  )
}

function Token({
  id,
  place,
  logprob,
  mark,
}: {
  id: number
  place: number
  logprob: number | null | undefined
  mark: number | undefined
}): ReactNode {
  const unlike = mark !== undefined && place >= mark
  const name = place === mark ? 'id first-unlike' : unlike ? 'id unlike' : 'id'
  const title = tokenTitle(id, place, logprob)
  return (
    <span
      className={name}
      title={place === mark ? `${title} · here the earlier call ends` : title}
      style={{ '--surprise': surprise(logprob) } as CSSProperties}
    >
      {id}
    </span>
  )
}
