// What an upstream is: its own words on addresses that only one kind of server has, asked once and remembered.

import { upstreamPath } from './address.ts'
import type { Backend } from './bytes/index.ts'
import { type FlatHeaders, headerOf } from './headers.ts'
import type { UpstreamClient } from './upstream-client.ts'
import type { Upstream } from './upstreams.ts'

/** The first call waits this long at most; the answers that come later serve the next one. */
const PATIENCE_MS = 1500
/** An upstream that could not be recognised is asked again after this time. */
const AGAIN_MS = 60_000
const PROBE_MS = 5000
const MOST_BYTES = 256 * 1024

/** Hosts whose servers give no ids and refuse what they do not know. */
const hosted =
  /(^|\.)(openai\.com|anthropic\.com|openai\.azure\.com|googleapis\.com|mistral\.ai|groq\.com|x\.ai|deepseek\.com|openrouter\.ai)$/

/** What an upstream says on one address. */
export interface ProbeAnswer {
  readonly status: number
  readonly headers: FlatHeaders
  readonly body: string
}

/** Addresses by which servers tell themselves apart. */
export const probePaths = [
  '/v1/models',
  '/version',
  '/get_model_info',
  '/props',
  '/health/readiness',
  '/health/liveliness',
  '/info',
]

/** Recognises a server by its answers; `undefined` when they say nothing. */
export function recognise(answers: ReadonlyMap<string, ProbeAnswer>): Backend | undefined {
  const said = (path: string): Record<string, unknown> => parse(answers.get(path))
  const server = [...answers.values()].map(({ headers }) => headerOf(headers, 'server') ?? '').join(' ')
  for (const { headers } of answers.values())
    if (headers.some((name, at) => at % 2 === 0 && /^x-litellm-/i.test(name))) return 'litellm'
  if ('litellm_version' in said('/health/readiness')) return 'litellm'
  // Without a database and a debug setting it tells neither its name nor its version; the spelling is its own.
  const alive = answers.get('/health/liveliness')
  if (alive?.status === 200 && /^"I'm alive!"/.test(alive.body)) return 'litellm'
  const owners = ownersOf(said('/v1/models'))
  if (owners.includes('vllm')) return 'vllm'
  if (owners.includes('sglang')) return 'sglang'
  if (owners.includes('llamacpp') || /llama\.cpp/i.test(server)) return 'llama.cpp'
  if ('model_path' in said('/get_model_info')) return 'sglang'
  if ('default_generation_settings' in said('/props')) return 'llama.cpp'
  const info = said('/info')
  if ('model_id' in info && ('max_concurrent_requests' in info || 'router' in info)) return 'tgi'
  if (owners.some((owner) => ['openai', 'library', 'system', 'ollama'].includes(owner))) return 'openai'
  if (owners.length > 0) return 'unknown'
  return undefined
}

/**
 * Makes sure that the kind of an upstream is known, as far as it can be within 1.5 s. Concurrent calls share one
 * round of questions.
 *
 * @param headers of the call that needs to know, with its credentials
 */
export async function detectBackend(
  client: UpstreamClient,
  upstream: Upstream,
  headers: readonly string[],
): Promise<Backend> {
  if (upstream.backend === undefined && hosted.test(upstream.url.hostname)) {
    upstream.backend = 'openai'
    upstream.backendFrom = 'configured'
  }
  const known = upstream.backend
  const stale = known === undefined || (known === 'unknown' && upstream.backendFrom !== 'configured')
  if (!stale || upstream.settings.ask === 'never') return known ?? 'unknown'
  if (upstream.probing === undefined && Date.now() - upstream.probedAt > AGAIN_MS) {
    upstream.probedAt = Date.now()
    upstream.probing = probe(client, upstream, headers).finally(() => {
      upstream.probing = undefined
    })
  }
  if (upstream.probing && known === undefined) {
    let timer: NodeJS.Timeout | undefined
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS)
    })
    await Promise.race([upstream.probing, enough])
    clearTimeout(timer)
  }
  return upstream.backend ?? 'unknown'
}

async function probe(client: UpstreamClient, upstream: Upstream, headers: readonly string[]): Promise<void> {
  const answers = new Map<string, ProbeAnswer>()
  const credentials: string[] = ['accept-encoding', 'identity', 'accept', 'application/json']
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (/^(authorization|x-api-key|api-key|x-agl-instance)$/i.test(headers[at] as string))
      credentials.push(headers[at] as string, headers[at + 1] as string)
  }
  const { promise: certain, resolve: beCertain } = Promise.withResolvers<void>()
  const all = Promise.all(
    probePaths.map(async (path) => {
      const answer = await ask(client, upstream, path, credentials)
      if (!answer) return
      answers.set(path, answer)
      // What servers of one kind alone say need not wait for the silence of others.
      const backend = recognise(answers)
      if (backend !== undefined && backend !== 'openai' && backend !== 'unknown') beCertain()
    }),
  )
  await Promise.race([certain, all])
  const backend = recognise(answers)
  // A server that did not answer at all may be starting: it is asked again by the next call.
  if (answers.size === 0) upstream.probedAt = 0
  if (backend === undefined) return
  upstream.backend = backend
  upstream.backendFrom = 'probe'
}

async function ask(
  client: UpstreamClient,
  upstream: Upstream,
  path: string,
  headers: string[],
): Promise<ProbeAnswer | undefined> {
  const target = upstreamPath(upstream.url, path)
  const call = client.send({ ...target, method: 'GET', headers, body: null })
  const timer = setTimeout(() => call.abort(new Error('no answer in time')), PROBE_MS)
  try {
    const reply = await call.reply
    const body = await new Promise<string>((resolve, reject) => {
      const parts: Buffer[] = []
      let length = 0
      reply.read({
        data: (chunk) => {
          parts.push(chunk)
          length += chunk.length
          if (length > MOST_BYTES) call.abort(new Error('too long'))
        },
        end: () => resolve(Buffer.concat(parts).toString()),
        failed: reject,
      })
    })
    return { status: reply.status, headers: reply.headers, body }
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

function parse(answer: ProbeAnswer | undefined): Record<string, unknown> {
  if (answer?.status !== 200) return {}
  try {
    const value: unknown = JSON.parse(answer.body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function ownersOf(models: Record<string, unknown>): string[] {
  if (!Array.isArray(models.data)) return []
  return models.data.flatMap((model: unknown) => {
    const owner = (model as { owned_by?: unknown } | null)?.owned_by
    return typeof owner === 'string' ? [owner.toLowerCase()] : []
  })
}
