import { type ReactNode, useEffect } from 'react'
import { savedKey, type TraceSummary } from '../api.ts'
import { go, usePlace, withParameters } from '../navigation.ts'
import { Copy } from '../ui/copy.tsx'
import { Icon } from '../ui/icons.tsx'
import { Link } from '../ui/link.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { type Client, settingsFor } from './settings.ts'

const clients = [
  { name: 'python', title: 'Python' },
  { name: 'javascript', title: 'JavaScript' },
  { name: 'opentelemetry', title: 'OpenTelemetry' },
] as const satisfies readonly { name: Client; title: string }[]

const words: Readonly<Record<Client, string>> = {
  python: 'The AgentOps SDK, unchanged. Set these where your program starts.',
  javascript: 'The AgentOps SDK for JavaScript. It reads no variables: say it in the program.',
  opentelemetry:
    'Any OpenTelemetry SDK or instrumentation: OpenInference, OpenLLMetry, Vercel AI, Logfire, your own.',
}

/** What there is to do when nothing was recorded yet. `first` is the trace that arrived meanwhile. */
export function GetStarted({
  first,
  showAll,
}: {
  first: TraceSummary | undefined
  showAll: () => void
}): ReactNode {
  const { parameters } = usePlace()
  const client = clients.find(({ name }) => name === parameters.get('client'))?.name ?? 'python'
  useEffect(() => {
    document.title = first ? 'First trace · agl' : 'Get started · agl'
  }, [first])
  return (
    <div className="start">
      <h1>Get started</h1>
      <p>Nothing is recorded yet. Point your program here and run it; everything stays on this machine.</p>
      <Tabs
        label="Client"
        tabs={clients}
        chosen={client}
        choose={(name) => go(withParameters({ client: name }), 'replace')}
      >
        <p>{words[client]}</p>
        {settingsFor(client, location.origin, savedKey()).map(({ title, lines }) => (
          <figure key={title}>
            <figcaption>
              {title} <Copy text={lines} label={`Copy ${title.toLowerCase()}`} />
            </figcaption>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
            <pre tabIndex={0}>{lines}</pre>
          </figure>
        ))}
      </Tabs>
      <p className="listen" role="status">
        {first ? (
          <>
            <Icon name="ok" className="good" />
            <Link to={`/traces/${first.traceId}`}>The first trace is here: {first.name || '(no name)'}</Link>
            <button type="button" className="plain" onClick={showAll}>
              Show the list
            </button>
          </>
        ) : (
          <>
            <span className="live-dot pulse" aria-hidden="true" />
            waiting for the first span …
          </>
        )}
      </p>
    </div>
  )
}
