// `GET /api/v1/doctor`: what is wrong with this server, and with the calls that it recorded.
import type { FastifyInstance } from 'fastify'
import type { DoctorAnswer, ScopeAnswer } from '../../doctor/answer.ts'
import { examineServer } from '../../doctor/examine.ts'
import type { Finding } from '../../doctor/finding.ts'
import { parsePosition } from '../../log/record.ts'
import type { ServerContext } from '../../server/context.ts'
import { waitForPosition } from '../../server/http/app.ts'
import { UpstreamProbe } from './probe.ts'
import { doctorQuery } from './schemas.ts'
import { serverFacts } from './server-facts.ts'

/** What went wrong longer ago may be mended, where nobody says how far to look back. */
const USUAL_AGE_MS = 3_600_000

/** An advice with the address at which this server was just reached, ready to be copied. */
function addressed(one: Finding, url: string): Finding {
  return { ...one, todo: one.todo.replaceAll('<server>', url) }
}

/** Adds the route. */
export function doctorRoutes(app: FastifyInstance, context: ServerContext): void {
  const probe = new UpstreamProbe(process.env)
  app.get('/api/v1/doctor', async (request, reply) => {
    const nowMs = Date.now()
    const asked = doctorQuery(request.query, nowMs)
    const position = asked.after === undefined ? undefined : parsePosition(asked.after)
    if (position !== undefined) await waitForPosition(context, position)
    const upstreams = asked.probe ? await probe.ask(context.gateway.status().upstreams) : []
    const scope = JSON.parse(await context.query.ask('diagnose', asked.query)) as ScopeAnswer
    const server = await serverFacts(context, upstreams)
    const url = `${request.protocol}://${request.host}`
    const { sinceNs } = asked.query
    const sinceMs = sinceNs === undefined ? nowMs - USUAL_AGE_MS : Number(sinceNs / 1_000_000n)
    const answer: DoctorAnswer = {
      ...scope,
      findings: [...examineServer(server, url, sinceMs), ...scope.findings].map((one) => addressed(one, url)),
      server,
    }
    return reply.send(answer)
  })
}
