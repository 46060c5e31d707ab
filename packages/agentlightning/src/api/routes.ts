// Our own HTTP API under /api/v1, and the two addresses that everyone tries first.
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { AglError } from '../errors.ts'
import { formatPosition, parsePosition } from '../log/record.ts'
import type { ServerContext } from '../server/context.ts'
import { waitForPosition } from '../server/http/app.ts'
import { identify } from '../server/http/guard.ts'
import { callRoutes } from './calls/call-routes.ts'
import { doctorRoutes } from './doctor/routes.ts'
import { liveRoutes } from './live/routes.ts'
import { openApi } from './openapi/openapi.ts'
import {
  afterParameters,
  changesParameters,
  countQuery,
  definedOnly,
  facetQuery,
  histogramQuery,
  hoursQuery,
  listQuery,
  messagesParameters,
  parseParameters,
  traceParameters,
} from './schemas.ts'
import { serverRoutes } from './server-routes.ts'
import { signalRoutes } from './signal-routes.ts'

type ById = { Params: { id: string } }
type BySpan = { Params: { id: string; spanId: string } }

/** Adds the read API. Answers are JSON: ns as decimal strings, unknown values absent. */
export function apiRoutes(app: FastifyInstance, context: ServerContext): void {
  serverRoutes(app, context)
  liveRoutes(app, context)
  signalRoutes(app, context)
  callRoutes(app, context)
  doctorRoutes(app, context)
  const { query } = context

  app.addHook('preHandler', async (request) => {
    // Ingest identifies its senders itself, and the token route is where a key is exchanged.
    if (request.routeOptions.url?.startsWith('/api/v1/') && request.method !== 'POST') {
      identify(context.config, context.tokens, request.headers)
    }
  })

  app.get('/api/v1/openapi.json', async (_, reply) => reply.send(openApi()))

  app.get('/api/v1/traces', async (request, reply) => {
    const { query: list, after } = listQuery(request.query, Date.now())
    await waitFor(after)
    return json(reply, await query.ask('listTraces', list))
  })

  app.get('/api/v1/count', async (request, reply) => {
    const { query: count, after } = countQuery(request.query, Date.now())
    await waitFor(after)
    return json(reply, await query.ask('countTraces', count))
  })

  app.get('/api/v1/histogram', async (request, reply) => {
    const { query: histogram, after } = histogramQuery(request.query, Date.now())
    await waitFor(after)
    return json(reply, await query.ask('getTraceHistogram', histogram))
  })

  app.get('/api/v1/facets', async (request, reply) => {
    const { query: facet, after } = facetQuery(request.query, Date.now())
    await waitFor(after)
    return json(reply, await query.ask('getFacet', facet))
  })

  app.get<ById>('/api/v1/traces/:id', async (request, reply) => {
    const { after, limit, cursor } = parseParameters(traceParameters, request.query)
    await waitFor(after)
    return json(
      reply,
      await query.ask('getTrace', { id: request.params.id, limit, ...definedOnly({ cursor }) }),
    )
  })

  app.get<BySpan>('/api/v1/traces/:id/spans/:spanId', async (request, reply) => {
    await waitFor(parseParameters(afterParameters, request.query).after)
    return json(reply, await query.ask('getSpan', checkedSpan(request.params)))
  })

  app.get<BySpan>('/api/v1/traces/:id/spans/:spanId/messages', async (request, reply) => {
    await waitFor(parseParameters(afterParameters, request.query).after)
    return json(reply, await query.ask('getMessages', checkedSpan(request.params)))
  })

  app.get<ById>('/api/v1/traces/:id/messages', async (request, reply) => {
    const { spans, cursor, after } = parseParameters(messagesParameters, request.query)
    await waitFor(after)
    const asked = { id: request.params.id, spans, ...definedOnly({ cursor }) }
    return json(reply, await query.ask('getTraceMessages', asked))
  })

  app.get<ById>('/api/v1/traces/:id/export', async (request, reply) => {
    await waitFor(parseParameters(afterParameters, request.query).after)
    // The first page before the status line: an unknown trace must be a 404 and not an empty file.
    const first = await query.ask('exportSpans', { id: request.params.id })
    return reply.type('application/x-ndjson').send(Readable.from(exportLines(request.params.id, first)))
  })

  app.get<ById>('/api/v1/traces/:id/console', async (request, reply) => {
    await waitFor(parseParameters(afterParameters, request.query).after)
    const { trace } = JSON.parse(await query.ask('getTrace', { id: request.params.id, limit: 1 })) as {
      trace: { traceId: string }
    }
    return json(reply, await query.ask('getLogs', { id: trace.traceId }))
  })

  app.delete<ById>('/api/v1/traces/:id', async (request, reply) => {
    const { trace } = JSON.parse(await query.ask('getTrace', { id: request.params.id, limit: 1 })) as {
      trace: { traceId: string }
    }
    const { end } = await context.append({ kind: 'deleteTrace', traceId: trace.traceId }, [])
    await waitForPosition(context, end)
    reply.header('x-agl-position', formatPosition(end))
    return reply.send({ deleted: trace.traceId })
  })

  app.get('/api/v1/changes', async (request, reply) => {
    const { after, limit, wait } = parseParameters(changesParameters, request.query)
    const deadline = Date.now() + wait * 1000
    for (;;) {
      const seen = context.index.position
      const answer = await query.ask('getChanges', { after, limit })
      const left = deadline - Date.now()
      if (left <= 0 || !answer.startsWith('{"traces":[],"removed":[]')) return json(reply, answer)
      await context.index.waitFor(seen + 1, left)
    }
  })

  app.get('/api/v1/hours', async (request, reply) => {
    const { range, after } = hoursQuery(request.query, Date.now())
    await waitFor(after)
    return json(reply, await query.ask('getHours', range))
  })

  async function waitFor(after: string | undefined): Promise<void> {
    const position = after === undefined ? undefined : parsePosition(after)
    if (position !== undefined) await waitForPosition(context, position)
  }

  async function* exportLines(
    id: string,
    first: { lines: string[]; cursor: string | null },
  ): AsyncGenerator<string> {
    for (let page = first; ; page = await query.ask('exportSpans', { id, cursor: page.cursor as string })) {
      if (page.lines.length > 0) yield `${page.lines.join('\n')}\n`
      if (page.cursor === null) return
    }
  }
}

function checkedSpan({ id, spanId }: BySpan['Params']): BySpan['Params'] {
  if (/^[0-9a-f]{16}$/.test(spanId)) return { id, spanId }
  throw new AglError('AGL_BAD_REQUEST', { what: `A span id is 16 hex digits, not «${spanId.slice(0, 64)}».` })
}

function json(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(text)
}
