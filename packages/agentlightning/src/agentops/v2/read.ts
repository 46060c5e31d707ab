// The read routes of `/v2`: sums and export of a session, and the calls that time travel replays.
import type { FastifyInstance } from 'fastify'
import { readBody } from '../../otlp/receive/read-body.ts'
import type { ServerContext } from '../../server/context.ts'
import { demandsKey } from '../../server/http/guard.ts'
import { readTexts } from '../../trace/legacy/locate.ts'
import { known, refusal } from '../legacy/receive.ts'
import { identifyLegacy } from '../legacy/sender.ts'
import { sessionStats } from '../legacy/token-cost.ts'

type ById = { Params: { id: string } }
const SMALL_BYTES = 64 * 1024
const JSON_TYPE = 'application/json; charset=utf-8'
const noStats = { events: 0, cost: '0.00', prompt_tokens: 0, completion_tokens: 0, errors: 0 }

/** Adds the routes. */
export function v2ReadRoutes(app: FastifyInstance, context: ServerContext): void {
  const config = { errors: 'legacy' as const }
  const { query } = context

  app.get<ById>('/v2/sessions/:id/stats', { config }, async (request, reply) => {
    await known(context, request, 'Error getting session stats: Bearer Token is Missing')
    return reply.send((await sessionStats(context, request.params.id)) ?? noStats)
  })

  app.get<ById>('/v2/sessions/:id/export', { config }, async (request, reply) => {
    await known(context, request, 'Error exporting session: Bearer Token is Missing')
    const text = await query.ask('exportSession', { sessionId: request.params.id })
    if (text === 'null') throw refusal('Error exporting session: Invalid Session Id')
    return reply.type(JSON_TYPE).send(text)
  })

  // The SDK asks without any key: where one is demanded there is nothing to travel to.
  app.get<ById>('/v2/ttd/:id', { config }, async (request, reply) => {
    if (demandsKey(context.config)) await identifyLegacy(context, request.headers)
    return reply.type(JSON_TYPE).send(await query.ask('timeTravel', { sessionId: request.params.id }))
  })

  app.post('/v2/get_ttd', { config }, async (request, reply) => {
    if (demandsKey(context.config)) await identifyLegacy(context, request.headers)
    const body = await readBody(request.raw, context.config.limits, context.budget, SMALL_BYTES)
    try {
      const { ttd_id: ttd, id, session_id: session } = readTexts(body.bytes, ['ttd_id', 'id', 'session_id'])
      const sessionId = ttd ?? id ?? session ?? ''
      return await reply.type(JSON_TYPE).send(await query.ask('timeTravel', { sessionId }))
    } finally {
      body.release()
    }
  })
}
