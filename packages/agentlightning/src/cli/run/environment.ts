// The environment of a program under `agl run`. Pure.
import { clientEnv, type Reachable } from '../../manager/client-env.ts'
import type { ServerState } from '../../server/data-dir/state-file.ts'
import { runTag } from '../../trace/run-tag.ts'
import type { RunIdentity } from './server.ts'
import { isServerUrl } from './server-url.ts'
import { type UpstreamPlan, upstreamVariable } from './upstreams.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Server = Reachable & Pick<ServerState, 'ports'>

/** Variables for a program, and lines that tell its user what was not done, or replaced. */
export interface RunEnvironment {
  readonly vars: Readonly<Record<string, string>>
  readonly notes: readonly string[]
}

/**
 * The variables that a program needs.
 *
 * @param env what it would have without us
 * @param gateway absent: model calls go where they went
 * @param hooks of `hooksEnv`, or what keeps them out
 */
export function runEnvironment(
  server: Server & { readonly dataDir: string },
  identity: RunIdentity,
  env: Environment,
  parts: { readonly gateway?: UpstreamPlan; readonly hooks?: Readonly<Record<string, string>> },
): RunEnvironment {
  const {
    OTEL_EXPORTER_OTLP_ENDPOINT: base = server.url,
    OTEL_EXPORTER_OTLP_PROTOCOL,
    ...vars
  } = clientEnv(server, env)
  const otlp = otlpEnv(base, server, env)
  const { run, rollout, attempt } = identity
  return {
    vars: {
      ...vars,
      ...otlp.vars,
      AGENTOPS_DEFAULT_TAGS: [env.AGENTOPS_DEFAULT_TAGS, ...tagsOf(identity)].filter(Boolean).join(','),
      OTEL_RESOURCE_ATTRIBUTES: resourceAttributes(identity, env.OTEL_RESOURCE_ATTRIBUTES),
      ...(parts.gateway ? gatewayEnv(base, run, parts.gateway) : {}),
      ...parts.hooks,
      AGL_SERVER_URL: base,
      AGL_DATA_DIR: server.dataDir,
      AGL_RUN_ID: run,
      AGL_ROLLOUT_ID: rollout,
      ...(attempt === undefined ? {} : { AGL_ATTEMPT_ID: attempt }),
    },
    notes: [...agentopsNotes(server.url, env), ...otlp.notes, ...(parts.gateway?.notes ?? [])],
  }
}

/** OpenTelemetry goes to this server, unless the user has a collector: that is never taken away. */
function otlpEnv(base: string, { url: serverUrl, ports }: Server, env: Environment): RunEnvironment {
  const own = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'].find((name) => {
    const url = env[name]
    return url && !isServerUrl(url, serverUrl)
  })
  if (own !== undefined) {
    // Its ports for OTLP, such as the one for gRPC, are this server as well.
    const others = [...(ports?.http ?? []), ...(ports?.grpc ?? [])]
    // Exporters for gRPC take a host and a port alone, too.
    const url = /^\w+:\/\//.test(env[own] ?? '') ? env[own] : `http://${env[own]}`
    const { hostname } = new URL(serverUrl)
    if (others.some((port) => isServerUrl(url ?? '', `http://${hostname}:${port}`)))
      return { vars: {}, notes: [] }
    const note = `${own} stays as it is (${shown(env[own])}): spans of OpenTelemetry go there and not to this server.`
    return { vars: {}, notes: [note] }
  }
  const vars: Record<string, string> = {
    OTEL_EXPORTER_OTLP_ENDPOINT: base,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  }
  for (const signal of ['TRACES', 'LOGS', 'METRICS']) {
    const name = `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`
    // It would win over the general one, and speak gRPC to a port of HTTP.
    if (env[name] && !env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]) vars[name] = 'http/protobuf'
  }
  return { vars, notes: [] }
}

function agentopsNotes(serverUrl: string, env: Environment): string[] {
  const replaced = ['AGENTOPS_API_ENDPOINT', 'AGENTOPS_EXPORTER_ENDPOINT'].filter((name) => {
    const url = env[name]
    return url && !isServerUrl(url, serverUrl)
  })
  if (replaced.length === 0) return []
  const were = replaced.map((name) => `${name} (${shown(env[name])})`).join(' and ')
  return [`${were} ${replaced.length > 1 ? 'are' : 'is'} replaced: AgentOps sends to this server.`]
}

function gatewayEnv(base: string, run: string, { upstreams, through }: UpstreamPlan): Record<string, string> {
  const address = `${base}/gateway/r/${encodeURIComponent(run)}`
  const vars: Record<string, string> = {}
  if (through.includes('openai')) {
    vars.OPENAI_BASE_URL = `${address}/v1`
    vars.OPENAI_API_BASE = `${address}/v1`
  }
  if (through.includes('anthropic')) {
    vars.ANTHROPIC_BASE_URL = address
    vars.ANTHROPIC_API_BASE = address
  }
  if (upstreams.openai) vars[upstreamVariable.openai] = upstreams.openai
  if (upstreams.anthropic) vars[upstreamVariable.anthropic] = upstreams.anthropic
  return vars
}

function tagsOf({ run, tags }: RunIdentity): string[] {
  return [...tags, runTag(run)]
}

/**
 * W3C Baggage form, as opentelemetry.io/docs/specs/otel/resource/sdk says; the names of rollout and attempt are those
 * of Agent Lightning. Tags that stand there already are kept.
 */
function resourceAttributes(identity: RunIdentity, before: string | undefined): string {
  const kept = new Map<string, string>()
  for (const entry of (before ?? '').split(',')) {
    const [name = '', ...value] = entry.split('=')
    if (name.trim()) kept.set(name.trim(), value.join('=').trim())
  }
  const set = (name: string, value: string): unknown => kept.set(name, encodeURIComponent(value))
  const tags = [...tagsIn(kept.get('agentops.tags')), ...tagsOf(identity)]
  set('agentops.tags', JSON.stringify(tags))
  set('agentlightning.run_id', identity.run)
  set('agentlightning.rollout_id', identity.rollout)
  if (identity.attempt !== undefined) set('agentlightning.attempt_id', identity.attempt)
  return [...kept].map(([name, value]) => `${name}=${value}`).join(',')
}

function tagsIn(encoded: string | undefined): string[] {
  if (!encoded) return []
  try {
    const text = decodeURIComponent(encoded)
    if (!text.startsWith('[')) return [text]
    return (JSON.parse(text) as unknown[]).filter((tag): tag is string => typeof tag === 'string')
  } catch {
    return []
  }
}

/** A URL for a line of text: without what may be secret in it. */
function shown(url: string | undefined): string {
  return URL.parse(url ?? '')?.origin ?? 'not a URL'
}
