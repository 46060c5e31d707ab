// The REST routes without a prefix of AgentOps 0.0 and 0.1: the session is named in every body.
import type { FastifyInstance } from 'fastify'
import type { ServerContext } from '../../server/context.ts'
import { NO_KEY, receiveEvents, receiveObject, receiveSession } from '../legacy/receive.ts'
import { tokenCost } from '../legacy/token-cost.ts'

/** Adds the routes. Every answer is 200 and JSON: 0.1.5 and later take nothing else for success. */
export function v0Routes(app: FastifyInstance, context: ServerContext): void {
  const config = { errors: 'legacy' as const }

  app.post('/sessions', { config }, async (request, reply) => {
    const { sessionId, ended, end } = await receiveSession(context, request, reply, NO_KEY)
    const cost = ended ? await tokenCost(context, sessionId, end) : '0.00'
    return reply.send({ status: 'success', token_cost: cost })
  })

  app.post('/events', { config }, async (request, reply) => {
    await receiveEvents(context, request, reply)
    return reply.send({ status: 'success' })
  })

  app.post('/agents', { config }, async (request, reply) => {
    await receiveObject(context, request, reply, 'Error posting agent', true)
    return reply.send({ status: 'success' })
  })

  app.post('/developer_errors', { config }, async (request, reply) => {
    await receiveObject(context, request, reply, 'Error posting developer error', false)
    return reply.send({ status: 'success' })
  })
}
