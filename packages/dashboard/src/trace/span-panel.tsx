import { type ReactNode, Suspense } from 'react'
import type { TraceSummary, TreeSpan } from '../api.ts'
import { go, usePlace, withParameters } from '../navigation.ts'
import { Icon } from '../ui/icons.tsx'
import { KindIcon, kindWord } from '../ui/kinds.tsx'
import { Waiting } from '../ui/problem.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { absolute, formatBytes, formatCost, formatDuration, formatTokens, spanDuration } from '../values.ts'
import { spanTabs } from './span-tabs/index.ts'

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
  const tabs = spanTabs.filter(({ applies }) => applies?.({ trace, span }) ?? true)
  const tab = tabs.find(({ name }) => name === parameters.get('tab')) ?? tabs[0]
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
      {tab ? (
        <Tabs
          label="Span details"
          tabs={tabs}
          chosen={tab.name}
          choose={(name) => go(withParameters({ tab: name === tabs[0]?.name ? undefined : name }), 'replace')}
        >
          <Suspense fallback={<Waiting what="this tab" />}>
            <tab.Content trace={trace} span={span} />
          </Suspense>
        </Tabs>
      ) : null}
    </section>
  )
}
