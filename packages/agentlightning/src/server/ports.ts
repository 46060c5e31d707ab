// Every socket of a server: its own port, those that exporters expect without being told, and gRPC.
import type { Server } from 'node:http'
import { AglError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { otlpDefaultPorts, type Ports } from './config.ts'
import type { ServerContext } from './context.ts'
import { bind, listen } from './listen.ts'

/** How long running requests may take to end once the server stops. */
const DRAIN_MS = 2000

/** Sockets that are open, and how they are closed. */
export interface OpenPorts {
  readonly ports: Ports
  /** Stops accepting, lets running requests end, then cuts what is left. */
  close(): Promise<void>
}

/**
 * Opens all ports that the configuration names, or none. Throws `AGL_PORT_IN_USE` with the port that is taken,
 * `AGL_PORT_FORBIDDEN`, `AGL_HOST_UNAVAILABLE`, `AGL_BAD_ARGUMENT` for one port with two uses.
 */
export async function openPorts(
  context: ServerContext,
  createServer: () => Server,
  logger: Logger,
): Promise<OpenPorts> {
  const { config } = context
  const { host, grpcPort, otlpPorts } = config
  const closers: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    await Promise.all(closers.splice(0).map((closer) => closer()))
  }
  const openHttp = (servers: readonly Server[]) => closers.push(() => closeServers(servers))
  try {
    const own = await listen(config, createServer, logger)
    openHttp(own.servers)
    const http = [own.port]
    const wanted = grpcWanted(grpcPort, otlpPorts)
    const twice = wanted.find(({ port }) => port === own.port)
    if (twice) throw usedTwice(own.port)
    if (otlpPorts && own.port !== otlpDefaultPorts.http) {
      const { servers, port } = await bind(
        { host, port: otlpDefaultPorts.http, instead: 'leave out --otlp-ports' },
        createServer,
      )
      openHttp(servers)
      http.push(port)
    }
    const grpc: number[] = []
    if (wanted.length > 0) {
      const { createGrpcServer } = await import('../otlp/receive/grpc/server.ts')
      for (const { port, instead } of wanted) {
        const listening = await bind({ host, port, instead }, () => {
          const made = createGrpcServer(context)
          closers.push(() => made.close(DRAIN_MS))
          return made.server
        })
        grpc.push(listening.port)
      }
    }
    return { ports: { http, grpc }, close }
  } catch (error) {
    await close()
    throw error
  }
}

function grpcWanted(
  grpcPort: number | undefined,
  otlpPorts: boolean,
): readonly { readonly port: number; readonly instead: string }[] {
  const asked = 'choose another port: --grpc-port N, or --grpc-port 0 for a free one'
  const own = grpcPort === undefined ? [] : [{ port: grpcPort, instead: asked }]
  if (!otlpPorts || grpcPort === otlpDefaultPorts.grpc) return own
  return [...own, { port: otlpDefaultPorts.grpc, instead: 'leave out --otlp-ports' }]
}

function usedTwice(port: number): AglError {
  return new AglError('AGL_BAD_ARGUMENT', {
    what: `Port ${port} cannot be both the server's own and that of gRPC.`,
    todo: 'Choose two ports: --port N --grpc-port M.',
  })
}

async function closeServers(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
          server.close(() => {
            clearTimeout(cut)
            resolve()
          })
          server.closeIdleConnections()
        }),
    ),
  )
}
