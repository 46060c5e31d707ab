// What to paste for each client, with the real address and key.

/** A step: what it is, and the lines. */
export interface Step {
  readonly title: string
  readonly lines: string
}

/** The clients that are shown. */
export type Client = 'python' | 'javascript' | 'opentelemetry'

/** The key of clients that must send one to a server that demands none: the nil UUID. */
const OPEN_KEY = '00000000-0000-0000-0000-000000000000'

/** Settings for `client` to send to `origin`. `key` is empty where none is demanded. */
export function settingsFor(client: Client, origin: string, key: string): readonly Step[] {
  // Exporters send their first batches before they have a token: a key that is demanded stands in the path.
  const base = key === '' ? origin : `${origin}/k/${encodeURIComponent(key)}`
  const shownKey = key === '' ? OPEN_KEY : key
  switch (client) {
    case 'python':
      return [
        {
          title: 'Environment',
          lines: [
            `export AGENTOPS_API_KEY=${shownKey}`,
            `export AGENTOPS_API_ENDPOINT=${origin}`,
            `export AGENTOPS_EXPORTER_ENDPOINT=${base}/v1/traces`,
            `export AGENTOPS_APP_URL=${origin}`,
          ].join('\n'),
        },
        { title: 'Program', lines: 'import agentops\n\nagentops.init()' },
      ]
    case 'javascript':
      return [
        {
          title: 'Program',
          lines: [
            "import { agentops } from 'agentops'",
            '',
            'await agentops.init({',
            `  apiKey: '${shownKey}',`,
            `  apiEndpoint: '${origin}',`,
            `  otlpEndpoint: '${base}',`,
            '})',
          ].join('\n'),
        },
      ]
    case 'opentelemetry':
      return [
        {
          title: 'Environment',
          lines: [
            `export OTEL_EXPORTER_OTLP_ENDPOINT=${base}`,
            'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
          ].join('\n'),
        },
      ]
  }
}
