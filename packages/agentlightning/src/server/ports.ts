// Every socket of a server: its own port, and those that exporters expect without being told. All of them take OTLP/HTTP and
// OTLP/gRPC.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { AglError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { GrpcServer } from '../otlp/receive/grpc/server.ts'
import { otlpDefaultPorts, type Ports } from './config.ts'
import type { ServerContext } from './context.ts'
import { type Diversion, divertHttp2 } from './http/divert-http2.ts'
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
 * `AGL_PORT_FORBIDDEN`, `AGL_HOST_UNAVAILABLE`.
 */
export async function openPorts(
  context: ServerContext,
  createServer: () => Server,
  logger: Logger,
): Promise<OpenPorts> {
  const { config } = context
  const { host, grpcPort, otlpPorts } = config
  const grpc = new LazyGrpcServer(context)
  const closers: (() => Promise<void>)[] = [() => grpc.close()]
  const close = async (): Promise<void> => {
    await Promise.all(closers.splice(0).map((closer) => closer()))
  }
  const make = (): Server => {
    const server = createServer()
    const tlsCame = (port: number): void =>
      context.watch.refused('AGL_TLS_REFUSED', new AglError('AGL_TLS_REFUSED', { port }).message)
    const diversion = divertHttp2(server, (socket) => grpc.take(socket), tlsCame)
    closers.push(() => closeServer(server, diversion))
    return server
  }
  try {
    const own = await listen(config, make, logger)
    const ports: { http: number[]; grpc: number[] } = { http: [own], grpc: [] }
    if (otlpPorts && own !== otlpDefaultPorts.http) {
      const instead = 'leave out --otlp-ports'
      ports.http.push(await bind({ host, port: otlpDefaultPorts.http, instead }, make))
    }
    for (const { port, instead } of grpcWanted(grpcPort, otlpPorts)) {
      const isOpen = ports.http.includes(port)
      ports.grpc.push(isOpen ? port : await bind({ host, port, instead }, make))
    }
    return { ports, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Serves the connections of HTTP/2: most servers never see one. */
class LazyGrpcServer {
  readonly #context: ServerContext
  #made: Promise<GrpcServer> | undefined
  #isClosed = false

  constructor(context: ServerContext) {
    this.#context = context
  }

  take(socket: Socket): void {
    this.#made ??= import('../otlp/receive/grpc/server.ts').then(({ createGrpcServer }) =>
      createGrpcServer(this.#context),
    )
    this.#made.then(
      (server) => (this.#isClosed ? socket.destroy() : server.take(socket)),
      (error: unknown) => {
        this.#context.logger.error({ err: error }, 'OTLP/gRPC could not be loaded')
        socket.destroy()
      },
    )
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const server = await this.#made?.catch(() => undefined)
    await server?.close(DRAIN_MS)
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

function closeServer(server: Server, diversion: Diversion): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
    diversion.close()
  })
}
