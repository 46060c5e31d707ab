// `/v4/logs/upload/` (console text of a trace) and `/v4/objects/upload/` (audio of transcription spans).
import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AglError } from '../../errors.ts'
import { formatPosition } from '../../log/record.ts'
import { mediaType } from '../../otlp/receive/media-type.ts'
import { readBody } from '../../otlp/receive/read-body.ts'
import { headerOf } from '../../otlp/receive/record.ts'
import type { ServerContext } from '../../server/context.ts'
import { waitForPosition } from '../../server/http/app.ts'
import { identify } from '../../server/http/guard.ts'
import { traceIdOfHeader } from '../trace-id-header.ts'

/** Adds the uploads and the routes that their answered URLs lead to. */
export function uploadRoutes(app: FastifyInstance, context: ServerContext): void {
  const config = { errors: 'detail' as const }
  app.post('/v4/logs/upload/', { config }, (request, reply) => uploadLog(context, request, reply))
  app.post('/v4/objects/upload/', { config }, (request, reply) => uploadObject(context, request, reply))

  app.get<{ Params: { traceId: string } }>('/v4/logs/:traceId', { config }, async (request, reply) => {
    identify(context.config, context.tokens, request.headers)
    const traceId = traceIdOfHeader(request.params.traceId, '')
    const missing = {
      what: `Logs of trace ${request.params.traceId.slice(0, 64)}`,
      todo: 'Check the trace id.',
    }
    if (traceId === undefined) throw new AglError('AGL_NOT_FOUND', missing)
    const { logs } = JSON.parse(await context.query.ask('getLogs', { id: traceId })) as {
      logs: { text: string }[]
    }
    if (logs.length === 0) return reply.code(404).send({ detail: `No logs found for trace ID: ${traceId}` })
    const content = logs.map(({ text }) => text).join('')
    return reply.send({ freeplan_truncated: false, content, trace_id: traceId })
  })

  app.get<{ Params: { id: string } }>('/v4/objects/:id', { config }, async (request, reply) => {
    identify(context.config, context.tokens, request.headers)
    const { contentType, bytes } = await context.query.ask('getObject', { id: request.params.id })
    // Whatever was uploaded must not run as a page of this origin.
    reply.header('content-security-policy', "sandbox; default-src 'none'")
    return reply.type(contentType).send(Buffer.from(bytes))
  })
}

async function uploadLog(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const header = request.headers['trace-id']
  const userAgent = request.headers['user-agent'] ?? ''
  // Statuses and texts of the hosted API (`/v4/logs/upload/`).
  if (typeof header !== 'string' || header === '')
    return reply.code(400).send({ detail: 'No trace ID provided' })
  if (!/^[A-Za-z0-9_.-]+$/.test(header)) {
    return reply.code(400).send({ detail: 'Trace ID contains invalid characters' })
  }
  const traceId = traceIdOfHeader(header, userAgent)
  const { project, size, end } = await store(
    context,
    'uploadLog',
    request,
    traceId === undefined ? {} : { traceId },
  )
  context.watch.hello('log upload', project ?? '', userAgent)
  reply.header('x-agl-position', formatPosition(end))
  return reply.send({ url: `${baseUrl(request, context)}/v4/logs/${traceId ?? header}`, size })
}

async function uploadObject(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const id = randomUUID().replaceAll('-', '')
  const { size, end } = await store(context, 'uploadObject', request, { sessionId: id })
  // The URL that is answered must work at once.
  await waitForPosition(context, end)
  reply.header('x-agl-position', formatPosition(end))
  return reply.send({ url: `${baseUrl(request, context)}/v4/objects/${id}`, size })
}

async function store(
  context: ServerContext,
  kind: 'uploadLog' | 'uploadObject',
  request: FastifyRequest,
  ids: { traceId?: string; sessionId?: string },
): Promise<{ project: string | undefined; size: number; end: number }> {
  const { config, budget } = context
  const sender = identify(config, context.tokens, request.headers)
  const body = await readBody(request.raw, config.limits, budget, config.limits.uploadBytes)
  try {
    const contentType = mediaType(request.headers['content-type']) || 'application/octet-stream'
    const header = { ...headerOf(kind, 'protobuf', sender, request), ...ids, contentType }
    const { end } = await context.append(header, [body.bytes])
    return { project: sender.project, size: body.bytes.length, end }
  } finally {
    body.release()
  }
}

function baseUrl(request: FastifyRequest, context: ServerContext): string {
  return `http://${request.headers.host ?? `localhost:${context.config.port}`}`
}
