// Which upstream a call goes to: those that serve the model and the API, and of these one by rendezvous hashing, so
// that a rollout stays with the server that holds its prefix cache.
import { createHash } from 'node:crypto'
import type { CallDialect } from '../token-ids/types.ts'
import { dialectOf } from './address.ts'
import type { Backend } from './bytes/index.ts'
import type { UpstreamSettings } from './settings.ts'

/** An upstream with what was learnt of it since the start. */
export interface Upstream {
  readonly settings: UpstreamSettings
  /** `settings.url`, parsed once. */
  readonly url: URL
  /** What it is, once known. */
  backend: Backend | undefined
  /** Where `backend` comes from. */
  backendFrom: 'configured' | 'probe' | 'reply' | undefined
  /** When it was last asked what it is; ms since the Unix epoch. */
  probedAt: number
  probing: Promise<void> | undefined
  /** Dialect and kind of reply (`chat stream`) → flags that it refused. */
  readonly refused: Map<string, readonly string[]>
  inFlight: number
}

const backends: readonly Backend[] = ['vllm', 'sglang', 'litellm', 'llama.cpp', 'tgi', 'openai', 'unknown']

/** An upstream of whom nothing but its settings is known. */
export function makeUpstream(settings: UpstreamSettings): Upstream {
  const configured = backends.find((backend) => backend === settings.backend)
  // A name that is not known gives no ids either: `transformers`, `ollama`, `azure` …
  const backend = configured ?? (settings.backend === undefined ? undefined : 'openai')
  return {
    settings,
    url: new URL(settings.url),
    backend,
    backendFrom: backend === undefined ? undefined : 'configured',
    probedAt: 0,
    probing: undefined,
    refused: new Map(),
    inFlight: 0,
  }
}

/**
 * Chooses among `upstreams`; `undefined` when none serves the call.
 *
 * @param key what stays together: the rollout, else the trace
 */
export function chooseUpstream(
  upstreams: readonly Upstream[],
  call: { readonly dialect: CallDialect; readonly path: string; readonly model: string | undefined },
  key: string,
): Upstream | undefined {
  // Below the path of an API (`/v1/messages/count_tokens`) is that API.
  const dialect = call.dialect === 'other' ? parentDialect(call.path) : call.dialect
  let best: Upstream[] = []
  let bestRank = -1
  for (const upstream of upstreams) {
    const { models, dialects } = upstream.settings
    if (models && call.model !== undefined && !models.includes(call.model)) continue
    if (dialects && !dialects.includes(dialect)) continue
    // Who names the model or the API wins over who takes any.
    const rank = (models && call.model !== undefined ? 2 : 0) + (dialects ? 1 : 0)
    if (rank > bestRank) best = []
    if (rank >= bestRank) best.push(upstream)
    bestRank = Math.max(rank, bestRank)
  }
  return best.length <= 1 ? best[0] : rendezvous(best, key)
}

/** The one with the highest hash: where one comes or goes, only its own keys move. */
function rendezvous(upstreams: readonly Upstream[], key: string): Upstream | undefined {
  let chosen: Upstream | undefined
  let highest = -1
  for (const upstream of upstreams) {
    const weight = createHash('sha256').update(`${upstream.settings.name}\n${key}`).digest().readUIntBE(0, 6)
    if (weight > highest) {
      chosen = upstream
      highest = weight
    }
  }
  return chosen
}

function parentDialect(path: string): CallDialect {
  const plain = path.split('?', 1)[0] ?? ''
  return dialectOf(plain.slice(0, plain.lastIndexOf('/')))
}

/** What an upstream refused of a kind of call; empty when nothing. */
export function refusedBy(upstream: Upstream, dialect: CallDialect, stream: boolean): readonly string[] {
  return upstream.refused.get(refusalKey(dialect, stream)) ?? []
}

/** Notes that an upstream refuses flags in a kind of call. */
export function noteRefusal(
  upstream: Upstream,
  dialect: CallDialect,
  stream: boolean,
  flags: readonly string[],
): void {
  upstream.refused.set(refusalKey(dialect, stream), flags)
}

function refusalKey(dialect: CallDialect, stream: boolean): string {
  return `${dialect}${stream ? ' stream' : ''}`
}
