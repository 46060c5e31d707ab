// Binds the sockets: on loopback both families, since `localhost` is ::1 for some clients.
import type { AddressInfo, Server } from 'node:net'
import { AglError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { ServerConfig } from './config.ts'

/** Ports tried for one that is free on both families when any will do. */
const PAIR_TRIES = 10
/** Connections that may wait to be accepted: exporters of many processes come at once. */
const BACKLOG = 1024

/** The port of a server and what to do instead when it cannot be had, e.g. `choose another port: --port N`. */
export interface Wanted {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly instead: string
}

/**
 * Listens as the configuration says; resolves to the port. The port is chosen by binding it, so nothing can take it in between.
 * Throws `AGL_PORT_IN_USE`, `AGL_PORT_FORBIDDEN`, `AGL_HOST_UNAVAILABLE`.
 */
export async function listen(config: ServerConfig, make: () => Server, logger: Logger): Promise<number> {
  const { host, port } = config
  const instead = 'choose another port: --port N, or --port 0 for a free one'
  try {
    return await bind({ host, port, instead }, make)
  } catch (error) {
    const busy = error instanceof AglError && error.code === 'AGL_PORT_IN_USE'
    if (!busy || config.portPolicy !== 'preferred') throw error
    const free = await bind({ host, port: 0, instead }, make)
    logger.warn(`Port ${port} is in use by another program; using port ${free} instead`)
    return free
  }
}

/** Listens on exactly this port, on each of its addresses with a server of its own. Resolves and throws as `listen` does. */
export async function bind(wanted: Wanted, make: () => Server): Promise<number> {
  const { host, port } = wanted
  if (host !== 'localhost' && host !== '127.0.0.1') {
    return portOf(await bindOne(make(), wanted))
  }
  for (let tries = 1; ; tries++) {
    const four = await bindOne(make(), { ...wanted, host: '127.0.0.1' })
    try {
      await bindOne(make(), { ...wanted, host: '::1', port: portOf(four) })
      return portOf(four)
    } catch (error) {
      const { code, cause } = error as { code?: string; cause?: { code?: string } }
      // A machine without IPv6 is served on IPv4 alone.
      if (code !== 'AGL_PORT_IN_USE') {
        const absent = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes(cause?.code ?? '')
        if (absent) return portOf(four)
      }
      await new Promise((resolve) => four.close(resolve))
      if (port !== 0 || tries === PAIR_TRIES || code !== 'AGL_PORT_IN_USE') throw error
    }
  }
}

function bindOne(server: Server, { host, port, instead }: Wanted): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(catalogued(error, { host, port, instead })))
    server.listen({ port, host, backlog: BACKLOG, ipv6Only: host === '::1' }, () => {
      server.removeAllListeners('error')
      resolve(server)
    })
  })
}

function catalogued(error: NodeJS.ErrnoException, { host, port, instead }: Wanted): AglError {
  if (error.code === 'EADDRINUSE')
    return new AglError('AGL_PORT_IN_USE', { port, holder: '', instead }, error)
  if (error.code === 'EACCES') return new AglError('AGL_PORT_FORBIDDEN', { port }, error)
  return new AglError('AGL_HOST_UNAVAILABLE', { host, reason: error.code ?? error.message }, error)
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
