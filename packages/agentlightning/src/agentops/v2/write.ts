// The write routes of `/v2` (AgentOps 0.2 and 0.3): a session is opened with a key, the rest comes with its token.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readBody } from '../../otlp/receive/read-body.ts'
import type { ServerContext } from '../../server/context.ts'
import { DEFAULT_PROJECT_ID } from '../../store/default-project.ts'
import { traceIdOfSession } from '../../trace/legacy/ids.ts'
import { readTexts } from '../../trace/legacy/locate.ts'
import {
  append,
  known,
  NO_KEY,
  receiveEvents,
  receiveObject,
  receiveSession,
  refusal,
} from '../legacy/receive.ts'
import type { LegacySender } from '../legacy/sender.ts'
import { tokenCost } from '../legacy/token-cost.ts'

const SMALL_BYTES = 64 * 1024

/** Adds the routes. Answers are those of the hosted API; an existing session is opened again, not refused. */
export function v2WriteRoutes(app: FastifyInstance, context: ServerContext): void {
  const config = { errors: 'legacy' as const }

  for (const path of ['/v2/create_session', '/v2/sessions']) {
    app.post(path, { config }, async (request, reply) => {
      const { sender, sessionId } = await receiveSession(context, request, reply, NO_KEY)
      const jwt = sessionToken(context, sender, sessionId)
      return reply.send({ status: 'Success', jwt, session_url: sessionUrl(context, request, sessionId) })
    })
  }

  app.post('/v2/reauthorize_jwt', { config }, async (request, reply) => {
    const sender = await known(context, request, 'Error reauthorizing JWT: Bearer Token is Missing')
    const body = await readBody(request.raw, context.config.limits, context.budget, SMALL_BYTES)
    try {
      const { session_id: sessionId } = readTexts(body.bytes, ['session_id'])
      if (sessionId === undefined) throw refusal('Error reauthorizing JWT: Invalid Session Id')
      return reply.send({ status: 'Success', jwt: sessionToken(context, sender, sessionId) })
    } finally {
      body.release()
    }
  })

  app.post('/v2/update_session', { config }, async (request, reply) => {
    const { sessionId, ended, end } = await receiveSession(
      context,
      request,
      reply,
      'Error updating session: Bearer Token is Missing',
    )
    const token_cost = ended ? await tokenCost(context, sessionId, end) : '0.00'
    const session_url = sessionUrl(context, request, sessionId)
    return reply.send({ status: 'success', token_cost, session_url })
  })

  for (const path of ['/v2/create_events', '/v2/update_events']) {
    app.post(path, { config }, async (request, reply) => {
      await receiveEvents(context, request, reply)
      return success(reply)
    })
  }

  app.post('/v2/create_agent', { config }, async (request, reply) => {
    await receiveObject(context, request, reply, 'Error posting agent', true)
    return success(reply)
  })

  app.post('/v2/create_thread', { config }, async (request, reply) => {
    await receiveObject(context, request, reply, 'Error posting thread', true)
    return success(reply)
  })

  app.post('/v2/developer_errors', { config }, async (request, reply) => {
    await receiveObject(context, request, reply, 'Error posting developer error', false)
    return reply.code(204).send()
  })

  app.put('/v2/update_logs', { config }, (request, reply) => updateLogs(context, request, reply))
}

/** `"Success"` as a JSON text. */
function success(reply: FastifyReply): FastifyReply {
  return reply.type('application/json; charset=utf-8').send('"Success"')
}

async function updateLogs(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const sender = await known(context, request, 'Error updating logs: Bearer Token is Missing')
  const { sessionId } = sender
  if (sessionId === undefined) throw refusal('Error updating logs: Invalid Session Id')
  const { limits } = context.config
  const body = await readBody(request.raw, limits, context.budget, limits.uploadBytes)
  try {
    readTexts(body.bytes, ['logs'])
    const traceId = traceIdOfSession(sessionId)
    await append(context, request, reply, sender, 'uploadLog', body.bytes, sessionId, traceId)
    return reply.send({ status: 'success', logs_url: `${baseUrl(context, request)}/v4/logs/${traceId}` })
  } finally {
    body.release()
  }
}

function sessionToken(context: ServerContext, sender: LegacySender, sessionId: string): string {
  return context.tokens.issueSession({
    session_id: sessionId,
    project_id: sender.project ?? DEFAULT_PROJECT_ID,
    api_key: `sha256:${sender.keyHash ?? ''}`,
  })
}

/** The page that the SDK prints a link to. */
function sessionUrl(context: ServerContext, request: FastifyRequest, sessionId: string): string {
  return `${baseUrl(context, request)}/drilldown?session_id=${encodeURIComponent(sessionId)}`
}

function baseUrl(context: ServerContext, request: FastifyRequest): string {
  return `http://${request.headers.host ?? `localhost:${context.config.port}`}`
}
