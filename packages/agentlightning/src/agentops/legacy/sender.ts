// Who sends to the REST routes of the SDKs before 0.4: by the token of a session, or by a key.

import type { IncomingHttpHeaders } from 'node:http'
import { createDecoder } from 'fast-jwt'
import { AglError } from '../../errors.ts'
import type { ServerContext } from '../../server/context.ts'
import { demandsKey, equal, type Sender } from '../../server/http/guard.ts'
import { PATH_KEY_HEADER } from '../../server/http/rewrite-url.ts'
import { isUuid } from '../../trace/legacy/ids.ts'
import { projectOfKey } from '../projects.ts'

/** A sender, and the session that its token is for. */
export interface LegacySender extends Sender {
  readonly sessionId: string | undefined
  /** True when the request names neither a key nor a token. */
  readonly anonymous: boolean
}

/** Headers in which keys come: `X-Agentops-Auth` through 0.1, `X-Agentops-Api-Key` from 0.2 on. */
const keyHeaders = [PATH_KEY_HEADER, 'x-agentops-api-key', 'x-agentops-auth', 'x-api-key'] as const

const decode = createDecoder()

/**
 * Who sends. A token that this server did not sign still names its session: a program that outlives a change of the
 * data directory goes on with the old one. Throws `AGL_UNAUTHORIZED` where a key is demanded.
 */
export async function identifyLegacy(
  context: ServerContext,
  headers: IncomingHttpHeaders,
): Promise<LegacySender> {
  const { config, tokens } = context
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1]
  const claims = bearer === undefined ? undefined : tokens.readSession(bearer)
  if (typeof claims === 'object') {
    return {
      project: claims.project_id,
      source: 'token',
      keyHash: claims.api_key.replace(/^sha256:/, ''),
      sessionId: claims.session_id,
      anonymous: false,
    }
  }
  const key = keyHeaders
    .map((name) => headers[name])
    .find((value) => typeof value === 'string' && value !== '')
  if (demandsKey(config) && !(typeof key === 'string' && equal(key, config.apiKey as string))) {
    const what = key || bearer ? 'it is not the one of this server.' : 'there is none.'
    throw new AglError('AGL_UNAUTHORIZED', { what })
  }
  const sessionId = bearer === undefined ? undefined : unverifiedSession(bearer)
  if (typeof key !== 'string') {
    const anonymous = bearer === undefined
    return { project: undefined, source: 'none', keyHash: undefined, sessionId, anonymous }
  }
  const known = projectOfKey(key)
  await context.ensureProject(known)
  const source = headers[PATH_KEY_HEADER] === key ? 'path' : 'key'
  return { project: known.project, source, keyHash: known.keyHash, sessionId, anonymous: false }
}

function unverifiedSession(token: string): string | undefined {
  try {
    const { session_id: id } = decode(token) as { session_id?: unknown }
    return typeof id === 'string' && isUuid(id) ? id : undefined
  } catch {
    return undefined
  }
}
