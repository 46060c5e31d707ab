// A server in this process: for the foreground command, where nothing can then be orphaned.
import { createLogger } from '../logger.ts'
import type { RunningServer, ServerConfig } from '../server/config.ts'
import type { HostedServer, ServerExit, Starting } from './hosted-server.ts'
import { catalogued, serve } from './serve.ts'

/** Starts a server in this process. It keeps the program alive until it is stopped. */
export function startInProcess(config: ServerConfig): Starting {
  let givenUp = false
  const ready = serve(config, createLogger(config.logLevel)).then(
    (server) => {
      if (givenUp) void server.stop()
      return hosted(server)
    },
    (error: unknown) => {
      throw catalogued(error)
    },
  )
  return {
    ready,
    kill: () => {
      givenUp = true
    },
  }
}

function hosted(server: RunningServer): HostedServer {
  const { host, port, ports, url, instanceId } = server
  const ended: Promise<ServerExit> = server.stopped.then(
    () => ({ code: 0, signal: null }),
    () => ({ code: 1, signal: null }),
  )
  return {
    at: { host, port, ports, url, instanceId },
    pid: process.pid,
    ended,
    // What breaks on the way down is told by `stopped`.
    ask: () => void server.stop().catch(() => undefined),
    kill: () => {},
    hold: () => {},
  }
}
