// `/v3/auth/token`: how every AgentOps 0.4 SDK and the JS SDK begin.
import type { FastifyInstance } from 'fastify'
import { AglError } from '../../errors.ts'
import { readBody } from '../../otlp/receive/read-body.ts'
import type { ServerContext } from '../../server/context.ts'
import { demandsKey, equal } from '../../server/http/guard.ts'
import { projectOfKey } from '../projects.ts'

const MAX_BODY_BYTES = 64 * 1024

/** Adds `POST` (exchange a key for a token) and `GET` (what does my token say). */
export function tokenRoutes(app: FastifyInstance, context: ServerContext): void {
  const { config, tokens, budget, watch } = context

  app.post('/v3/auth/token', { config: { errors: 'error' } }, async (request, reply) => {
    const body = await readBody(request.raw, config.limits, budget, MAX_BODY_BYTES)
    const key = keyOf(body.bytes)
    body.release()
    if (key === undefined) {
      // The hosted API's own shape for a body without the field (FastAPI).
      const detail = [{ type: 'missing', loc: ['body', 'api_key'], msg: 'Field required', input: null }]
      return reply.code(422).send({ detail })
    }
    if (key === '') return reply.code(400).send({ error: 'Invalid API key format' })
    if (demandsKey(config) && !equal(key, config.apiKey as string)) {
      watch.refused(
        'AGL_UNAUTHORIZED',
        `POST /v3/auth/token (${request.headers['user-agent'] ?? 'no user agent'})`,
      )
      return reply.code(403).send({ error: 'Invalid API key' })
    }
    const known = projectOfKey(key)
    await context.ensureProject(known)
    watch.hello('token', known.project, request.headers['user-agent'] ?? '')
    return reply.send({
      token: tokens.issue(known.project, known.keyHash),
      project_id: known.project,
      project_prem_status: 'pro',
    })
  })

  app.get('/v3/auth/token', { config: { errors: 'detail' } }, async (request, reply) => {
    const { authorization } = request.headers
    if (!authorization) return reply.code(401).send({ detail: 'Authorization header missing' })
    const [scheme, token, ...rest] = authorization.split(' ')
    if (scheme?.toLowerCase() !== 'bearer')
      return reply.code(401).send({ detail: 'Invalid authentication scheme' })
    if (!token || rest.length > 0) return reply.code(401).send({ detail: 'Invalid token format' })
    const payload = tokens.read(token)
    if (typeof payload === 'string') return reply.code(401).send({ detail: payload })
    const expires = new Date(payload.exp * 1000).toISOString()
    return reply.send({ message: 'JWT token is valid', payload, expires_at: expires })
  })
}

/** The key of a token request; `undefined` when the body has no such field. Throws for a body that is no JSON. */
function keyOf(bytes: Buffer): string | undefined {
  let body: unknown
  try {
    body = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw new AglError(
      'AGL_BAD_REQUEST',
      { what: `The body is not JSON: ${(error as Error).message}.` },
      error,
    )
  }
  const key = (body as { api_key?: unknown } | null)?.api_key
  return typeof key === 'string' ? key.trim() : undefined
}
