// Errors leave in the shape that the caller's API uses, with the stable code in a header.
import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AglError, isAglError } from '../../errors.ts'
import { mediaType } from '../../otlp/receive/media-type.ts'
import { errorReply } from '../../otlp/receive/reply.ts'
import { RETRY_AFTER_S, type ServerContext } from '../context.ts'

/** What is read of a refused body before the connection is cut, and for how long. */
const REST_BYTES = 128 * 1024 * 1024
const REST_MS = 10_000

/** Shapes of error bodies: OTLP `Status`, the emulated `{"error"}`, `{"detail"}` and `{"path", "message"}`, and our own. */
export type ErrorShape = 'otlp' | 'error' | 'detail' | 'legacy' | 'api'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Shape of this route's errors; `api` when not given. */
    errors?: ErrorShape
  }
}

/** Answers with `error`. Errors that are not of the catalogue are logged whole and leave without internals. */
export function sendError(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  cause: unknown,
): void {
  const error = noted(context, `${request.method} ${request.url}`, request.headers['user-agent'], cause)
  const { http } = error.kind
  reply.code(http).header('x-agl-error', error.code)
  const retryAfter = retryAfterOf(error)
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  if (!request.raw.complete) discardRest(request.raw)
  const shape = request.routeOptions.config.errors ?? 'api'
  if (shape === 'otlp') {
    const json = mediaType(request.headers['content-type']) === 'application/json'
    const { contentType, body } = errorReply(json ? 'json' : 'protobuf', error)
    reply.type(contentType).send(body)
  } else if (shape === 'legacy') {
    const path = request.url.split('?', 1)[0] as string
    const { message, action } = error
    // The words of the hosted API are compared by nobody, but searched for by people: they stand alone.
    reply.send({
      path,
      message: error.code === 'AGL_LEGACY_REFUSED' ? message : `${message} ${action}`.trim(),
    })
  } else if (shape === 'api') {
    reply.send({ error: { code: error.code, message: error.message, action: error.action } })
  } else {
    reply.send({ [shape]: `${error.message} ${error.action}`.trim() })
  }
}

/** The error of the catalogue that answers a failed request `what`; it is counted, or logged whole. */
export function noted(
  context: ServerContext,
  what: string,
  userAgent: string | undefined,
  cause: unknown,
): AglError {
  const error = catalogued(cause)
  if (error.code === 'AGL_INTERNAL') context.logger.error({ err: cause }, `${what} failed`)
  else if (error.kind.http !== 404) {
    context.watch.refused(error.code, `${what}: ${error.message} (${userAgent ?? 'no user agent'})`)
  }
  return error
}

/** Seconds after which the same request may succeed; undefined when it never will. */
export function retryAfterOf({ kind: { http } }: AglError): number | undefined {
  return http === 429 || http === 503 ? RETRY_AFTER_S : undefined
}

/**
 * Reads on while a client sends a body that was refused already: most look for an answer only then, and a
 * closed connection would keep it from them.
 */
function discardRest(request: IncomingMessage): void {
  const { socket } = request
  const mostBytes = socket.bytesRead + REST_BYTES
  const deadline = Date.now() + REST_MS
  request.resume()
  const timer = setInterval(() => {
    if (request.complete || socket.destroyed) clearInterval(timer)
    else if (socket.bytesRead > mostBytes || Date.now() > deadline) socket.destroy()
  }, 100)
  timer.unref()
}

function catalogued(cause: unknown): AglError {
  if (isAglError(cause)) return cause
  const { statusCode, message } = cause as { statusCode?: number; message?: string }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new AglError('AGL_BAD_REQUEST', { what: message ?? 'The request cannot be read.' }, cause)
  }
  return new AglError('AGL_INTERNAL', {}, cause)
}
