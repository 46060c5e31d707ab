// The connections of OTLP/gRPC. Loaded with the first one.
//
// On `node:http2` itself and not on a gRPC library: a library hands over a message once it is whole and inflated,
// which is past the bounds that hold here for all bodies together: bytes in flight, inflations at once, ratio.
import { createServer, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { ServerContext } from '../../../server/context.ts'
import { noted } from '../../../server/http/error-reply.ts'
import { answerCall } from './call.ts'

/** What a client may send ahead on one call, and on all calls of a connection. */
const CALL_WINDOW_BYTES = 256 * 1024
const CONNECTION_WINDOW_BYTES = 1024 * 1024
/** Calls at once on one connection; further ones wait at the client. */
const CALLS = 100
/** A peer that vanished without a word is noticed after this and the system's probes. */
const TCP_PROBE_MS = 60_000
/** Who says that it speaks HTTP/2 has begun to by then. */
const BEGIN_MS = 60_000

/** A server for any number of connections, and how it ends. */
export interface GrpcServer {
  /** Serves a connection of HTTP/2 that another server has accepted. */
  take(socket: Socket): void
  /** Takes no more calls, gives running ones `drainMs` to end, cuts the rest. */
  close(drainMs: number): Promise<void>
}

/** Makes a server that does not listen itself. */
export function createGrpcServer(context: ServerContext): GrpcServer {
  const server = createServer({
    settings: { initialWindowSize: CALL_WINDOW_BYTES, maxConcurrentStreams: CALLS },
  })
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => {
    sessions.add(session)
    const late = setTimeout(() => session.destroy(), BEGIN_MS).unref()
    session.once('remoteSettings', () => clearTimeout(late))
    session.once('close', () => {
      clearTimeout(late)
      sessions.delete(session)
    })
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES)
  })
  server.on('sessionError', (error: Error) => {
    context.watch.refused('AGL_BAD_REQUEST', `gRPC: a connection broke (${error.message})`)
  })
  server.on('stream', (stream, headers) => {
    answerCall(context, stream, headers).catch((error: unknown) => {
      noted(context, 'gRPC', headers['user-agent'], error)
      stream.destroy()
    })
  })
  return {
    take(socket) {
      socket.setNoDelay(true).setKeepAlive(true, TCP_PROBE_MS)
      server.emit('connection', socket)
    },
    async close(drainMs) {
      const ends = [...sessions].map((session) => {
        const ended = new Promise((resolve) => session.once('close', resolve))
        session.close()
        return ended
      })
      const cut = setTimeout(() => {
        for (const session of sessions) session.destroy()
      }, drainMs)
      await Promise.all(ends)
      clearTimeout(cut)
    },
  }
}
