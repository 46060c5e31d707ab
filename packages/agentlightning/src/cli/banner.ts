// What a newcomer sees when the server is there: where it is, and what to paste.
import { clientEnv, clientKey } from '../manager/client-env.ts'
import type { Ports } from '../server/config.ts'
import { currentShell, quoteIfNeeded, renderEnv } from './shell.ts'

export interface Announcement {
  readonly url: string
  /** Undefined when its server does not tell. */
  readonly ports: Ports | undefined
  readonly pid: number
  readonly dataDir: string
  readonly apiKey: string | undefined
  readonly mode: 'foreground' | 'background' | 'already running'
  /** Its data goes when it ends. */
  readonly memory: boolean
  /** Its data directory has to be named for other commands to find it. */
  readonly named: boolean
}

const headlines: Readonly<Record<Announcement['mode'], string>> = {
  foreground: 'is ready at',
  background: 'is ready in the background at',
  'already running': 'is already running at',
}

/** The text that is printed when a server is ready. */
export function banner(server: Announcement, env: Readonly<Record<string, string | undefined>>): string {
  const { url, pid, dataDir, mode, memory, named } = server
  const reachable = { url, config: { apiKey: server.apiKey } }
  const vars = clientEnv(reachable, env)
  const shell = currentShell(env)
  const paste = (...names: string[]): string =>
    indent(renderEnv(Object.fromEntries(names.map((name) => [name, vars[name] ?? ''])), shell))
  const which = named || memory ? ` --data-dir ${quoteIfNeeded(dataDir, shell)}` : ''
  const stop = mode === 'foreground' ? 'Ctrl-C' : `agl agentops stop${which}`
  const base = vars.OTEL_EXPORTER_OTLP_ENDPOINT ?? url
  return [
    `Agent Lightning ${headlines[mode]} ${url} (pid ${pid})`,
    ...otherPorts(server.ports),
    `Data: ${dataDir}${memory ? ' (removed when it stops)' : ''}`,
    '',
    'AgentOps for Python:',
    paste('AGENTOPS_API_KEY', 'AGENTOPS_API_ENDPOINT', 'AGENTOPS_EXPORTER_ENDPOINT', 'AGENTOPS_APP_URL'),
    '',
    'AgentOps for JavaScript:',
    `  await agentops.init({ apiKey: '${clientKey(reachable)}', apiEndpoint: '${url}', otlpEndpoint: '${base}' })`,
    '',
    'Any OpenTelemetry exporter:',
    paste('OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_PROTOCOL'),
    '',
    'Any program, with its model calls and their token ids:',
    `  agl run${which} -- COMMAND`,
    ...('NO_PROXY' in vars
      ? ['', 'A proxy is set here; this keeps local requests away from it:', paste('NO_PROXY', 'no_proxy')]
      : []),
    '',
    `Read back: agl traces list${which}    Stop: ${stop}`,
  ].join('\n')
}

/** The ports beside the server's own, in a line; no line when there are none. */
export function otherPorts(ports: Ports | undefined): string[] {
  const grpc = (ports?.grpc ?? []).map((port) => `${port} (OTLP/gRPC)`)
  const http = (ports?.http ?? []).slice(1).map((port) => `${port} (OTLP/HTTP)`)
  const all = [...grpc, ...http].join(', ')
  return all === '' ? [] : [`Also listening on: ${all}`]
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}
