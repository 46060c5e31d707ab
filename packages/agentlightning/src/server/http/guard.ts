// Who may talk to this server: the Host and Origin of a request, and the key where one is demanded.

import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { projectOfKey } from '../../agentops/projects.ts'
import type { Tokens } from '../../agentops/tokens.ts'
import { AglError } from '../../errors.ts'
import type { ProjectSource } from '../../log/record.ts'
import type { ServerConfig } from '../config.ts'
import { PATH_KEY_HEADER } from './rewrite-url.ts'

/** What is known of the sender: the project, and how. */
export interface Sender {
  readonly project: string | undefined
  readonly source: ProjectSource
  readonly keyHash: string | undefined
}

/** True when only this machine can reach `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host)
}

/** True when requests must carry the configured key. */
export function demandsKey(config: ServerConfig): boolean {
  return config.apiKey !== undefined && (config.requireKey || !isLoopback(config.host))
}

/**
 * Refuses a request for a foreign host name: a page that resolves its own name to 127.0.0.1 could read traces
 * (DNS rebinding). Addresses are no names, so they pass. Throws `AGL_HOST_REFUSED`.
 */
export function checkHost(config: ServerConfig, header: string | undefined): void {
  // HTTP/1.0 clients send none, and no browser omits it.
  if (header === undefined) return
  const name = hostName(header)
  const known = name === 'localhost' || name.endsWith('.localhost') || name === config.host.toLowerCase()
  if (known || isIP(name) !== 0 || config.allowHosts.some((host) => hostName(host) === name)) return
  throw new AglError('AGL_HOST_REFUSED', { host: name.slice(0, 255) })
}

/**
 * Refuses requests that a web page of another origin makes. Returns the origin when it is one that may read.
 * Throws `AGL_ORIGIN_REFUSED`.
 */
export function checkOrigin(config: ServerConfig, headers: IncomingHttpHeaders): string | undefined {
  const { origin, host } = headers
  if (origin === undefined) return undefined
  if (config.allowOrigins.includes(origin)) return origin
  if (host !== undefined && origin.replace(/^https?:\/\//, '').toLowerCase() === host.toLowerCase())
    return undefined
  throw new AglError('AGL_ORIGIN_REFUSED', { origin: origin.slice(0, 255) })
}

/**
 * Who sends: by bearer token, key header or key in the path. Unknown tokens are no error on a server without a
 * key: several SDK versions send `Bearer None` or nothing at all. Throws `AGL_UNAUTHORIZED` where a key is demanded.
 */
export function identify(config: ServerConfig, tokens: Tokens, headers: IncomingHttpHeaders): Sender {
  const inPath = headers[PATH_KEY_HEADER] as string | undefined
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1]
  const claims = bearer === undefined ? undefined : tokens.read(bearer)
  if (typeof claims === 'object') {
    return { project: claims.project_id, source: 'token', keyHash: claims.api_key.replace(/^sha256:/, '') }
  }
  const header = first(headers['x-api-key']) ?? first(headers['x-agentops-api-key'])
  const keys = [inPath, header, bearer]
  if (demandsKey(config)) {
    const valid = keys.find((key) => key !== undefined && equal(key, config.apiKey as string))
    if (valid === undefined) {
      throw new AglError('AGL_UNAUTHORIZED', {
        what: keys.some(Boolean) ? 'it is not the one of this server.' : 'there is none.',
      })
    }
    return {
      project: undefined,
      source: inPath === valid ? 'path' : 'key',
      keyHash: projectOfKey(valid).keyHash,
    }
  }
  const key = inPath ?? header
  if (!key) return { project: undefined, source: 'none', keyHash: undefined }
  const { project, keyHash } = projectOfKey(key)
  return { project, source: inPath === undefined ? 'key' : 'path', keyHash }
}

/** Compares secrets without telling by the time how much of them agrees. */
export function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function hostName(header: string): string {
  const text = header.toLowerCase()
  const bracketed = /^\[([^\]]+)\]/.exec(text)
  return bracketed ? (bracketed[1] as string) : text.replace(/:\d+$/, '')
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
