// What a gateway is told: its upstreams and how it treats their replies.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { AglError } from '../errors.ts'
import type { CallDialect } from '../token-ids/types.ts'

/** One model server, or a proxy in front of several. */
export interface UpstreamSettings {
  /** Shown and recorded; unique. */
  readonly name: string
  /** As clients of it would have it: `http://host:8000`, `http://host:8000/v1`, `https://api.anthropic.com`. */
  readonly url: string
  /** Models that it serves; without it, any. */
  readonly models?: readonly string[] | undefined
  /** What it is (`vllm`, `sglang` …); without it, it is asked. */
  readonly backend?: string | undefined
  /** Name of the variable with its key, in the environment of the server's start. */
  readonly apiKeyEnv?: string | undefined
  /** `always` puts that key in place of the client's, `instead` only in place of a key of this gateway. */
  readonly keyUse?: 'always' | 'instead' | undefined
  /** Recorded with each call, e.g. the step of the checkpoint that it serves. */
  readonly weightVersion?: string | undefined
  /** APIs that it speaks; without it, any. */
  readonly dialects?: readonly CallDialect[] | undefined
  /** Whether replies are asked for token ids, or the flags to ask with. Default `auto`. */
  readonly ask?: 'auto' | 'never' | readonly string[] | undefined
  /** Ask for logprobs too. Default false: it changes what some proxies send. */
  readonly logprobs?: boolean | undefined
  /** Repetitions after a failure that may pass. Default 0. */
  readonly retries?: number | undefined
}

/** The gateway's part of a server's settings. */
export interface GatewaySettings {
  readonly upstreams: readonly UpstreamSettings[]
  /** Absolute path of a file with more of them, read when the server starts. */
  readonly upstreamsFile: string | undefined
  /** Leave in the replies what only the gateway asked for. */
  readonly keepTokenIds: boolean
  /** Seconds of silence after which a stream gets a comment line; 0 never. */
  readonly commentSeconds: number
  /** Seconds after which an upstream call is given up; 0 never. */
  readonly timeoutSeconds: number
  /** Bytes of a reply that are kept in the log. */
  readonly replyBytes: number
}

export const defaultGatewaySettings: GatewaySettings = {
  upstreams: [],
  upstreamsFile: undefined,
  keepTokenIds: false,
  commentSeconds: 0,
  timeoutSeconds: 0,
  replyBytes: 64 * 1024 * 1024,
}

const dialects = ['chat', 'completions', 'responses', 'messages', 'embeddings', 'generate', 'other'] as const

const upstreamUrl = z.string().refine(isHttpUrl, 'must be an http or https URL')

const upstreamEntry = z.strictObject({
  name: z.string().min(1).max(100),
  url: upstreamUrl,
  models: z.array(z.string().min(1)).optional(),
  backend: z.string().min(1).optional(),
  apiKeyEnv: z.string().min(1).optional(),
  keyUse: z.enum(['always', 'instead']).optional(),
  weightVersion: z.string().min(1).optional(),
  dialects: z.array(z.enum(dialects)).optional(),
  ask: z.union([z.enum(['auto', 'never']), z.array(z.string().min(1))]).optional(),
  logprobs: z.boolean().optional(),
  retries: z.int().min(0).max(20).optional(),
})

const upstreamList = z.array(upstreamEntry)

/**
 * Reads a file of upstreams: a JSON array, or an object with `upstreams`.
 *
 * @throws AGL_BAD_ARGUMENT in words
 */
export function readUpstreamsFile(path: string): UpstreamSettings[] {
  const refuse = (problem: string, cause?: unknown): AglError =>
    new AglError(
      'AGL_BAD_ARGUMENT',
      {
        what: `The file of upstreams ${path} cannot be used: ${problem}.`,
        todo: 'It is a JSON array of {"name", "url", …}; see docs/gateway.md.',
      },
      cause,
    )
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw refuse((error as Error).message, error)
  }
  const listed = (value as { upstreams?: unknown } | null)?.upstreams ?? value
  const result = upstreamList.safeParse(listed)
  if (!result.success) {
    const [issue] = result.error.issues
    throw refuse(`${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
  }
  return result.data
}

/** Reads `URL` or `NAME=URL` as flags give them; `undefined` when it is neither. */
export function parseUpstream(text: string): { name?: string; url: string } | undefined {
  const named = /^([\w.-]{1,100})=(https?:\/\/.*)$/i.exec(text)
  const url = named?.[2] ?? text
  if (!isHttpUrl(url)) return undefined
  return named ? { name: named[1] as string, url } : { url }
}

/** The upstreams of flags, with the host as the name of one that has none. */
export function upstreamsOfFlags(flags: readonly string[]): UpstreamSettings[] {
  return flags.flatMap((flag) => {
    const parsed = parseUpstream(flag)
    return parsed ? [{ name: parsed.name ?? new URL(parsed.url).host, url: parsed.url }] : []
  })
}

/** The upstreams that a client of the surrounding environment would use. */
export function upstreamsOfEnv(env: Readonly<Record<string, string | undefined>>): UpstreamSettings[] {
  const found: UpstreamSettings[] = []
  const openai = env.OPENAI_BASE_URL?.trim()
  if (openai && isHttpUrl(openai))
    found.push({ name: 'openai', url: openai, apiKeyEnv: 'OPENAI_API_KEY', keyUse: 'instead' })
  const anthropic = env.ANTHROPIC_BASE_URL?.trim()
  if (anthropic && isHttpUrl(anthropic))
    found.push({
      name: 'anthropic',
      url: anthropic,
      apiKeyEnv: 'ANTHROPIC_API_KEY',
      keyUse: 'instead',
      dialects: ['messages'],
    })
  return found
}

/**
 * All upstreams of a gateway: of flags and file, else of the environment.
 *
 * @throws AGL_BAD_ARGUMENT for a file that cannot be used, or a name that is there twice
 */
export function configuredUpstreams(settings: GatewaySettings): UpstreamSettings[] {
  const file = settings.upstreamsFile === undefined ? [] : readUpstreamsFile(settings.upstreamsFile)
  const all = [...settings.upstreams, ...file]
  const names = new Set<string>()
  for (const { name } of all) {
    if (names.has(name))
      throw new AglError('AGL_BAD_ARGUMENT', {
        what: `Two upstreams of the gateway have the name ${name}.`,
        todo: 'Give each its own: --upstream NAME=URL.',
      })
    names.add(name)
  }
  return all
}

/** True for an absolute http or https URL without credentials, query and fragment. */
export function isHttpUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return false
  return !url.username && !url.password && !url.search && !url.hash
}
