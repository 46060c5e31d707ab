// The variables of a shell: where they send an SDK, and what they switch off.
import { clientEnv, directEnv, type Reachable } from '../../manager/client-env.ts'
import type { Environment } from '../facts.ts'
import { type Finding, finding, type Level } from '../finding.ts'

const proxies = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY']
const local = ['localhost', '127.0.0.1', '[::1]', '0.0.0.0']
/** Variables with an address of this server, besides those with the whole URL of one route. */
const bases = ['AGENTOPS_API_ENDPOINT', 'AGENTOPS_EXPORTER_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const
const wholeUrls = ['AGENTOPS_EXPORTER_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const
/** Where model calls are taken, besides the gateway: its addresses for rollouts; a key may stand before them. */
const modelPaths = /^(\/k\/[^/]+)?\/(gateway|rollout)(\/|$)/
const models = { OPENAI_BASE_URL: '/gateway/v1', ANTHROPIC_BASE_URL: '/gateway' } as const
/** OpenTelemetry's default; less than that is set by hand. */
const USUAL_ATTRIBUTES = 128

const switches: readonly (readonly [name: string, value: RegExp, what: string])[] = [
  ['OTEL_SDK_DISABLED', /^true$/i, 'OpenTelemetry as a whole'],
  ['OTEL_TRACES_EXPORTER', /^none$/i, 'the export of spans'],
  ['AGENTOPS_INSTRUMENT_LLM_CALLS', /^(false|0|no)$/i, 'the spans of model calls'],
  ['AGENTOPS_AUTO_START_SESSION', /^(false|0|no)$/i, 'the trace that AgentOps starts by itself'],
  ['TRACELOOP_TRACE_CONTENT', /^(false|0|no)$/i, 'prompts and replies on the spans'],
]

/** A server as the variables are compared with it. */
export interface Target extends Reachable {
  readonly ports: readonly number[]
  /** The gateway has a model server behind it. */
  readonly hasUpstream: boolean
  /** Clients without its key are refused. */
  readonly demandsKey: boolean
}

/** What the variables do to programs that this shell starts. Without a server only what needs none. */
export function checkEnvironment(env: Environment, server: Target | undefined): Finding[] {
  const found = [
    ...checkProxy(env, server),
    ...(server ? [...checkAddresses(env, server), ...checkProtocol(env, server)] : []),
    ...switches.flatMap(([name, pattern, what]) => {
      const value = env[name]?.trim()
      return value && pattern.test(value) ? [finding('env.switched_off', name, { name, value, what })] : []
    }),
    ...checkLimits(env),
  ]
  if (!server || found.some(({ level }) => level !== 'info')) return found
  const isSet = bases.some((name) => env[name])
  return [...found, finding(isSet ? 'env.ok' : 'env.unset', 'environment')]
}

/** True where spans of AgentOps or OpenTelemetry are sent to this server by the variables. */
export function pointsAt(env: Environment, server: Target): boolean {
  return [...wholeUrls, 'OTEL_EXPORTER_OTLP_ENDPOINT'].some((name) => isOurs(env[name]?.trim() ?? '', server))
}

function checkProxy(env: Environment, server: Target | undefined): Finding[] {
  const name = proxies.find((variable) => env[variable])
  if (name === undefined) return []
  const listed = (env.no_proxy || env.NO_PROXY || '').split(',').map((host) => host.trim())
  const missing = (directEnv(env).NO_PROXY ?? '').split(',').filter((host) => host && !listed.includes(host))
  const used = server ? hostsUsed(env, server) : local
  const needed = missing.filter((host) => host !== '::1' && used.includes(host))
  if (needed.length === 0) return []
  return [finding('env.proxy', name, { name, proxy: withoutUser(env[name] ?? ''), hosts: needed.join(', ') })]
}

/** By which a program reaches this server: a proxy may take those that are never asked for. */
function hostsUsed(env: Environment, server: Target): string[] {
  const named = [...bases, ...wholeUrls, ...Object.keys(models)].flatMap((name) => {
    const value = env[name]?.trim()
    return value && isOurs(value, server) ? [new URL(value).hostname] : []
  })
  return [new URL(server.url).hostname, ...named]
}

function checkAddresses(env: Environment, server: Target): Finding[] {
  const wanted: Environment = clientEnv(server, {})
  const found: Finding[] = []
  for (const name of [...bases, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const) {
    const value = env[name]?.trim()
    if (!value) continue
    const exporter = wanted.AGENTOPS_EXPORTER_ENDPOINT ?? ''
    const right = name === 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT' ? exporter : (wanted[name] ?? '')
    const details = { name, value: withoutUser(value), wanted: right }
    const effect = effectOfPath(name, value)
    if (!isOurs(value, server)) found.push(finding('env.elsewhere', name, details))
    else if (isTls(value)) found.push(finding('env.tls', name, details))
    else if (wholeUrls.some((one) => one === name) && !/\/v1\/traces\/?$/.test(value))
      found.push(finding('env.exporter_path', name, details))
    else if (effect !== undefined)
      found.push(
        finding('env.endpoint_path', name, { ...details, effect: effect.words }, { level: effect.level }),
      )
  }
  if (env.AGENTOPS_API_ENDPOINT && !env.AGENTOPS_EXPORTER_ENDPOINT)
    found.push(
      finding('env.exporter_missing', 'AGENTOPS_EXPORTER_ENDPOINT', {
        wanted: wanted.AGENTOPS_EXPORTER_ENDPOINT ?? '',
      }),
    )
  const key = env.AGENTOPS_API_KEY?.trim()
  const isBound = found.every(({ code }) => code !== 'env.elsewhere')
  if (server.demandsKey && isBound && key && key !== server.config.apiKey)
    found.push(finding('env.key', 'AGENTOPS_API_KEY', { name: 'AGENTOPS_API_KEY' }))
  return [...found, ...checkModels(env, server)]
}

/** Where model calls go. */
function checkModels(env: Environment, server: Target): Finding[] {
  return Object.entries(models).flatMap(([name, path]) => {
    const value = env[name]?.trim()
    if (!value) return []
    const details = { name, value: withoutUser(value), wanted: server.url + path }
    if (!isOurs(value, server)) return server.hasUpstream ? [finding('env.past_gateway', name, details)] : []
    if (isTls(value)) return [finding('env.tls', name, details)]
    return modelPaths.test(new URL(value).pathname) ? [] : [finding('env.model_path', name, details)]
  })
}

/** What comes of a path in an address to which clients add their own; `undefined` where it has none. */
function effectOfPath(name: string, value: string): { words: string; level: Level } | undefined {
  const path =
    URL.parse(value)
      ?.pathname.replace(/^\/k\/[^/]+/, '')
      .replace(/\/+$/, '') ?? ''
  if (path === '' || wholeUrls.some((one) => one === name)) return undefined
  // The server knows the doubled path, but an exporter of log records adds another one.
  return name === 'OTEL_EXPORTER_OTLP_ENDPOINT' && path === '/v1/traces'
    ? { words: 'only spans arrive, no log records and metrics', level: 'info' }
    : { words: 'reach an address that is not there', level: 'warn' }
}

/** The server speaks no TLS, so that an address of it with https leads nowhere. */
function isTls(value: string): boolean {
  return URL.parse(value)?.protocol === 'https:'
}

/** Every port takes both protocols, but gRPC sends no path. */
function checkProtocol(env: Environment, server: Target): Finding[] {
  const [own, general] = ['TRACES_', ''].map((signal) => ({
    endpoint: env[`OTEL_EXPORTER_OTLP_${signal}ENDPOINT`]?.trim(),
    name: `OTEL_EXPORTER_OTLP_${signal}PROTOCOL`,
  }))
  const endpoint = own?.endpoint || general?.endpoint
  const name = [own?.name, general?.name].find((each) => each !== undefined && env[each]?.trim())
  if (!endpoint || name === undefined || !isOurs(endpoint, server)) return []
  const value = env[name]?.trim() ?? ''
  const isKeyLost = value === 'grpc' && new URL(endpoint).pathname.startsWith('/k/')
  return isKeyLost ? [finding('env.protocol', name, { name })] : []
}

function checkLimits(env: Environment): Finding[] {
  return ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'].flatMap((name) => {
    const value = env[name]?.trim()
    const isLow = value !== undefined && /^\d+$/.test(value) && Number(value) <= USUAL_ATTRIBUTES
    return isLow ? [finding('env.attribute_limit', name, { name, value })] : []
  })
}

function isOurs(value: string, { url, ports }: Target): boolean {
  const given = URL.parse(value)
  const own = new URL(url)
  if (given === null || !/^https?:$/.test(given.protocol)) return false
  if (!ports.includes(portOf(given))) return false
  return given.hostname === own.hostname || local.includes(given.hostname)
}

function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === 'https:' ? 443 : 80))
}

/** Proxies are often written with a password. */
function withoutUser(value: string): string {
  return value.replace(/\/\/[^/@]*@/, '//…@')
}
