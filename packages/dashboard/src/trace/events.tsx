import type { ReactNode } from 'react'
import type { WholeSpan } from '../api.ts'
import { Link } from '../ui/link.tsx'
import { absolute, formatDuration } from '../values.ts'
import { AttributeList } from './attributes.tsx'

/** What happened within a span, and which spans it is linked with. */
export function Events({ whole: { span } }: { whole: WholeSpan }): ReactNode {
  const { events, links, droppedEventsCount, droppedLinksCount } = span
  if (events.length + links.length + droppedEventsCount + droppedLinksCount === 0) {
    return <p className="dim">This span has no events and no links.</p>
  }
  return (
    <>
      {events.map((event, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: events have no ids
        <section className="attributes" key={at}>
          <h3 className={event.name === 'exception' ? 'error-text' : ''}>
            {event.name || '(no name)'}{' '}
            <span className="dim number" title={absolute(event.timeUnixNano)}>
              +{formatDuration(BigInt(event.timeUnixNano) - BigInt(span.startTimeUnixNano))}
            </span>
          </h3>
          <AttributeList attributes={event.attributes} />
        </section>
      ))}
      {links.map((link, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: links have no ids
        <section className="attributes" key={at}>
          <h3>
            Link to <Link to={`/traces/${link.traceId}?span=${link.spanId}`}>{link.traceId.slice(0, 8)}</Link>
          </h3>
          <AttributeList attributes={link.attributes} />
        </section>
      ))}
      {droppedEventsCount + droppedLinksCount === 0 ? null : (
        <p className="warning-text">
          The client dropped {droppedEventsCount} events and {droppedLinksCount} links.
        </p>
      )}
    </>
  )
}
