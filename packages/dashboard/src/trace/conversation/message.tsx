import { type CSSProperties, memo, type ReactNode } from 'react'
import type { Part } from '../../../../agentlightning/src/trace/messages/types.ts'
import { withParameters } from '../../navigation.ts'
import { Copy } from '../../ui/copy.tsx'
import { Icon } from '../../ui/icons.tsx'
import { Link } from '../../ui/link.tsx'
import { formatBytes } from '../../values.ts'
import { speakerOf } from './atoms.ts'
import { textsOf } from './find.ts'
import { FoldedText } from './folded-text.tsx'
import { isLong, linesOfPart } from './folding.ts'
import { rowId } from './row-id.ts'
import { isSameEntry, isShallowSame } from './same.ts'
import type { Entry } from './thread-types.ts'
import { type Folding, Told, ToolCall } from './tool-call.tsx'

/** What a row does; the same object for all of them. */
export interface RowActions {
  readonly select: (key: string) => void
  readonly setOpen: (key: string, open: boolean) => void
}

/** One message, or what of it is new. */
export const MessageRow = memo(Row, (before, after) => {
  const { entry: a, ...old } = before
  const { entry: b, ...now } = after
  return isSameEntry(a, b) && isShallowSame(old, now)
})

interface RowProps {
  readonly trace: string
  readonly entry: Entry
  readonly depth: number
  readonly open: boolean
  readonly selected: boolean
  readonly found: boolean
  readonly actions: RowActions
}

function Row({ trace, entry, depth, open, selected, found, actions }: RowProps): ReactNode {
  const { key, role, call, side, edited, choice, repeats, finishReason } = entry
  const speaker = speakerOf(role)
  const long = isLong(entry)
  const folding: Folding = { open, unfold: () => actions.setOpen(key, true) }
  const size = textsOf(entry).reduce((sum, text) => sum + text.length, 0)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: j and k select
    <article
      id={rowId(key)}
      tabIndex={-1}
      className={`said by-${speaker}${selected ? ' selected' : ''}${found ? ' found' : ''}`}
      style={{ '--depth': depth } as CSSProperties}
      aria-label={`${role}, call ${call.number}`}
      onClick={({ target }) => {
        // A text that is being marked is no click, and what is in a row is clicked for itself.
        if (document.getSelection()?.isCollapsed === false) return
        if (target instanceof Element && !target.closest('a, button')) actions.select(key)
      }}
    >
      <header>
        {long ? (
          <button
            type="button"
            className="plain who"
            aria-expanded={open}
            onClick={() => actions.setOpen(key, !open)}
          >
            <Icon name={open ? 'down' : 'right'} />
            {role}
          </button>
        ) : (
          <span className="who">{role}</span>
        )}
        {choice ? (
          <span className="dim number">
            answer {choice.at} of {choice.of}
          </span>
        ) : null}
        {edited ? (
          <span className="warning-text" title="It stands between messages that earlier calls were sent">
            history changed
          </span>
        ) : null}
        {repeats === undefined ? null : <span className="dim">as in call {repeats}</span>}
        {long ? <span className="dim number">{formatBytes(size)}</span> : null}
        <span className="said-tools">
          {finishReason === undefined || usual.test(finishReason) ? null : (
            <span className="warning-text">finish: {finishReason}</span>
          )}
          <Copy text={() => textsOf(entry).join('\n\n')} label={`Copy ${role} message`} />
          <Link
            className="dim number"
            to={() => withParameters({ span: call.span.spanId, message: key.slice(key.indexOf('.') + 1) })}
            title={side === 'input' ? `First sent in call ${call.number}` : `Answered in call ${call.number}`}
          >
            call {call.number}
          </Link>
        </span>
      </header>
      {entry.atoms.map(({ part }, place) => (
        <PartOfMessage
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
          key={place}
          part={part}
          trace={trace}
          entry={entry}
          place={place}
          folding={folding}
        />
      ))}
    </article>
  )
}

/** Reasons for an answer's end that nobody asks about. */
const usual = /^(stop|tool_calls?|tool-calls|tool_use|end_turn|function_call|completed)$/i

function PartOfMessage({
  part,
  trace,
  entry,
  place,
  folding,
}: {
  part: Part
  trace: string
  entry: Entry
  place: number
  folding: Folding
}): ReactNode {
  const lines = linesOfPart(part, entry.role)
  switch (part.type) {
    case 'toolCall':
      return <ToolCall trace={trace} call={part} use={entry.uses.get(place)} folding={folding} />
    case 'toolResult':
      return <Told text={part.text} folding={folding} />
    case 'reasoning':
      return (
        <div className="reasoning">
          <p className="said-note">thinking</p>
          <FoldedText text={part.text} lines={lines} {...folding} />
        </div>
      )
    case 'media':
      return (
        <p className="media">
          {part.mediaType} <span className="dim mono">{part.text}</span>{' '}
          <span className="dim">(not shown)</span>
        </p>
      )
    default:
      return <FoldedText text={part.text} lines={lines} mono={part.type === 'json'} {...folding} />
  }
}
