// Log records and metrics under /api/v1.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { parsePosition } from '../log/record.ts'
import type { ServerContext } from '../server/context.ts'
import { waitForPosition } from '../server/http/app.ts'
import { afterParameters, parseParameters } from './schemas.ts'
import { logQuery, pointQuery, seriesQuery, traceLogQuery } from './signal-schemas.ts'

type ById = { Params: { id: string } }

/** Adds the routes of log records and metrics. */
export function signalRoutes(app: FastifyInstance, context: ServerContext): void {
  const { query } = context

  app.get('/api/v1/logs', async (request, reply) => {
    const { query: asked, after } = logQuery(request.query, Date.now())
    await waitFor(after)
    return json(reply, await query.ask('listLogRecords', asked))
  })

  app.get<ById>('/api/v1/logs/:id', async (request, reply) => {
    await waitFor(parseParameters(afterParameters, request.query).after)
    return json(reply, await query.ask('getLogRecord', { id: request.params.id }))
  })

  app.get<ById>('/api/v1/traces/:id/logs', async (request, reply) => {
    const { query: asked, after } = traceLogQuery(request.query)
    await waitFor(after)
    return json(reply, await query.ask('getTraceLogRecords', { id: request.params.id, ...asked }))
  })

  app.get('/api/v1/metrics', async (request, reply) => {
    const { query: asked, after } = seriesQuery(request.query)
    await waitFor(after)
    return json(reply, await query.ask('listMetricSeries', asked))
  })

  app.get('/api/v1/metrics/points', async (request, reply) => {
    const { query: asked, after } = pointQuery(request.query, Date.now())
    await waitFor(after)
    return json(reply, await query.ask('getMetricPoints', asked))
  })

  async function waitFor(after: string | undefined): Promise<void> {
    const position = after === undefined ? undefined : parsePosition(after)
    if (position !== undefined) await waitForPosition(context, position)
  }
}

function json(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(text)
}
