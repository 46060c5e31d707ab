// The addresses of the gateway: what the path of a request says of its run, rollout, attempt and API.
import type { CallDialect } from '../token-ids/types.ts'

/** Where a request is meant to go, and what its path says of whom it belongs to. */
export interface CallAddress {
  /** Path for the upstream with its query, e.g. `/v1/chat/completions?x=1`. */
  readonly path: string
  readonly dialect: CallDialect
  readonly run?: string
  readonly rollout?: string
  readonly attempt?: string
  readonly mode?: string
}

/** What stands before the upstream's path. Agent Lightning 0.3 put it under `/rollout`, 1.0 under `/proxy`. */
const prefixes = [
  /^\/gateway\/r\/(?<run>[^/?]+)(?<rest>\/.*)$/,
  /^\/gateway(?<rest>\/.*)$/,
  /^\/rollout\/(?<rollout>[^/?]+)\/attempt\/(?<attempt>[^/?]+)(?<rest>\/.*)$/,
  /^\/proxy\/rollout\/(?<rollout>[^/?]+)\/attempt\/(?<attempt>[^/?]+)\/mode\/(?<mode>[^/?]+)\/openai(?<rest>\/.*)$/,
]

const dialectOfPath: readonly (readonly [RegExp, CallDialect])[] = [
  [/\/chat\/completions$/, 'chat'],
  [/\/completions$/, 'completions'],
  [/\/responses$/, 'responses'],
  [/\/embeddings$/, 'embeddings'],
  [/\/messages$/, 'messages'],
  // The servers' own: SGLang and TGI, llama.cpp.
  [/^\/(generate|completion)$/, 'generate'],
]

/** Paths that some clients send without the version in front. */
const unversioned = /^\/(chat\/completions|completions|responses|embeddings|messages|models)(?=[/?]|$)/

/** Reads the path of a request; `undefined` when it is none of the gateway's. */
export function parseAddress(url: string): CallAddress | undefined {
  for (const prefix of prefixes) {
    const groups = prefix.exec(url)?.groups
    if (!groups) continue
    const { rest = '/', run, rollout, attempt, mode } = groups
    const path = unversioned.test(rest) ? `/v1${rest}` : rest
    return {
      path,
      dialect: dialectOf(path),
      ...(run === undefined ? {} : { run: decoded(run) }),
      ...(rollout === undefined ? {} : { rollout: decoded(rollout) }),
      ...(attempt === undefined ? {} : { attempt: decoded(attempt) }),
      ...(mode === undefined ? {} : { mode: decoded(mode) }),
    }
  }
  return undefined
}

/** The model API of a path, with or without a query. */
export function dialectOf(path: string): CallDialect {
  const plain = path.split('?', 1)[0]?.replace(/\/$/, '') ?? ''
  return dialectOfPath.find(([pattern]) => pattern.test(plain))?.[1] ?? 'other'
}

/**
 * The URL of an upstream's base and the path of a client. A base is written as clients of it write it: with
 * `/v1` or another path in front of the API's own (OpenAI's SDKs), or without (Anthropic's, and bare hosts).
 */
export function upstreamPath(
  base: string | URL,
  path: string,
): { readonly origin: string; readonly path: string } {
  const { origin, pathname } = typeof base === 'string' ? new URL(base) : base
  const root = pathname.replace(/\/+$/, '')
  const versioned = /^\/v1(?=[/?]|$)/.test(path)
  const isMessages = /^\/v1\/messages(?=[/?]|$)/.test(path)
  if (root.endsWith('/v1')) {
    return { origin, path: versioned ? root + path.slice(3) : root.slice(0, -3) + path }
  }
  if (root !== '' && versioned && !isMessages) return { origin, path: root + path.slice(3) }
  return { origin, path: root + path }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
