import type { ReactNode } from 'react'
import { Waiting } from '../../ui/problem.tsx'
import { formatBytes, formatCount } from '../../values.ts'
import type { LoadedConversation } from './use-conversation.ts'

/** What stands below the thread: how far it is read, and what is missing from it. */
export function ReadingNotes({
  conversation: { calls, silent, unread, progress, more, retry },
  complete,
  empty,
}: {
  conversation: LoadedConversation
  complete: boolean
  empty: boolean
}): ReactNode {
  const { left, waits, bytesLeft } = progress
  const reads = !complete || (left > 0 && !waits)
  if (reads && empty) return <Waiting what="the messages" />
  return (
    <div className="reading-notes" role="status">
      {reads ? <p className="dim">Reading the messages of {formatCount(left, 'more call')} …</p> : null}
      {waits ? (
        <p>
          <button type="button" onClick={more}>
            Read on
          </button>{' '}
          <span className="dim">
            {formatCount(left, 'call')} with {formatBytes(bytesLeft)} are not read yet.
          </span>
        </p>
      ) : null}
      {unread ? (
        <p>
          <span className="error-text">
            The messages of {formatCount(unread.count, 'call')} could not be read: {unread.reason}
          </span>{' '}
          <button type="button" onClick={retry}>
            Try again
          </button>
        </p>
      ) : null}
      {reads ? null : calls === 0 ? (
        <p>
          There is no model call in this trace. What went into its other spans and came out is beside them, in
          the timeline.
        </p>
      ) : silent > 0 ? (
        <p className="dim">
          {formatCount(silent, 'call')} {silent === 1 ? 'carries' : 'carry'} no messages: what recorded them
          keeps content out, or keeps it in a form that is not known here. Attributes of the span has all that
          was sent.
        </p>
      ) : null}
    </div>
  )
}
