// The dashboard's addresses: its page, its hashed files, and the links that AgentOps SDKs print.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AglError } from '../errors.ts'
import { traceIdOfSession } from '../trace/legacy/ids.ts'
import { pageFile } from './files.ts'

/** Everything comes from this server, nothing is inline, and no page may hold this one in a frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const notBuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>agl</title>
<h1>The dashboard is not built</h1>
<p>This is a checkout, and its page was not built yet. Run <code>npm start</code> or <code>npm run build</code>, then
reload. Recording works all the same; <code>agl traces list</code> shows what arrived.</p></html>
`

/** Names in the address bar that are pages of the dashboard. */
const pages = ['/traces', '/traces/:id', '/compare', '/logs', '/metrics', '/doctor']

/** Adds the dashboard. Programs that ask the same addresses are answered as before. */
export function dashboardRoutes(app: FastifyInstance): void {
  for (const path of pages) {
    app.get(path, async (request, reply) => {
      if (wantsPage(request)) return sendPage(request, reply)
      reply.callNotFound()
      return reply
    })
  }

  app.get<{ Params: { file: string } }>('/assets/:file', async (request, reply) => {
    const file = await pageFile(`assets/${request.params.file}`, acceptsGzip(request))
    if (!file) {
      throw new AglError('AGL_NOT_FOUND', { what: request.url.slice(0, 200), todo: 'Reload the page.' })
    }
    if (file.gzip) reply.header('content-encoding', 'gzip')
    // The name changes with the content.
    reply.header('cache-control', 'public, max-age=31536000, immutable').header('vary', 'accept-encoding')
    return reply.type(file.mediaType).send(file.bytes)
  })

  // What the SDKs print at the end of a session.
  app.get<{ Querystring: { trace_id?: string; session_id?: string } }>('/sessions', toTrace)
  app.get<{ Querystring: { trace_id?: string; session_id?: string } }>('/drilldown', toTrace)
}

/** True for a browser that navigates here. */
export function wantsPage(request: FastifyRequest): boolean {
  return /\btext\/html\b/.test(request.headers.accept ?? '')
}

/** Answers with the page. */
export async function sendPage(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const page = await pageFile('index.html', acceptsGzip(request))
  reply.header('content-security-policy', policy).header('referrer-policy', 'no-referrer')
  reply.header('vary', 'accept, accept-encoding').type('text/html; charset=utf-8')
  if (!page) return reply.code(503).send(notBuilt)
  if (page.gzip) reply.header('content-encoding', 'gzip')
  return reply.send(page.bytes)
}

async function toTrace(
  request: FastifyRequest<{ Querystring: { trace_id?: string; session_id?: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { trace_id, session_id } = request.query
  const id = traceOf(trace_id, session_id)
  if (id === undefined && !wantsPage(request)) {
    reply.callNotFound()
    return reply
  }
  return reply.redirect(id === undefined ? '/traces' : `/traces/${id}`, 302)
}

/** The trace of a printed link: of OTLP era by its hex id, of a session before 0.4 by its UUID. */
function traceOf(traceId: unknown, sessionId: unknown): string | undefined {
  if (typeof traceId === 'string' && /^[0-9a-f]{32}$/i.test(traceId)) return traceId.toLowerCase()
  return typeof sessionId === 'string' && sessionId !== '' ? traceIdOfSession(sessionId) : undefined
}

function acceptsGzip(request: FastifyRequest): boolean {
  return /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
}
