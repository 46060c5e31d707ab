// `agl agentops [start]`: in the foreground, or with --daemon in the background.
import { AglError, isAglError } from '../errors.ts'
import { type Found, findSettledServer } from '../manager/find-server.ts'
import { AgentOpsServerManager } from '../manager/manager.ts'
import { defaultPort, type ServerOptions } from '../manager/options.ts'
import { portHolderText } from '../manager/port-holder.ts'
import { processTitle } from '../manager/serve.ts'
import { otlpDefaultPorts } from '../server/config.ts'
import { resolveDataDir } from '../server/data-dir/resolve.ts'
import { type Announcement, banner } from './banner.ts'
import { openUrl } from './open-url.ts'
import { fail, note, say } from './output.ts'
import { type RawFlags, readSettings, type Settings } from './settings.ts'

/** Starts a server, or says where it already runs. Resolves when it has ended, or runs in the background. */
export async function start(flags: RawFlags): Promise<number> {
  const settings = readSettings(flags, process.env)
  const dataDir = settings.options.store === 'memory' ? undefined : resolveDataDir(settings.options.dataDir)
  if (dataDir !== undefined) {
    const found = await findSettledServer(dataDir)
    if (found.kind === 'running') return alreadyRunning(found, settings)
  }
  const run = settings.daemon ? inBackground : inForeground
  try {
    return await run(settings)
  } catch (error) {
    if (dataDir === undefined || !isAglError(error) || error.code !== 'AGL_DATA_DIR_IN_USE') throw error
    // Another start was quicker in this moment: then its server is the answer.
    const found = await findSettledServer(dataDir)
    if (found.kind !== 'running') throw error
    return alreadyRunning(found, settings)
  }
}

/** Starts a server in the background and tells how to reach it. */
export async function inBackground(settings: Settings): Promise<number> {
  const manager = new AgentOpsServerManager({
    ...withLogLevel(settings),
    detached: true,
  })
  await manager.start()
  manager.release()
  await announce(manager, settings, 'background')
  return 0
}

async function inForeground(settings: Settings): Promise<number> {
  process.title = processTitle
  const manager = new AgentOpsServerManager({
    ...withLogLevel(settings),
    inProcess: true,
  })
  let stops = 0
  const onSignal = (signal: NodeJS.Signals): void => {
    stops += 1
    if (stops > 1 && signal === 'SIGINT') process.exit(130)
    void manager.stop().then(() => {
      // What cannot be stopped ends with its process.
      if (manager.isAlive()) process.exit(1)
    })
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  await manager.start()
  const ended = manager.ended()
  if (stops === 0) await announce(manager, settings, 'foreground')
  const { code } = await ended
  process.exit(code ?? 1)
}

async function announce(
  manager: AgentOpsServerManager,
  settings: Settings,
  mode: Announcement['mode'],
): Promise<void> {
  const { url, ports, pid, dataDir } = manager
  if (url === undefined || dataDir === undefined) return
  const { port } = new URL(url)
  if (settings.options.port === undefined && Number(port) !== defaultPort) {
    say(`Port ${defaultPort} is in use${portHolderText(defaultPort)}: port ${port} is taken instead.`)
  }
  const { apiKey, store } = settings.options
  const seen = { url, ports, pid: pid ?? process.pid, dataDir, apiKey, mode, memory: store === 'memory' }
  say(banner({ ...seen, named: isNamed(settings) }, process.env))
  if (settings.open) await openUrl(url)
}

async function alreadyRunning(found: Found & { kind: 'running' }, settings: Settings): Promise<number> {
  const { state } = found
  const wanted = settings.options.port
  if (wanted !== undefined && wanted !== 0 && wanted !== state.port) {
    return fail(
      new AglError('AGL_DATA_DIR_IN_USE', {
        dataDir: state.config.dataDir,
        holder: `: it runs at ${state.url} (pid ${state.pid}), not on port ${wanted}`,
      }),
    )
  }
  const { url, ports, pid, config } = state
  const { dataDir, apiKey } = config
  const seen = {
    url,
    ports,
    pid,
    dataDir,
    apiKey,
    mode: 'already running',
    memory: config.store === 'memory',
  } as const
  say(banner({ ...seen, named: isNamed(settings) }, process.env))
  const { grpcPort, otlpPorts } = settings.options
  const closed = [grpcPort || undefined, otlpPorts ? otlpDefaultPorts.grpc : undefined].find(
    (port) => port !== undefined && !ports?.grpc.includes(port),
  )
  if (closed !== undefined) {
    note(
      `It does not take OTLP/gRPC on port ${closed}: \`agl agentops restart\` with the same options makes it.`,
    )
  }
  if (settings.open) await openUrl(url)
  return 0
}

function isNamed({ options }: Settings): boolean {
  return options.dataDir !== undefined && resolveDataDir(options.dataDir) !== resolveDataDir()
}

// A program that starts a server wants to hear of trouble only; who runs the command wants to see it live.
function withLogLevel({ options }: Settings): ServerOptions {
  return { ...options, logLevel: options.logLevel ?? 'info' }
}
