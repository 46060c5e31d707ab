// The settings with which a client finds a server.
import type { ServerConfig } from '../server/config.ts'

/**
 * The key of a client when the server demands none. Of the form that AgentOps 0.3 insists on (a UUID), and
 * the nil one of RFC 9562, so that it cannot be anyone's.
 */
const openKey = '00000000-0000-0000-0000-000000000000'

/** Where a server listens and which key it wants. */
export interface Reachable {
  readonly url: string
  readonly config: Pick<ServerConfig, 'apiKey'>
}

const proxyVariables = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY']
const directHosts = ['localhost', '127.0.0.1', '::1']

/** The key that a client of this server sends. */
export function clientKey(server: Reachable): string {
  return server.config.apiKey ?? openKey
}

/**
 * The environment variables that make the AgentOps SDKs and any OTLP exporter send to this server. With a proxy
 * in `surroundings`, also those that let local requests pass it by.
 */
export function clientEnv(
  server: Reachable,
  surroundings: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const key = server.config.apiKey
  // Exporters send their first batches before they have a token: a key that is demanded stands in the path.
  const base = key === undefined ? server.url : `${server.url}/k/${encodeURIComponent(key)}`
  return {
    AGENTOPS_API_KEY: clientKey(server),
    AGENTOPS_API_ENDPOINT: server.url,
    AGENTOPS_EXPORTER_ENDPOINT: `${base}/v1/traces`,
    AGENTOPS_APP_URL: server.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: base,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    ...directEnv(surroundings),
  }
}

/** `NO_PROXY` and `no_proxy` with the hosts of this machine added; empty when no proxy is set. */
export function directEnv(
  surroundings: Readonly<Record<string, string | undefined>>,
): Partial<Record<'NO_PROXY' | 'no_proxy', string>> {
  if (!proxyVariables.some((name) => surroundings[name])) return {}
  const listed = (surroundings.no_proxy || surroundings.NO_PROXY || '')
    .split(',')
    .map((host) => host.trim())
    .filter(Boolean)
  if (listed.includes('*')) return {}
  const hosts = [...listed, ...directHosts.filter((host) => !listed.includes(host))].join(',')
  return { NO_PROXY: hosts, no_proxy: hosts }
}
