// The server as a process of its own, started by a manager. What it serves with is imported once the signals
// and the channel are in hand, so that the process ends with its parent from its first moment on.
import { enableCompileCache } from 'node:module'
import type { AglError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { RunningServer } from '../server/config.ts'
import type { FromServer, ToServer } from './messages.ts'

/** How long an end without a parent may take. Milliseconds. */
const orphanGraceMs = 4_000

let server: Promise<RunningServer> | undefined
let detached = false

process.title = 'AgentLightning-AgentOpsServer'
enableCompileCache()
// Ctrl-C reaches the whole group of a terminal: the parent decides what it means.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => void end())
process.on('SIGHUP', () => void end())
process.on('disconnect', () => {
  if (!detached) void end()
})
process.on('message', (message: ToServer) => {
  if (message.type === 'stop') void end()
  else void start(message)
})

async function start({ config, detached: outlives }: ToServer & { type: 'start' }): Promise<void> {
  detached = outlives
  const { createLogger } = await import('../logger.ts')
  const { serve } = await import('./serve.ts')
  const logger = createLogger(config.logLevel)
  try {
    server = serve(config, logger)
    const { host, port, ports, url, instanceId, stopped } = await server
    stopped.then(
      () => process.exit(0),
      () => process.exit(1),
    )
    await tell({ type: 'ready', at: { host, port, ports, url, instanceId } })
  } catch (error) {
    await fail(error, logger)
  }
}

async function end(): Promise<void> {
  setTimeout(() => process.exit(1), orphanGraceMs).unref()
  try {
    await (await server)?.stop()
  } finally {
    process.exit(0)
  }
}

async function fail(error: unknown, logger: Logger): Promise<void> {
  const { catalogued } = await import('./serve.ts')
  const failure: AglError = catalogued(error)
  logger.error(`${failure.message} ${failure.action} [${failure.code}]`)
  if (failure.code === 'AGL_START_FAILED') logger.error({ err: failure.cause })
  await tell({ type: 'failed', code: failure.code, details: failure.details })
  process.exit(failure.kind.exit)
}

function tell(message: FromServer): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected && process.send) process.send(message, undefined, undefined, () => resolve())
    else resolve()
  })
}
