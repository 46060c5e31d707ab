// OTLP/HTTP: receive, check, append, and only then answer.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { formatPosition, type RecordHeader, type RecordKind } from '../../log/record.ts'
import type { ServerContext } from '../../server/context.ts'
import { identify, type Sender } from '../../server/http/guard.ts'
import type { PayloadEncoding, ScanResult } from '../scan/span-view.ts'
import { encodingOfType, sniffEncoding } from './media-type.ts'
import { readBody } from './read-body.ts'
import { successReply } from './reply.ts'

/**
 * The spellings in the wild, besides the standard one: Agent Lightning posts to `/traces`, and exporters that are
 * given the full URL as their base append the path once more.
 */
const paths = (signal: string) => [
  `/v1/${signal}`,
  `/${signal}`,
  `/api/v1/${signal}`,
  `/v1/${signal}/v1/${signal}`,
]

const whole: ScanResult = { accepted: 1, rejected: [] }

/** Adds the routes of the three signals. */
export function otlpRoutes(app: FastifyInstance, context: ServerContext): void {
  const config = { errors: 'otlp' as const }
  for (const url of paths('traces')) {
    app.post(url, { config }, (request, reply) => receive(context, 'otlpTraces', request, reply))
  }
  // Kept as they came: the views of these signals are derived from the log by later versions.
  for (const url of paths('logs')) {
    app.post(url, { config }, (request, reply) => receive(context, 'otlpLogs', request, reply))
  }
  for (const url of paths('metrics')) {
    app.post(url, { config }, (request, reply) => receive(context, 'otlpMetrics', request, reply))
  }
}

async function receive(
  context: ServerContext,
  kind: RecordKind,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { config, budget, watch } = context
  const sender = identify(config, context.tokens, request.headers)
  const named = encodingOfType(request.headers['content-type'])
  const body = await readBody(request.raw, config.limits, budget)
  try {
    const encoding = named ?? sniffEncoding(body.bytes)
    const { result, bytes } =
      kind === 'otlpTraces'
        ? await context.scan.scan(encoding, body.bytes)
        : { result: whole, bytes: body.bytes }
    if (result.accepted > 0 && bytes.length > 0) {
      const { end } = await context.append(headerOf(kind, encoding, sender, request), [bytes])
      reply.header('x-agl-position', formatPosition(end))
      if (kind === 'otlpTraces') watch.spans(sender.project)
    }
    for (const { reason, count } of result.rejected) {
      const example = `${count} span(s) of ${request.headers['user-agent'] ?? 'no user agent'}: ${reason}`
      watch.refused('AGL_SPAN_REJECTED', example)
    }
    const { contentType, body: answer } = successReply(encoding, result)
    return reply.type(contentType).send(answer)
  } finally {
    body.release()
  }
}

/** The record header of a request; `route` is without query, and the key of `/k/KEY` is not in it. */
export function headerOf(
  kind: RecordKind,
  encoding: PayloadEncoding,
  sender: Sender,
  request: FastifyRequest,
): Omit<RecordHeader, 'receivedNs'> {
  const { 'user-agent': userAgent, traceparent } = request.headers
  return {
    kind,
    contentType: encoding === 'json' ? 'application/json' : 'application/x-protobuf',
    route: request.url.split('?', 1)[0] as string,
    projectSource: sender.source,
    ...(sender.project === undefined ? {} : { project: sender.project }),
    ...(sender.keyHash === undefined ? {} : { keyHash: sender.keyHash }),
    ...(userAgent === undefined ? {} : { userAgent: userAgent.slice(0, 300) }),
    ...(typeof traceparent === 'string' ? { traceparent: traceparent.slice(0, 100) } : {}),
  }
}
