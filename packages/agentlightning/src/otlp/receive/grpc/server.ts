// The sockets and connections of OTLP/gRPC. Loaded only where a gRPC port is asked for.
//
// On `node:http2` itself and not on a gRPC library: a library hands over a message once it is whole and inflated,
// which is past the bounds that hold here for all bodies together: bytes in flight, inflations at once, ratio.
import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2'
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

/** A server for any number of connections, and how it ends. */
export interface GrpcServer {
  readonly server: Http2Server
  /** Takes no more connections and calls, gives running calls `drainMs` to end, cuts the rest. */
  close(drainMs: number): Promise<void>
}

/** Makes a server that does not listen yet. */
export function createGrpcServer(context: ServerContext): GrpcServer {
  const server = createServer({
    settings: { initialWindowSize: CALL_WINDOW_BYTES, maxConcurrentStreams: CALLS },
  })
  const sessions = new Set<ServerHttp2Session>()
  server.on('connection', (socket) => socket.setNoDelay(true).setKeepAlive(true, TCP_PROBE_MS))
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES)
  })
  server.on('sessionError', (error: Error) => {
    const what = 'gRPC: a connection broke, or its client speaks no HTTP/2; OTLP/HTTP has ports of its own'
    context.watch.refused('AGL_BAD_REQUEST', `${what} (${error.message})`)
  })
  server.on('stream', (stream, headers) => {
    answerCall(context, stream, headers).catch((error: unknown) => {
      noted(context, 'gRPC', headers['user-agent'], error)
      stream.destroy()
    })
  })
  return {
    server,
    close: (drainMs) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => {
          for (const session of sessions) session.destroy()
        }, drainMs)
        server.close(() => {
          clearTimeout(cut)
          resolve()
        })
        for (const session of sessions) session.close()
      }),
  }
}
