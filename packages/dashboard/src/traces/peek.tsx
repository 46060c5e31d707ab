import type { ReactNode } from 'react'
import type { TreeSpan } from '../api.ts'
import { Messages } from '../trace/messages.tsx'
import { useTrace } from '../trace/use-trace.ts'
import { Icon } from '../ui/icons.tsx'
import { KindIcon } from '../ui/kinds.tsx'
import { Link } from '../ui/link.tsx'
import { Failure, Waiting } from '../ui/problem.tsx'
import { formatCount, spanDuration } from '../values.ts'

/** A trace beside the list: what was said last, which holds what was said before. */
export function Peek({ id, close }: { id: string; close: () => void }): ReactNode {
  const { trace, spans, complete, error, retry } = useTrace(id)
  const span = lastCall(spans)
  return (
    <aside className="peek" aria-label="Trace at a glance">
      <header className="span-top">
        <h2>
          <Link to={`/traces/${id}`}>{trace?.name || '(no name)'}</Link>
        </h2>
        <button type="button" className="plain" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
        <p className="dim peek-facts">
          {trace === undefined
            ? null
            : `${formatCount(trace.calls, 'call')}, ${formatCount(trace.tools, 'tool')}`}
        </p>
      </header>
      {trace?.error === undefined ? null : (
        <div className="span-problem">
          <Icon name="error" />
          <p>{trace.error}</p>
        </div>
      )}
      {error !== undefined ? (
        <Failure error={error} retry={retry} />
      ) : trace === undefined || span === undefined || !complete ? (
        <Waiting what="the trace" cancel={close} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
        <section className="tab-panel" tabIndex={0} aria-label="Messages">
          <p className="peek-span dim">
            <KindIcon type={span.fields.type} />
            <Link to={`/traces/${id}?span=${span.spanId}`}>{span.name || '(no name)'}</Link>
            <span className="number">{spanDuration(span)}</span>
          </p>
          <Messages trace={trace} span={span} />
        </section>
      )}
    </aside>
  )
}

/** The model call that began last, else the root. */
function lastCall(spans: readonly TreeSpan[]): TreeSpan | undefined {
  return (
    spans.findLast(({ fields }) => fields.type === 'llm') ??
    spans.find(({ parentSpanId }) => parentSpanId === undefined) ??
    spans[0]
  )
}
