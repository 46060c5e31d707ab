// Requests that were refused or that nobody knows, and clients that say hello and send nothing.
import { type ErrorCode, errorKinds } from '../../errors.ts'
import type { ServerFacts } from '../facts.ts'
import { type Finding, finding } from '../finding.ts'

const spansPath = 'Spans are taken at <server>/v1/traces (AGENTOPS_EXPORTER_ENDPOINT is the whole URL).'
const basePath =
  'The exporter adds /v1/traces itself: set OTEL_EXPORTER_OTLP_ENDPOINT to the address of the server alone.'
const modelPath =
  'It is a model call: give the client base_url=<server>/gateway/v1, so that the gateway takes it.'

const readPath = 'Nobody sends spans this way. The addresses to read from are in /api/v1/openapi.json.'

/** Paths that clients take for ours, and what they meant. The first that fits counts. */
const misses: readonly (readonly [pattern: RegExp, fix: string])[] = [
  [/\/v1\/(traces|logs|metrics)\/v1\/(traces|logs|metrics)/, basePath],
  [/\/(chat\/completions|completions|responses|embeddings|messages)$/, modelPath],
  [/opentelemetry\.proto\.collector|\.(TraceService|LogsService|MetricsService)\//, grpcFix()],
  [/\/(v\d\/)?(traces?|spans?|otel|otlp|events?)(\/v1)?(\/traces?)?$/, spansPath],
  [/\/v1\/(trace|span|log|metric)s?\b/, spansPath],
]

/** Errors that a client can do something about, in its own terms. */
const fixes: Partial<Record<ErrorCode, string>> = {
  AGL_UNAUTHORIZED: 'Give the program the key of this server: eval "$(agl agentops env)"',
  AGL_MEDIA_TYPE: 'Let the exporter send OTLP as application/x-protobuf or application/json.',
  AGL_BAD_BODY: 'The client sends something else than it says. Check its exporter and its version.',
  AGL_DISK_FULL: 'Free space on the disk of the data directory.',
}

/** Refused and unknown requests, by kind; those of which none came since `sinceMs` are notes. */
export function checkRequests({ requests: { refused, unknown } }: ServerFacts, sinceMs: number): Finding[] {
  if (refused.length === 0 && unknown.length === 0) return [finding('requests.ok', 'requests')]
  const aged = (lastMs: number) => ({ lastMs, ...(lastMs < sinceMs ? { level: 'info' as const } : {}) })
  return [
    ...refused.map(({ what, count, example, lastMs }) =>
      finding(
        'requests.refused',
        what,
        { error: what, count, example: sentenceOf(example), fix: fixOf(what, example) },
        { count, examples: [example], ...aged(lastMs) },
      ),
    ),
    ...unknown.map(({ what: route, count, example, lastMs }) => {
      const agent = example?.userAgent || 'a client without a name'
      const fix = isRead(route) ? undefined : likelyFix(route)
      const examples = example ? { examples: [`${example.method} ${example.path}`] } : {}
      const more = { count, ...examples, ...aged(lastMs) }
      return fix === undefined
        ? finding(
            'requests.unknown',
            route,
            { route, count, agent },
            isRead(route) ? { ...more, todo: readPath } : more,
          )
        : finding('requests.wrong_endpoint', route, { route, count, agent, fix }, more)
    }),
  ]
}

/** Clients from which no span came. */
export function checkClients({ requests: { silentClients }, waitingClients }: ServerFacts): Finding[] {
  return [
    ...onePerAgent(silentClients).map((client) => {
      const exportsNothing = /agentops-python\/0\.4\.(19|20|21)\b/.test(client.userAgent)
      return ofClient(exportsNothing ? 'clients.exports_nothing' : 'clients.silent', client)
    }),
    ...onePerAgent(waitingClients).map((client) => ofClient('clients.waiting', client)),
  ]
}

/** A program that fetches a token and uploads its console says hello twice. */
function onePerAgent(clients: ServerFacts['waitingClients']): ServerFacts['waitingClients'] {
  return [...new Map(clients.toReversed().map((one) => [one.userAgent, one])).values()].toReversed()
}

function ofClient(
  code: 'clients.exports_nothing' | 'clients.silent' | 'clients.waiting',
  { how, userAgent, sinceSeconds, likelyCause }: ServerFacts['waitingClients'][number],
): Finding {
  const agent = userAgent || 'A client without a name'
  return finding(code, agent, { agent, how, seconds: sinceSeconds, cause: likelyCause })
}

/** What a client meant that sends to a route which is not there; `undefined` when that is not clear. */
export function likelyFix(route: string): string | undefined {
  const path = route.slice(route.indexOf(' ') + 1).replace(/\/$/, '')
  return misses.find(([pattern]) => pattern.test(path))?.[1]
}

function isRead(route: string): boolean {
  return /^(GET|HEAD|OPTIONS) /.test(route)
}

/** What is known of the newest example goes before what is known of the code. */
function fixOf(what: string, example: string): string {
  const [, host] = /Requests for the host (\S+) are refused\./.exec(example) ?? []
  if (what === 'AGL_HOST_REFUSED' && host !== undefined)
    return `If that host is this machine: agl agentops restart --allow-host ${host}`
  const [, origin] = /Requests from web pages of (\S+) are refused\./.exec(example) ?? []
  if (what === 'AGL_ORIGIN_REFUSED' && origin !== undefined)
    return `If you trust that page: agl agentops restart --allow-origin ${origin}`
  if (what === 'AGL_METHOD_NOT_ALLOWED' && /^POST \/: /.test(example)) return spansPath
  const known = fixes[what as ErrorCode]
  if (known !== undefined) return known
  const action = Object.hasOwn(errorKinds, what) ? errorKinds[what as ErrorCode].action : ''
  return action === '' || action.includes('{') ? 'See the code in docs/errors.md.' : action
}

function sentenceOf(example: string): string {
  return /[.!?…)]$/.test(example) ? example : `${example}.`
}

function grpcFix(): string {
  return 'It is OTLP over gRPC, which has a port of its own: start the server with --otlp-ports or --grpc-port.'
}
