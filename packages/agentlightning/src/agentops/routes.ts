// The AgentOps HTTP API, family by family.
import type { FastifyInstance } from 'fastify'
import type { ServerContext } from '../server/context.ts'
import { tokenRoutes } from './v3/token.ts'
import { uploadRoutes } from './v4/uploads.ts'

/** Adds the routes that AgentOps SDKs call. */
export function agentopsRoutes(app: FastifyInstance, context: ServerContext): void {
  tokenRoutes(app, context)
  uploadRoutes(app, context)
}
