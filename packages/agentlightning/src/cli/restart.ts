// `agl agentops restart`
import type { ServerOptions } from '../manager/options.ts'
import type { ServerConfig } from '../server/config.ts'
import { readState } from '../server/data-dir/state-file.ts'
import { note } from './output.ts'
import { dataDirOf } from './server-of.ts'
import { type RawFlags, readSettings } from './settings.ts'
import { inBackground } from './start.ts'
import { stop } from './stop.ts'

/** Stops the server and starts it in the background: same settings, except those that are given now. */
export async function restart(flags: RawFlags): Promise<number> {
  const settings = readSettings(flags, process.env)
  const dataDir = dataDirOf(flags)
  const before = readState(dataDir)
  const status = await stop(flags)
  if (status !== 0) return status
  if (before?.config.store === 'memory') note('Its data was in memory and is gone.')
  const kept = before ? optionsOf(before.config, before.port) : {}
  const given = Object.entries(settings.options).filter(([, value]) => value !== undefined)
  return inBackground({ ...settings, options: { ...kept, ...Object.fromEntries(given) } })
}

function optionsOf(config: ServerConfig, port: number): ServerOptions {
  const { host, dataDir, store, logLevel, apiKey, requireKey, insecure, grpcPort, otlpPorts } = config
  const { allowHosts, allowOrigins, maxDiskBytes, gateway } = config
  return {
    port,
    grpcPort,
    otlpPorts,
    host,
    dataDir,
    store,
    logLevel,
    apiKey,
    requireKey,
    insecure,
    allowHosts,
    allowOrigins,
    maxDiskBytes,
    // The state file may be of a version without a gateway.
    upstreams: gateway?.upstreams,
    upstreamsFile: gateway?.upstreamsFile,
    keepTokenIds: gateway?.keepTokenIds,
    streamComments: gateway?.commentSeconds,
    upstreamTimeout: gateway?.timeoutSeconds,
  }
}
