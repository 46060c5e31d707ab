// `GET /api/v1/live`: changed traces as they are written.
import type { FastifyInstance } from 'fastify'
import type { ServerContext } from '../../server/context.ts'
import type { LiveClient } from './feed.ts'

/** How long a browser waits before it connects again. */
const RETRY_MS = 1000

/** Adds the stream of events `hello`, `traces`, `pulse` and `reset`. */
export function liveRoutes(app: FastifyInstance, { live }: ServerContext): void {
  app.get('/api/v1/live', async (request, reply) => {
    const headers = { ...reply.getHeaders(), 'content-type': 'text/event-stream; charset=utf-8' }
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, headers as Record<string, string>)
    raw.write(`retry: ${RETRY_MS}\n\n`)
    const client: LiveClient = {
      send: (text) => {
        raw.write(text)
        return raw.writableLength
      },
      end: () => {
        raw.end()
        // What is not read by now is not waited for.
        request.raw.socket.destroySoon()
      },
    }
    raw.once('close', () => live.remove(client))
    raw.on('error', () => live.remove(client))
    live.add(client)
  })
}
