import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { getSpan, type TraceSummary, type TreeSpan } from '../api.ts'
import { go, usePlace, withParameters } from '../navigation.ts'
import { Icon } from '../ui/icons.tsx'
import { KindIcon, kindWord } from '../ui/kinds.tsx'
import { LongText } from '../ui/long-text.tsx'
import { Failure, Waiting } from '../ui/problem.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { absolute, formatBytes, formatCost, formatDuration, formatTokens, spanDuration } from '../values.ts'
import { Attributes } from './attributes.tsx'
import { Events } from './events.tsx'
import { Logs } from './logs.tsx'
import { Messages } from './messages.tsx'
import { Parameters } from './parameters.tsx'

const tabs = [
  { name: 'messages', title: 'Messages' },
  { name: 'parameters', title: 'Parameters' },
  { name: 'attributes', title: 'Attributes' },
  { name: 'events', title: 'Events' },
  { name: 'logs', title: 'Logs' },
  { name: 'raw', title: 'Raw' },
] as const
type TabName = (typeof tabs)[number]['name']

/** One span: first what a person asks, last what a machine sent. */
export function SpanPanel({
  trace,
  span,
  close,
}: {
  trace: TraceSummary
  span: TreeSpan
  close: (() => void) | undefined
}): ReactNode {
  const { parameters } = usePlace()
  const tab = tabs.find(({ name }) => name === parameters.get('tab'))?.name ?? 'messages'
  const whole = useQuery({
    // Another copy of the span may have replaced the one that was read.
    queryKey: ['span', trace.traceId, span.spanId, span.endNs, span.attributeCount],
    queryFn: ({ signal }) => getSpan(trace.traceId, span.spanId, signal),
    enabled: tab !== 'messages' && tab !== 'logs',
  })
  const { fields } = span
  const model = fields.responseModel ?? fields.requestModel
  const after = BigInt(span.startNs) - BigInt(trace.startNs)
  const facts: [string, string, string][] = [
    [kindWord(fields.type), '', 'kind'],
    ...(model === undefined ? [] : ([[model, fields.provider ?? '', 'model']] as [string, string, string][])),
    ...(fields.usage === undefined
      ? []
      : ([
          [
            `${formatTokens(fields.usage.input)} → ${formatTokens(fields.usage.output)} tokens`,
            JSON.stringify(fields.usage),
            'usage',
          ],
        ] as [string, string, string][])),
    ...(fields.cost === undefined
      ? []
      : ([[formatCost(fields.cost), `$${fields.cost}`, 'cost']] as [string, string, string][])),
    ...(after < 0n
      ? []
      : ([[`at +${formatDuration(after)}`, absolute(span.startNs), 'start']] as [string, string, string][])),
    [formatBytes(span.payloadBytes), 'Size as it was sent', 'size'],
  ]
  return (
    <section className="span-panel" aria-label="Span">
      <header className="span-top">
        {close ? (
          <button type="button" className="plain" aria-label="Back to the timeline" onClick={close}>
            <Icon name="back" />
          </button>
        ) : null}
        <KindIcon type={fields.type} />
        <h2>{span.name || '(no name)'}</h2>
        <span className="number span-took">{spanDuration(span)}</span>
        <ul className="facts number dim">
          {facts.map(([text, title, key]) => (
            <li key={key} title={title}>
              {text}
            </li>
          ))}
        </ul>
      </header>
      {span.statusCode === 2 ? (
        <div className="span-problem">
          <Icon name="error" />
          <p>{fields.error ?? 'This span says that it failed, and not why.'}</p>
        </div>
      ) : null}
      <Tabs<TabName>
        label="Span details"
        tabs={tabs}
        chosen={tab}
        choose={(name) => go(withParameters({ tab: name === 'messages' ? undefined : name }), 'replace')}
      >
        {tab === 'messages' ? (
          <Messages trace={trace.traceId} span={span} />
        ) : tab === 'logs' ? (
          <Logs trace={trace.traceId} />
        ) : whole.isError ? (
          <Failure error={whole.error} retry={() => void whole.refetch()} />
        ) : !whole.data ? (
          <Waiting what="the span's payload" />
        ) : tab === 'parameters' ? (
          <Parameters whole={whole.data} span={span} />
        ) : tab === 'attributes' ? (
          <Attributes whole={whole.data} />
        ) : tab === 'events' ? (
          <Events whole={whole.data} />
        ) : (
          <LongText text={JSON.stringify(whole.data, null, 2)} label="span as JSON" />
        )}
      </Tabs>
    </section>
  )
}
