// What the server says about itself, and how it is told to stop.
import type { FastifyInstance } from 'fastify'
import { sendPage, wantsPage } from '../dashboard/routes.ts'
import { AglError } from '../errors.ts'
import { formatPosition } from '../log/record.ts'
import { lagBytes } from '../server/admission.ts'
import type { ServerContext } from '../server/context.ts'
import { equal } from '../server/http/guard.ts'
import { version } from '../version.ts'

/** The longest that a position is waited for: a client flushes before its program ends. */
const POSITION_WAIT_MS = 30_000

/** Adds `/`, `/health`, `/api/v1/status`, `/api/v1/position` and the two commands. */
export function serverRoutes(app: FastifyInstance, context: ServerContext): void {
  const { identity, config, health, index, log } = context

  const about = () => ({
    status: 'healthy',
    message: 'Server Up',
    product: 'agentlightning',
    version,
    instanceId: identity.instanceId,
    dataDirHash: identity.dataDirHash,
    pid: process.pid,
    ports: context.ports(),
    uptimeSeconds: Math.round((Date.now() - health.startedMs) / 1000),
  })

  app.get('/health', async (_, reply) => reply.send(about()))
  app.get('/', async (request, reply) => {
    if (wantsPage(request)) return sendPage(request, reply)
    const links = { traces: '/api/v1/traces', status: '/api/v1/status', openapi: '/api/v1/openapi.json' }
    return reply.header('vary', 'accept').send({ ...about(), links })
  })

  app.get('/api/v1/status', async (_, reply) => {
    const stats = JSON.parse(await context.query.ask('getStats', undefined)) as Record<string, unknown>
    const memory = process.memoryUsage()
    return reply.send({
      ...about(),
      dataDir: config.dataDir,
      store: config.store,
      log: {
        bytes: log.bytes,
        segments: log.segments().length,
        durable: formatPosition(log.durable),
        maxDiskBytes: config.maxDiskBytes,
      },
      index: { ...stats, lagBytes: lagBytes(log, index.position), sinceStart: index.counts },
      memory: { residentBytes: memory.rss, heapBytes: memory.heapUsed },
      eventLoopDelayMs: health.loopDelay(),
      requests: context.watch.report(),
      gateway: context.gateway.status(),
    })
  })

  app.get<{ Querystring: { wait?: string } }>('/api/v1/position', async (request, reply) => {
    const durable = log.durable
    const wait = request.query.wait !== undefined && request.query.wait !== '0'
    const reached = await index.waitFor(durable, wait ? POSITION_WAIT_MS : 0)
    if (wait && !reached) throw new AglError('AGL_POSITION_TIMEOUT', { position: formatPosition(durable) })
    return reply.send({ durable: formatPosition(durable), indexed: formatPosition(index.position), reached })
  })

  app.post('/api/v1/server/stop', async (request, reply) => {
    demandSecret(context, request.headers['x-agl-secret'])
    reply.raw.once('close', () => void context.stop())
    return reply.code(202).send({ stopping: identity.instanceId })
  })

  app.post('/api/v1/server/reindex', async (request, reply) => {
    demandSecret(context, request.headers['x-agl-secret'])
    await context.reindex()
    return reply.code(202).send({ reindexing: true })
  })
}

function demandSecret(context: ServerContext, given: string | string[] | undefined): void {
  if (typeof given === 'string' && equal(given, context.identity.secret)) return
  throw new AglError('AGL_UNAUTHORIZED', { what: 'the secret of the state file is needed.' })
}
