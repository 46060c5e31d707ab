// The AgentOps HTTP API, family by family.
import type { FastifyInstance } from 'fastify'
import type { ServerContext } from '../server/context.ts'
import { publicRoutes } from './public/routes.ts'
import { v0Routes } from './v0/routes.ts'
import { v2ReadRoutes } from './v2/read.ts'
import { v2WriteRoutes } from './v2/write.ts'
import { tokenRoutes } from './v3/token.ts'
import { uploadRoutes } from './v4/uploads.ts'

/** Adds the routes that AgentOps SDKs call. */
export function agentopsRoutes(app: FastifyInstance, context: ServerContext): void {
  v0Routes(app, context)
  publicRoutes(app, context)
  v2WriteRoutes(app, context)
  v2ReadRoutes(app, context)
  tokenRoutes(app, context)
  uploadRoutes(app, context)
}
