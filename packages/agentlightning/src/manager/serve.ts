// One server from its settings to its end, with the lines of its life in the log.
import { AglError, isAglError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { RunningServer, ServerConfig } from '../server/config.ts'
import { portHolderText } from './port-holder.ts'

/** The name under which `ps` shows a process that is a server. */
export const processTitle = 'AgentLightning-AgentOpsServer'

/**
 * Starts a server in this process; resolves when it answers. Rejects with a catalogued error, of which
 * AGL_PORT_IN_USE names the holder of the port where the system tells.
 */
export async function serve(config: ServerConfig, logger: Logger): Promise<RunningServer> {
  logger.info(`configured: data in ${config.dataDir}, store ${config.store}, host ${config.host}`)
  logger.info(`starting on port ${config.port === 0 ? '0 (any free one)' : config.port}`)
  const { startServer } = await import('../server/start.ts')
  const server = await startServer(config, logger).catch((error: unknown) => {
    throw catalogued(error)
  })
  logger.info(`ready at ${server.url} (pid ${process.pid})`)
  return server
}

/** Any error of a start as one of the catalogue. */
export function catalogued(error: unknown): AglError {
  if (!isAglError(error)) {
    const reason = error instanceof Error ? error.message : String(error)
    return new AglError('AGL_START_FAILED', { reason }, error)
  }
  const { port, holder, instead = '' } = error.details
  if (error.code !== 'AGL_PORT_IN_USE' || holder || typeof port !== 'number') return error
  return new AglError('AGL_PORT_IN_USE', { port, holder: portHolderText(port), instead }, error)
}
