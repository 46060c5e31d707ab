// Gathers what the doctor looks at of this very server.
import { accessSync, constants, statSync } from 'node:fs'
import type { ServerFacts, UpstreamAnswer } from '../../doctor/facts.ts'
import { lagBytes } from '../../server/admission.ts'
import type { ServerContext } from '../../server/context.ts'
import { freeBytes } from '../../server/disk-room.ts'
import type { StoreStats } from '../../store/contract.ts'
import { version } from '../../version.ts'

/** The facts of the running server; `upstreams` are those that were asked. */
export async function serverFacts(
  context: ServerContext,
  upstreams: readonly UpstreamAnswer[],
): Promise<ServerFacts> {
  const { config, log, index, health } = context
  const stats = JSON.parse(await context.query.ask('getStats', undefined)) as Pick<
    StoreStats,
    'traces' | 'spans' | 'setAside' | 'setAsideCount'
  >
  const notWritable = reasonAgainstWriting(config.dataDir)
  return {
    version,
    nodeVersion: process.versions.node,
    uptimeSeconds: Math.round((Date.now() - health.startedMs) / 1000),
    dataDir: config.dataDir,
    ...(notWritable === undefined ? {} : { notWritable }),
    freeBytes: freeBytes(config.dataDir),
    log: {
      bytes: log.bytes,
      maxDiskBytes: config.maxDiskBytes,
      cutBytes: log.recovery?.cutBytes ?? 0,
      damaged: [...index.damaged],
    },
    index: {
      traces: stats.traces,
      spans: stats.spans,
      setAside: stats.setAside,
      setAsideCount: stats.setAsideCount,
      lagBytes: lagBytes(log, index.position),
      restarts: index.counts.restarts,
    },
    loop: health.loopDelay(),
    requests: context.watch.report(),
    waitingClients: context.watch.waiting(),
    gateway: context.gateway.status(),
    upstreams,
  }
}

/** Why this user cannot write there; `undefined` when it can. */
export function reasonAgainstWriting(directory: string): string | undefined {
  try {
    if (!statSync(directory).isDirectory()) return 'it is no directory'
    accessSync(directory, constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}
