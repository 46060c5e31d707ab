// Requests that no route answers: echoed under the emulated prefixes, as the original did, and counted.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AglError } from '../../errors.ts'
import type { ServerContext } from '../context.ts'
import { sendError } from './error-reply.ts'
import { peek } from './peek.ts'

/** Prefixes of the emulated API (design §11): what is unknown below them gets the echo. */
const emulated =
  /^\/(v[1-4]|public|opsboard|auth|sessions|events|agents|threads|developer_errors|traces|logs|metrics)(\/|$)/

const echoMethods = 'GET, HEAD, OPTIONS, POST'

/** The methods of each known path. */
export interface KnownMethods {
  of(path: string): string[]
}

/** Notes the routes as they are added: Fastify itself answers 404 where a path has other methods. */
export function collectMethods(app: FastifyInstance): KnownMethods {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    const pattern = new RegExp(`^${url.replace(/\/$/, '').replace(/\*/g, '.*').replace(/:\w+/g, '[^/]+')}/?$`)
    routes.push({ pattern, methods: [method].flat() })
  })
  return {
    of: (path) => [
      ...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods)),
    ],
  }
}

/** Answers a request without a route: 405 with `Allow`, the echo, or 404. */
export function answerUnknown(
  context: ServerContext,
  known: KnownMethods,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const path = request.url.split('?', 1)[0] as string
  const methods = known.of(path)
  const isEmulated = emulated.test(path)
  const allow = methods.length > 0 && !isEmulated ? [...methods, 'OPTIONS'].join(', ') : echoMethods
  if (request.method === 'OPTIONS') {
    reply.header('allow', allow).code(200).send()
    return
  }
  if (isEmulated ? !echoMethods.includes(request.method) : methods.length > 0) {
    reply.header('allow', allow)
    const { method } = request
    sendError(
      context,
      request,
      reply,
      new AglError('AGL_METHOD_NOT_ALLOWED', { method, path: path.slice(0, 200) }),
    )
    return
  }
  count(context, request, path)
  if (!isEmulated) {
    const todo = 'The routes of this server are listed in /api/v1/openapi.json.'
    sendError(context, request, reply, new AglError('AGL_NOT_FOUND', { what: path.slice(0, 200), todo }))
    return
  }
  reply.send({ path: decoded(path.slice(1)) })
}

/** Counts a request of a route that is not known, and keeps the first of each as an example. */
function count(context: ServerContext, request: FastifyRequest, path: string): void {
  const { method, headers, url } = request
  if (!context.watch.unknown(method, path)) return
  const example = {
    method,
    path: url,
    contentType: headers['content-type'] ?? '',
    userAgent: headers['user-agent'] ?? '',
  }
  void peek(request.raw).then((body) => context.watch.unknownExample(path, { ...example, body }))
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
