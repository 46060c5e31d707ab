// How the gateway is told what to do: runs, keys, pause and resume. Its calls themselves do not pass here.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AglError } from '../errors.ts'
import { readBody } from '../otlp/receive/read-body.ts'
import type { ServerContext } from '../server/context.ts'
import { demandsKey, equal, identify, isLoopback } from '../server/http/guard.ts'
import type { Gateway } from './gateway.ts'
import { isHttpUrl } from './settings.ts'

const BODY_BYTES = 64 * 1024
const DRAIN_SECONDS = 600

const id = z.string().min(1).max(256)
const url = z.string().refine(isHttpUrl, 'must be an http or https URL')

const runBody = z.strictObject({
  run: id.optional(),
  upstream: z.strictObject({ openai: url.optional(), anthropic: url.optional() }).default({}),
  rollout: id.optional(),
  attempt: id.optional(),
  tags: z.array(id).max(100).optional(),
})

/** `serve=true`: processes that the program left behind may go on. */
const endQuery = z.object({ serve: z.enum(['true', 'false']).default('false') })

const keyBody = z.strictObject({ rollout: id, attempt: id.optional() })

const pauseBody = z.object({
  retry_after_seconds: z.number().min(0).max(3600).default(5),
  reason: z.string().max(500).nullish(),
  /** Seconds to wait until nothing is under way. */
  wait_seconds: z.number().min(0).max(DRAIN_SECONDS).default(0),
})

/** Adds `/api/v1/gateway/…`, and `/proxy/pause`, `/proxy/resume` and `/proxy/state` as Agent Lightning 1.0 has them. */
export function gatewayRoutes(app: FastifyInstance, context: ServerContext): void {
  const { gateway } = context

  for (const prefix of ['/proxy', '/api/v1/gateway']) {
    app.get(`${prefix}/state`, async (request, reply) => {
      demandCaller(context, request)
      return reply.send(stateOf(gateway))
    })
    app.post(`${prefix}/pause`, async (request, reply) => {
      demandCaller(context, request)
      const body = parse(pauseBody, await jsonOf(context, request))
      gateway.pause({ retryAfterSeconds: body.retry_after_seconds, reason: body.reason ?? '' })
      if (body.wait_seconds > 0) await gateway.drained(body.wait_seconds * 1000)
      return reply.send(stateOf(gateway))
    })
    app.post(`${prefix}/resume`, async (request, reply) => {
      demandCaller(context, request)
      gateway.resume()
      return reply.send(stateOf(gateway))
    })
  }

  app.get('/api/v1/gateway/runs', async (request, reply) => {
    demandCaller(context, request)
    return reply.send({ runs: gateway.registry.runs })
  })

  app.post('/api/v1/gateway/runs', async (request, reply) => {
    demandOperator(context, request)
    const wanted = parse(runBody, await jsonOf(context, request))
    if (wanted.run !== undefined) gateway.forgetRun(wanted.run)
    const run = gateway.registry.addRun(wanted)
    const path = `/gateway/r/${encodeURIComponent(run.run)}`
    return reply.code(201).send({ ...run, path, openaiPath: `${path}/v1`, anthropicPath: path })
  })

  app.delete<{ Params: { run: string } }>('/api/v1/gateway/runs/:run', async (request, reply) => {
    const { run } = request.params
    demandOperator(context, request)
    const { serve } = parse(endQuery, request.query)
    gateway.forgetRun(run)
    if (!gateway.registry.endRun(run, serve === 'true'))
      throw new AglError('AGL_NOT_FOUND', {
        what: `The run ${run.slice(0, 100)}`,
        todo: 'It may have ended.',
      })
    return reply.send({ ended: run })
  })

  app.post('/api/v1/gateway/keys', async (request, reply) => {
    demandOperator(context, request)
    const { rollout, attempt } = parse(keyBody, await jsonOf(context, request))
    const key = gateway.registry.keyOf(rollout, attempt)
    return reply.code(201).send({ key, rollout, attempt })
  })
}

function stateOf(gateway: Gateway): object {
  const { paused } = gateway.registry
  return {
    paused: paused !== undefined,
    retry_after_seconds: paused?.retryAfterSeconds ?? null,
    reason: paused?.reason || null,
    inflight: gateway.inFlight,
  }
}

function demandCaller(context: ServerContext, request: FastifyRequest): void {
  identify(context.config, context.tokens, request.headers)
}

/**
 * Who may name upstreams: anyone of this machine, and from elsewhere who has the server's key or the secret of its
 * state file. Otherwise an open server would fetch any address for anybody.
 */
function demandOperator(context: ServerContext, request: FastifyRequest): void {
  const secret = request.headers['x-agl-secret']
  if (typeof secret === 'string' && equal(secret, context.identity.secret)) return
  demandCaller(context, request)
  if (demandsKey(context.config) || isLoopback(context.config.host)) return
  throw new AglError('AGL_UNAUTHORIZED', { what: 'the secret of the state file is needed.' })
}

async function jsonOf(context: ServerContext, request: FastifyRequest): Promise<unknown> {
  const body = await readBody(request.raw, context.config.limits, context.budget, BODY_BYTES)
  try {
    return body.bytes.length === 0 ? {} : JSON.parse(body.bytes.toString())
  } catch (error) {
    throw new AglError('AGL_BAD_REQUEST', { what: `The body is no JSON: ${(error as Error).message}.` })
  } finally {
    body.release()
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new AglError('AGL_BAD_REQUEST', {
    what: `${issue?.path.join('.') || 'The body'}: ${issue?.message ?? 'not understood'}.`,
  })
}
