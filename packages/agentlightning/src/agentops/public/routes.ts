// The public read API of AgentOps: what its MCP server and `agentops.validate_trace_spans` ask.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readBody } from '../../otlp/receive/read-body.ts'
import type { ServerContext } from '../../server/context.ts'
import { demandsKey, equal } from '../../server/http/guard.ts'
import { readTexts } from '../../trace/legacy/locate.ts'
import { projectOfKey } from '../projects.ts'
import type { TokenClaims } from '../tokens.ts'

type ById = { Params: { id: string } }
type PublicQuestion = 'getPublicTrace' | 'getPublicTraceMetrics' | 'getPublicSpan' | 'getPublicSpanMetrics'

const SMALL_BYTES = 64 * 1024
const JSON_TYPE = 'application/json; charset=utf-8'

/** Adds the routes. A missing, broken or expired token is a 400 here, as in the hosted API. */
export function publicRoutes(app: FastifyInstance, context: ServerContext): void {
  const config = { errors: 'detail' as const }
  const { tokens, query } = context

  app.post('/public/v1/auth/access_token', { config }, async (request, reply) => {
    const body = await readBody(request.raw, context.config.limits, context.budget, SMALL_BYTES)
    try {
      if (body.bytes.length === 0) return await reply.code(422).send({ detail: [missingBody] })
      const key = readTexts(body.bytes, ['api_key']).api_key
      if (key === undefined) return await bad(reply, 'api_key is required')
      if (demandsKey(context.config) && !equal(key, context.config.apiKey as string))
        return await bad(reply, 'Invalid api_key format')
      const known = projectOfKey(key)
      await context.ensureProject(known)
      return await reply.send({ bearer: tokens.issue(known.project, known.keyHash) })
    } finally {
      body.release()
    }
  })

  app.get('/public/v1/project', { config }, async (request, reply) => {
    const claims = claimsOf(request)
    if (typeof claims === 'string') return bad(reply, claims)
    const { projects } = JSON.parse(await query.ask('getStats', undefined)) as {
      projects: { id: string; name: string }[]
    }
    const project = projects.find(({ id }) => id === claims.project_id)
    if (!project) return reply.code(404).send({ detail: 'Project not found' })
    return reply.send({ id: project.id, name: project.name, environment: 'development' })
  })

  const questions: Readonly<Record<string, PublicQuestion>> = {
    '/public/v1/traces/:id': 'getPublicTrace',
    '/public/v1/traces/:id/metrics': 'getPublicTraceMetrics',
    '/public/v1/spans/:id': 'getPublicSpan',
    '/public/v1/spans/:id/metrics': 'getPublicSpanMetrics',
  }
  for (const [path, question] of Object.entries(questions)) {
    app.get<ById>(path, { config }, async (request, reply) => {
      const claims = claimsOf(request)
      if (typeof claims === 'string') return bad(reply, claims)
      const answer = await query.ask(question, { id: request.params.id, project: claims.project_id })
      return reply.type(JSON_TYPE).send(answer)
    })
  }

  function claimsOf({ headers }: Pick<FastifyRequest, 'headers'>): TokenClaims | string {
    const bearer = /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1]
    if (bearer === undefined) return 'Missing or invalid Authorization header'
    const claims = tokens.read(bearer)
    return typeof claims === 'string' ? 'Invalid Bearer token' : claims
  }
}

const missingBody = { type: 'missing', loc: ['body'], msg: 'Field required', input: null }

function bad(reply: FastifyReply, detail: string): FastifyReply {
  return reply.code(400).send({ detail })
}
