import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, type Ref, type RefObject, useImperativeHandle } from 'react'
import type { Item } from './items.ts'
import { rowId } from './row-id.ts'

/** Rows up to which all of them are on the page, for the browser's own find. */
export const MOST_WHOLE = 2000
const ESTIMATE = 96

/** What may be done with a list from outside. */
export interface ThreadList {
  /** Brings a row into sight and gives it the focus where `focus` says so. */
  readonly show: (at: number, focus: boolean) => void
}

interface ListProps {
  readonly items: readonly Item[]
  readonly row: (item: Item) => ReactNode
  readonly scroller: RefObject<HTMLElement | null>
  readonly list: Ref<ThreadList>
}

function reach(key: string, focus: boolean): boolean {
  const element = document.getElementById(rowId(key))
  if (!element) return false
  element.scrollIntoView({ block: 'nearest' })
  if (focus) element.focus({ preventScroll: true })
  return true
}

/** All rows at once. */
export function WholeList({ items, row, list }: ListProps): ReactNode {
  useImperativeHandle(list, () => ({
    show(at, focus) {
      const item = items[at]
      if (item) reach(item.key, focus)
    },
  }))
  return items.map(row)
}

/** The rows that are seen. */
export function VirtualList({ items, row, scroller, list }: ListProps): ReactNode {
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    getItemKey: (at) => items[at]?.key ?? at,
    estimateSize: () => ESTIMATE,
    overscan: 8,
  })
  useImperativeHandle(list, () => ({
    show(at, focus) {
      const item = items[at]
      if (!item) return
      rows.scrollToIndex(at, { align: 'auto' })
      if (focus) requestAnimationFrame(() => reach(item.key, true))
    },
  }))
  return (
    <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
      {rows.getVirtualItems().map(({ index, key, start }) => {
        const item = items[index]
        return item ? (
          <div
            key={key}
            data-index={index}
            ref={rows.measureElement}
            className="virtual-row"
            style={{ transform: `translateY(${start}px)` }}
          >
            {row(item)}
          </div>
        ) : null
      })}
    </div>
  )
}
