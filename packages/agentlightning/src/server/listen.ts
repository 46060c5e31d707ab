// Binds the sockets: on loopback both families, since `localhost` is ::1 for some clients.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AglError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { ServerConfig } from './config.ts'

/** Ports tried for one that is free on both families when any will do. */
const PAIR_TRIES = 10
/** Connections that may wait to be accepted: exporters of many processes come at once. */
const BACKLOG = 1024

/** Open sockets. */
export interface Listening {
  readonly servers: readonly Server[]
  /** The port really bound. */
  readonly port: number
}

/**
 * Listens as the configuration says. The port is chosen by binding it, so nothing can take it in between.
 * Throws `AGL_PORT_IN_USE`, `AGL_PORT_FORBIDDEN`, `AGL_HOST_UNAVAILABLE`.
 */
export async function listen(config: ServerConfig, make: () => Server, logger: Logger): Promise<Listening> {
  try {
    return await bind(config, config.port, make)
  } catch (error) {
    const busy = error instanceof AglError && error.code === 'AGL_PORT_IN_USE'
    if (!busy || config.portPolicy !== 'preferred') throw error
    const listening = await bind(config, 0, make)
    logger.warn(`Port ${config.port} is in use by another program; using port ${listening.port} instead`)
    return listening
  }
}

async function bind(config: ServerConfig, port: number, make: () => Server): Promise<Listening> {
  const { host } = config
  if (host !== 'localhost' && host !== '127.0.0.1') {
    const server = await bindOne(make(), host, port)
    return { servers: [server], port: portOf(server) }
  }
  for (let tries = 1; ; tries++) {
    const four = await bindOne(make(), '127.0.0.1', port)
    try {
      const six = await bindOne(make(), '::1', portOf(four))
      return { servers: [four, six], port: portOf(four) }
    } catch (error) {
      const { code, cause } = error as { code?: string; cause?: { code?: string } }
      // A machine without IPv6 is served on IPv4 alone.
      if (code !== 'AGL_PORT_IN_USE') {
        const absent = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes(cause?.code ?? '')
        if (absent) return { servers: [four], port: portOf(four) }
      }
      await new Promise((resolve) => four.close(resolve))
      if (port !== 0 || tries === PAIR_TRIES || code !== 'AGL_PORT_IN_USE') throw error
    }
  }
}

function bindOne(server: Server, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(catalogued(error, host, port)))
    server.listen({ port, host, backlog: BACKLOG, ipv6Only: host === '::1' }, () => {
      server.removeAllListeners('error')
      resolve(server)
    })
  })
}

function catalogued(error: NodeJS.ErrnoException, host: string, port: number): AglError {
  if (error.code === 'EADDRINUSE') return new AglError('AGL_PORT_IN_USE', { port, holder: '' }, error)
  if (error.code === 'EACCES') return new AglError('AGL_PORT_FORBIDDEN', { port }, error)
  return new AglError('AGL_HOST_UNAVAILABLE', { host, reason: error.code ?? error.message }, error)
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
