// OTLP/HTTP: receive, check, append, and only then answer.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RecordKind } from '../../log/record.ts'
import type { ServerContext } from '../../server/context.ts'
import { identify } from '../../server/http/guard.ts'
import { encodingOfType, sniffEncoding } from './media-type.ts'
import { readBody } from './read-body.ts'
import { headerOf, record } from './record.ts'

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

/** Adds the routes of the three signals. */
export function otlpRoutes(app: FastifyInstance, context: ServerContext): void {
  const config = { errors: 'otlp' as const }
  for (const url of paths('traces')) {
    app.post(url, { config }, (request, reply) => receive(context, 'otlpTraces', request, reply))
  }
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
  const { config, budget } = context
  const sender = identify(config, context.tokens, request.headers)
  const named = encodingOfType(request.headers['content-type'])
  const body = await readBody(request.raw, config.limits, budget)
  try {
    const encoding = named ?? sniffEncoding(body.bytes)
    const header = headerOf(kind, encoding, sender, request)
    const { answer, position } = await record(context, header, encoding, body.bytes)
    if (position !== undefined) reply.header('x-agl-position', position)
    return reply.type(answer.contentType).send(answer.body)
  } finally {
    body.release()
  }
}
