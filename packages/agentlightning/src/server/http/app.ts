// The HTTP front: one Fastify instance, hooks that hold for every route, and the routes of each family.
import { createServer, type RequestListener, type Server } from 'node:http'
import Fastify, { type FastifyInstance } from 'fastify'
import { agentopsRoutes } from '../../agentops/routes.ts'
import { apiRoutes } from '../../api/routes.ts'
import { dashboardRoutes } from '../../dashboard/routes.ts'
import { AglError } from '../../errors.ts'
import { gatewayRoutes } from '../../gateway/routes.ts'
import { formatPosition } from '../../log/record.ts'
import { otlpRoutes } from '../../otlp/receive/routes.ts'
import type { ServerContext } from '../context.ts'
import { sendError } from './error-reply.ts'
import { checkHost, checkOrigin } from './guard.ts'
import { rewriteUrl } from './rewrite-url.ts'
import { answerUnknown, collectMethods } from './unknown.ts'

/** Node's 5 s reset pooled connections of Python clients that pause longer between batches. */
const KEEP_ALIVE_MS = 75_000
/** A client that needs longer than this for one request is cut off. */
const REQUEST_MS = 120_000

/** The app and the handler that any number of listening sockets can share. */
export interface HttpApp {
  readonly app: FastifyInstance
  /** Makes one more server for the same routes. */
  readonly createServer: () => Server
}

/** Builds the app; resolves when its routes are ready. */
export async function createApp(context: ServerContext): Promise<HttpApp> {
  let listener: RequestListener | undefined
  const makeServer = () =>
    createServer(
      { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_MS, headersTimeout: 60_000, noDelay: true },
      // Calls of models pass by the framework: nothing of it may touch their bytes, and each costs its time.
      (request, response) => {
        if (!context.gateway.handle(request, response)) listener?.(request, response)
      },
    )
  const app = Fastify({
    serverFactory: (handler) => {
      listener = handler
      return makeServer()
    },
    rewriteUrl: (request) => rewriteUrl(request),
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
    forceCloseConnections: true,
    logger: false,
  })
  // Bodies are read by the routes: raw, bounded and decoded by our own reader.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))

  app.addHook('onRequest', async (request, reply) => {
    checkHost(context.config, request.headers.host)
    const origin = checkOrigin(context.config, request.headers)
    if (origin !== undefined) {
      reply.header('access-control-allow-origin', origin).header('vary', 'origin')
      reply.header('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*')
      reply.header('access-control-allow-methods', 'GET, POST, DELETE, OPTIONS')
      reply.header('access-control-expose-headers', 'x-agl-position, x-agl-error')
    }
    // A busy connection that is kept would hold up the stop until it is cut.
    if (context.isDraining()) reply.header('connection', 'close')
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
  })
  app.addHook('onResponse', async (request, reply) => {
    if (!context.logger.isLevelEnabled('debug')) return
    const ms = reply.elapsedTime.toFixed(1)
    context.logger.debug(`${request.method} ${request.url.split('?', 1)[0]} ${reply.statusCode} ${ms} ms`)
  })
  app.setErrorHandler((error, request, reply) => sendError(context, request, reply, error))
  const methods = collectMethods(app)
  app.setNotFoundHandler((request, reply) => answerUnknown(context, methods, request, reply))

  otlpRoutes(app, context)
  agentopsRoutes(app, context)
  apiRoutes(app, context)
  gatewayRoutes(app, context)
  dashboardRoutes(app)
  await app.ready()
  return { app, createServer: makeServer }
}

/**
 * Waits until what a caller wrote is readable: `after` is the `x-agl-position` of a write's answer.
 * Throws `AGL_POSITION_TIMEOUT` after 5 s.
 */
export async function waitForPosition(context: ServerContext, after: number): Promise<void> {
  if (await context.index.waitFor(after, 5000)) return
  throw new AglError('AGL_POSITION_TIMEOUT', { position: formatPosition(after) })
}
