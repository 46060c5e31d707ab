// Who calls a model through the gateway: the key of a rollout, the key of this server, or a key for the upstream.
import type { IncomingHttpHeaders } from 'node:http'
import { type KeyProject, projectOfKey } from '../agentops/projects.ts'
import { AglError } from '../errors.ts'
import type { ServerConfig } from '../server/config.ts'
import { demandsKey, equal } from '../server/http/guard.ts'
import { PATH_KEY_HEADER } from '../server/http/rewrite-url.ts'
import { DEFAULT_PROJECT_ID } from '../store/default-project.ts'
import type { KnownOwner } from './attribution.ts'
import { KEY_PREFIX, type Registry } from './registry.ts'

/** What the credentials of a call say. */
export interface GatewaySender {
  /** Of the key of a rollout. */
  readonly owner: KnownOwner | undefined
  /** The project of the key in the path; absent for the default one. */
  readonly project: KeyProject | undefined
  /** True when the credentials are this server's business and must not reach an upstream. */
  readonly ours: boolean
}

/**
 * Reads the credentials of a call. A bearer token or `x-api-key` is the client's own for the upstream unless it
 * is the key of a rollout or of this server.
 *
 * @throws AGL_UNAUTHORIZED
 */
export function identifyCaller(
  config: Pick<ServerConfig, 'apiKey' | 'requireKey' | 'host'>,
  registry: Registry,
  headers: IncomingHttpHeaders,
): GatewaySender {
  const given = [
    bearerOf(headers.authorization),
    text(headers['x-api-key']),
    text(headers['api-key']),
  ].filter((key) => key !== undefined)
  const inPath = text(headers[PATH_KEY_HEADER])
  const own = given.find((key) => key.startsWith(KEY_PREFIX))
  const owner = own === undefined ? undefined : registry.ownerOfKey(own)
  const { apiKey } = config
  const isServers = apiKey !== undefined && given.some((key) => equal(key, apiKey))
  if (own !== undefined && !owner && !isServers)
    throw new AglError('AGL_UNAUTHORIZED', { what: 'the key of a rollout is not known here.' })
  const pathIsServers = apiKey !== undefined && inPath !== undefined && equal(inPath, apiKey)
  if (demandsKey(config as ServerConfig) && !owner && !isServers && !pathIsServers) {
    throw new AglError('AGL_UNAUTHORIZED', {
      what: given.length > 0 || inPath ? 'it is not the one of this server.' : 'there is none.',
    })
  }
  const projectKey = pathIsServers ? undefined : (inPath ?? text(headers['x-agentops-api-key']))
  const project = projectKey ? projectOfKey(projectKey) : undefined
  return {
    owner,
    project: project?.project === DEFAULT_PROJECT_ID ? undefined : project,
    ours: owner !== undefined || isServers,
  }
}

function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer\s+(\S+)\s*$/i.exec(header ?? '')?.[1]
}

function text(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
