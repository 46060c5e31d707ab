import { type ReactNode, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import '../../styles/conversation.css'
import { useKeys } from '../../keys.ts'
import { go, usePlace, withParameters } from '../../navigation.ts'
import { formatCount } from '../../values.ts'
import { formatFolds, isFolded, parseFolds, withFolded } from '../folds.ts'
import { useUrlState } from '../use-url-state.ts'
import type { ViewProps } from '../views/view.ts'
import { CallRow, LaneRow } from './call-row.tsx'
import { ConversationHead } from './conversation-head.tsx'
import { rowsWith } from './find.ts'
import { isLong } from './folding.ts'
import { type Item, itemsOf } from './items.ts'
import { MessageRow, type RowActions } from './message.tsx'
import { ReadingNotes } from './reading-notes.tsx'
import { rowId } from './row-id.ts'
import { MOST_WHOLE, type ThreadList, VirtualList, WholeList } from './thread-list.tsx'
import { useConversation } from './use-conversation.ts'
import { useMarks } from './use-marks.ts'

const asText = (text: string) => text
const noRows: ViewProps['rows'] = []

/** Which messages are open: all or none, but some. */
interface Opened {
  readonly all: boolean
  readonly others: ReadonlySet<string>
}

/** What was said in a trace, by all of its model calls, as one thread. */
export default function ConversationView({
  trace,
  rows,
  complete,
  selected,
  select,
  narrow,
}: ViewProps): ReactNode {
  const { parameters } = usePlace()
  // The order of calls is known when all spans are; until the next are, what was known before is shown.
  const [settled, setSettled] = useState(complete ? rows : noRows)
  useEffect(() => {
    if (complete) setSettled(rows)
  }, [complete, rows])
  const conversation = useConversation(trace.traceId, settled)
  const { lanes } = conversation
  const [folds, setFolds] = useUrlState('lanes', parseFolds, formatFolds)
  const [find, setFind] = useUrlState('find', asText, asText)
  const [opened, setOpened] = useState<Opened>({ all: false, others: new Set() })
  const findInput = useRef<HTMLInputElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const list = useRef<ThreadList>(null)
  const items = useMemo(() => itemsOf(lanes, folds), [lanes, folds])
  const messages = useMemo(() => items.filter(({ kind }) => kind === 'message').length, [items])

  const message = parameters.get('message') ?? 'call'
  const at = useMemo(
    () => (selected === undefined ? -1 : placeOf(items, selected, message)),
    [items, selected, message],
  )
  const current = items[at]
  const wanted = useDeferredValue(find.trim().toLowerCase())
  const found = useMemo(() => rowsWith(items, wanted), [items, wanted])
  const foundAt = found.indexOf(at) + 1
  const foundKeys = useMemo(() => new Set(found.map((index) => items[index]?.key)), [found, items])
  const isOpen = (key: string) => opened.all !== opened.others.has(key)
  useMarks(current && foundAt > 0 ? rowId(current.key) : undefined, wanted)

  const setOpen = (key: string, open: boolean) =>
    setOpened(({ all, others }) => {
      const next = new Set(others)
      if (open === all) next.delete(key)
      else next.add(key)
      return { all, others: next }
    })
  const choose = (key: string) => {
    const dot = key.indexOf('.')
    go(withParameters({ span: key.slice(0, dot), message: key.slice(dot + 1) }), 'replace')
  }
  const toggleLane = (id: string) => setFolds(withFolded(folds, [id], !isFolded(folds, id)))

  // A link leads to its message once that is there; after that, only keys and finding move what is seen. What no link
  // names is read from its beginning.
  const led = useRef<string>(undefined)
  const linked = parameters.has('span')
  useEffect(() => {
    if (!linked || at < 0 || !current || led.current === current.key) return
    led.current = current.key
    list.current?.show(at, false)
  }, [linked, at, current])

  const show = (index: number | undefined) => {
    const item = index === undefined ? undefined : items[index]
    if (index === undefined || !item) return
    led.current = item.key
    choose(item.key)
    list.current?.show(index, document.activeElement !== findInput.current)
  }
  const step = (by: 1 | -1, among: (item: Item) => boolean) => {
    const from = at < 0 && by < 0 ? items.length : at
    show(nextOf(items, from, by, among))
  }
  const stepFound = (by: 1 | -1) => {
    const next =
      by > 0
        ? (found.find((index) => index > at) ?? found[0])
        : (found.findLast((index) => index < at) ?? found.at(-1))
    const item = next === undefined ? undefined : items[next]
    if (item) setOpen(item.key, true)
    show(next)
  }
  const openAll = (all: boolean) => setOpened({ all, others: new Set() })
  useKeys({
    down: () => step(1, isStop),
    up: () => step(-1, isStop),
    nextError: () => step(1, hasFailed),
    previousError: () => step(-1, hasFailed),
    expand: () => {
      if (current?.kind === 'lane' && !current.open) toggleLane(current.lane.id)
      else if (current?.kind === 'message') setOpen(current.key, true)
    },
    collapse: () => {
      if (current?.kind === 'lane' && current.open) toggleLane(current.lane.id)
      else if (current?.kind === 'message' && isLong(current.entry) && isOpen(current.key))
        setOpen(current.key, false)
      else step(-1, ({ kind }) => kind === 'lane')
    },
    expandAll: () => openAll(true),
    collapseAll: () => openAll(false),
    filter: () => findInput.current?.focus(),
    open: () => {
      // Anything else that has the focus is what is pressed.
      if (!narrow || !current || document.activeElement?.id !== rowId(current.key)) return false
      select(current.key.slice(0, current.key.indexOf('.')), 'push')
      return true
    },
  })

  const latest = useRef({ choose, setOpen, toggleLane })
  useEffect(() => {
    latest.current = { choose, setOpen, toggleLane }
  })
  const actions = useMemo(
    (): RowActions & { toggleLane: (id: string) => void } => ({
      select: (key) => {
        // On a narrow page the span takes the place of the thread: only a link leads there.
        if (narrow) return
        led.current = key
        latest.current.choose(key)
      },
      setOpen: (key, open) => latest.current.setOpen(key, open),
      toggleLane: (id) => latest.current.toggleLane(id),
    }),
    [narrow],
  )
  const row = (item: Item): ReactNode => {
    const shared = { key: item.key, depth: item.depth, selected: item === current }
    if (item.kind === 'lane')
      return (
        <LaneRow {...shared} key={item.key} lane={item.lane} open={item.open} toggle={actions.toggleLane} />
      )
    if (item.kind === 'call') return <CallRow {...shared} key={item.key} turn={item.turn} lane={item.agent} />
    return (
      <MessageRow
        {...shared}
        key={item.key}
        trace={trace.traceId}
        entry={item.entry}
        open={isOpen(item.key)}
        found={foundKeys.has(item.key)}
        actions={actions}
      />
    )
  }
  const List = messages > MOST_WHOLE ? VirtualList : WholeList
  return (
    <section className="conversation" aria-label="Conversation">
      <ConversationHead
        find={find}
        setFind={setFind}
        found={found.length}
        foundAt={foundAt}
        stepFound={stepFound}
        input={findInput}
        openAll={openAll}
        summary={
          items.length === 0
            ? ''
            : `${formatCount(messages, 'message')} of ${formatCount(conversation.calls, 'call')}`
        }
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <section className="thread" ref={scroller} tabIndex={0} aria-label="Messages of all model calls">
        <List items={items} row={row} scroller={scroller} list={list} />
        <ReadingNotes
          conversation={conversation}
          complete={complete && settled === rows}
          empty={items.length === 0}
        />
      </section>
    </section>
  )
}

function isStop({ kind }: Item): boolean {
  return kind !== 'call'
}

function hasFailed(item: Item): boolean {
  if (item.kind === 'call')
    return item.turn.call.span.statusCode === 2 || item.turn.runs.some(({ statusCode }) => statusCode === 2)
  if (item.kind === 'lane') return false
  return [...item.entry.uses.values()].some(({ runs }) => runs.some(({ statusCode }) => statusCode === 2))
}

function nextOf(
  items: readonly Item[],
  from: number,
  by: 1 | -1,
  among: (item: Item) => boolean,
): number | undefined {
  for (let at = from + by; at >= 0 && at < items.length; at += by) {
    if (among(items[at] as Item)) return at
  }
  return undefined
}

/** The row of a span and a message of it; of a tool's span the message that asked for it. */
function placeOf(items: readonly Item[], span: string, message: string): number {
  const key = `${span}.${message}`
  const exact = items.findIndex((item) => item.key === key)
  if (exact >= 0) return exact
  return items.findIndex(
    (item) =>
      item.kind === 'message' &&
      [...item.entry.uses.values()].some(({ runs }) => runs.some(({ spanId }) => spanId === span)),
  )
}
