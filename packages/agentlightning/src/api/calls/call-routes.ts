// Model calls under /api/v1.
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { AglError } from '../../errors.ts'
import { parsePosition } from '../../log/record.ts'
import type { ServerContext } from '../../server/context.ts'
import { waitForPosition } from '../../server/http/app.ts'
import { afterParameters, parseParameters } from '../schemas.ts'
import { callExportQuery, callListQuery, rolloutParameters } from './call-schemas.ts'

type ById = { Params: { id: string } }
type BySpan = { Params: { id: string; spanId: string } }

/** Adds the routes of model calls. */
export function callRoutes(app: FastifyInstance, context: ServerContext): void {
  const { query } = context

  app.get('/api/v1/calls', async (request, reply) => {
    const { query: list, after } = callListQuery(request.query, Date.now())
    await waitFor(after)
    return json(reply, await query.ask('listCalls', list))
  })

  app.get('/api/v1/calls/export', async (request, reply) => {
    const { query: asked, after } = callExportQuery(request.query, Date.now())
    await waitFor(after)
    // The first page before the status line: a wrong trace must be a 404 and not an empty file.
    const first = await query.ask('exportCalls', asked)
    return reply.type('application/x-ndjson').send(Readable.from(lines(asked, first)))
  })

  app.get<ById>('/api/v1/calls/:id', async (request, reply) => {
    await waitFor(parseParameters(afterParameters, request.query).after)
    return json(reply, await query.ask('getCall', { id: request.params.id }))
  })

  app.get<BySpan>('/api/v1/traces/:id/spans/:spanId/tokens', async (request, reply) => {
    await waitFor(parseParameters(afterParameters, request.query).after)
    const { id, spanId } = request.params
    if (!/^[0-9a-f]{16}$/.test(spanId))
      throw new AglError('AGL_BAD_REQUEST', {
        what: `A span id is 16 hex digits, not «${spanId.slice(0, 64)}».`,
      })
    return json(reply, await query.ask('getSpanTokens', { id, spanId }))
  })

  app.get('/api/v1/rollouts', async (request, reply) => {
    const { after, limit } = parseParameters(rolloutParameters, request.query)
    await waitFor(after)
    return json(reply, await query.ask('listRollouts', { limit }))
  })

  async function waitFor(after: string | undefined): Promise<void> {
    const position = after === undefined ? undefined : parsePosition(after)
    if (position !== undefined) await waitForPosition(context, position)
  }

  async function* lines(
    asked: ReturnType<typeof callExportQuery>['query'],
    first: { lines: string[]; cursor: string | null },
  ): AsyncGenerator<string> {
    for (
      let page = first;
      ;
      page = await query.ask('exportCalls', { ...asked, cursor: page.cursor as string })
    ) {
      if (page.lines.length > 0) yield `${page.lines.join('\n')}\n`
      if (page.cursor === null) return
    }
  }
}

function json(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(text)
}
