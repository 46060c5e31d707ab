// The composition root: the only place that knows which concrete parts a server is made of.
import { randomBytes, randomUUID } from 'node:crypto'
import type { KeyProject } from '../agentops/projects.ts'
import { createTokens } from '../agentops/tokens.ts'
import { LiveFeed } from '../api/live/feed.ts'
import { AglError } from '../errors.ts'
import { Gateway } from '../gateway/gateway.ts'
import { removeIndex } from '../index/open-index.ts'
import { openLog } from '../log/log.ts'
import { nodeDisk } from '../log/node-disk.ts'
import type { Logger } from '../logger.ts'
import { ByteBudget } from '../otlp/receive/budget.ts'
import { DEFAULT_PROJECT_ID } from '../store/default-project.ts'
import { version } from '../version.ts'
import { admit, lagBytes } from './admission.ts'
import type { RunningServer, ServerConfig } from './config.ts'
import type { ServerContext } from './context.ts'
import { type DataDir, openDataDir } from './data-dir/data-dir.ts'
import { dataDirHash } from './data-dir/resolve.ts'
import { removeState, writeState } from './data-dir/state-file.ts'
import { DiskRoom, isCramped } from './disk-room.ts'
import { createHealth } from './health.ts'
import { createApp } from './http/app.ts'
import { demandsKey, isLoopback } from './http/guard.ts'
import { type OpenPorts, openPorts } from './ports.ts'
import { Retention, releaseReserve } from './retention.ts'
import { IndexClient } from './threads/index-client.ts'
import { QueryClient } from './threads/query-client.ts'
import { ScanClient } from './threads/scan-client.ts'
import { Watch } from './watch.ts'

/**
 * Starts a server: locks its data directory, recovers the log, starts the index, listens. Resolves when it
 * answers; rejects with an error of the catalogue, and then nothing is left open.
 */
export async function startServer(config: ServerConfig, logger: Logger): Promise<RunningServer> {
  if (!isLoopback(config.host) && !config.insecure && !demandsKey(config)) {
    throw new AglError('AGL_HOST_NEEDS_KEY', { host: config.host })
  }
  const undo: (() => Promise<unknown>)[] = []
  try {
    const dataDir = await openDataDir(config.dataDir, { memory: config.store === 'memory' })
    undo.unshift(() => dataDir.close())
    return await compose({ ...config, dataDir: dataDir.path }, dataDir, logger, undo)
  } catch (error) {
    for (const step of undo) await step().catch(() => undefined)
    throw error
  }
}

async function compose(
  config: ServerConfig,
  dataDir: DataDir,
  logger: Logger,
  undo: (() => Promise<unknown>)[],
): Promise<RunningServer> {
  const nowNs = clock()
  const { spanBytes, spanAttributes, depth, arrayIntegers, arrayElements } = config.limits
  const scanLimits = { spanBytes, spanAttributes, depth, arrayIntegers, arrayElements }
  const budget = new ByteBudget(config.limits.inFlightBytes)
  const watch = new Watch(Date.now)
  const health = createHealth()
  const tokens = createTokens(await dataDir.secret('token'), Date.now)
  const query = new QueryClient(
    { logDir: dataDir.logDir, indexPath: dataDir.indexPath, spanAttributes },
    logger,
  )
  const scan = new ScanClient(scanLimits)
  const { indexPath, logDir } = dataDir
  const index = new IndexClient({
    logDir,
    indexPath,
    limits: scanLimits,
    logger,
    onDiskFull: () => void retention?.indexFull(),
  })
  undo.unshift(() => index.close())
  let retention: Retention | undefined
  if (isCramped(dataDir.path) && (await releaseReserve(dataDir.path))) {
    logger.warn('The disk is full: the reserve of 16 MB is used to start')
  }
  const room = new DiskRoom(dataDir.path, Date.now)
  const log = await openLog({
    disk: nodeDisk(logDir, { flush: config.store !== 'memory' }),
    nowNs,
    onDurable: (end) => index.follow(end),
    onFault: (error) => {
      logger.error({ err: error }, 'A write to the log failed; a new segment is begun')
      if (error.code === 'AGL_DISK_FULL') void retention?.diskFull()
    },
  })
  undo.unshift(() => log.close())
  const { recovery } = log
  if (recovery && recovery.cutBytes > 0) {
    const { segment, cutBytes } = recovery
    logger.warn(
      `Segment ${segment} of the log ended in the middle of a write: ${cutBytes} bytes were cut off`,
    )
  }
  await index.open()
  if (index.position > log.durable) await rebuild()
  index.follow(log.durable)

  const identity = {
    instanceId: randomUUID(),
    dataDirHash: dataDirHash(config.dataDir),
    secret: randomBytes(24).toString('base64url'),
  }
  let draining = false
  const append: ServerContext['append'] = async (header, payload, options) => {
    if (draining) throw new AglError('AGL_DRAINING')
    await admit(log, index, config.limits.indexLagBytes)
    // Pruning makes room, so its own records are not asked for any.
    if (header.kind !== 'prune') takeRoom(payload)
    return log.append({ ...header, receivedNs: nowNs() }, payload, options)
  }
  function takeRoom(payload: readonly Uint8Array[]): void {
    try {
      const bytes = payload.reduce((sum, part) => sum + part.length, 0)
      room.take(bytes, lagBytes(log, index.position))
    } catch (error) {
      void retention?.diskFull()
      throw error
    }
  }
  const live = new LiveFeed({
    moved: (position, timeoutMs) => index.waitFor(position + 1, timeoutMs),
    position: () => index.position,
    changes: (after, limit) => query.ask('getChanges', { after, limit }),
    spans: () => index.counts.spans,
    onError: (error) => logger.warn({ err: error }, 'Live views could not be told of changes'),
  })
  const ensureProject = projectRecorder(append)
  const isDraining = () => draining
  const forCalls = { identity, config, logger, log, append, nowNs, ensureProject, isDraining }
  const gateway = new Gateway(forCalls, process.env, dataDir.path, await dataDir.secret('gateway'))
  undo.unshift(() => gateway.close())
  let open: OpenPorts | undefined
  const context: ServerContext = {
    identity,
    config,
    logger,
    log,
    index,
    query,
    live,
    scan,
    budget,
    tokens,
    watch,
    health,
    nowNs,
    append,
    gateway,
    ensureProject,
    ports: () => open?.ports ?? { http: [], grpc: [] },
    isDraining,
    stop: () => stop(),
    reindex: () => rebuild().then(() => index.follow(log.durable)),
  }
  const { app, createServer } = await createApp(context)
  open = await openPorts(context, createServer, logger)
  const { ports, close: closePorts } = open
  undo.unshift(closePorts)
  const [port] = ports.http as [number]
  const url = `http://${isLoopback(config.host) ? 'localhost' : bracketed(config.host)}:${port}`
  retention = new Retention({
    context,
    log,
    logger,
    dataDir: dataDir.path,
    indexPath,
    maxDiskBytes: config.maxDiskBytes,
  })
  await retention.open()
  const state = {
    ...identity,
    pid: process.pid,
    port,
    host: config.host,
    url,
    version,
    startedAt: new Date().toISOString(),
    ports,
    // A port once bound is kept by `restart`.
    config: { ...config, port, ...(config.grpcPort === undefined ? {} : { grpcPort: ports.grpc[0] }) },
  }
  try {
    writeState(dataDir.path, state)
  } catch (error) {
    // It is information for other shells only; what clients send matters more.
    logger.error({ err: error }, 'The state file could not be written: other shells do not find this server')
  }

  let ended: { resolve: () => void; reject: (error: unknown) => void } | undefined
  const stopped = new Promise<void>((resolve, reject) => {
    ended = { resolve, reject }
  })
  // Nobody may wait for it; a failure is logged where it happens.
  stopped.catch(() => undefined)
  let stopping: Promise<void> | undefined
  function stop(): Promise<void> {
    stopping ??= shutDown().then(ended?.resolve, (error) => {
      logger.error({ err: error }, 'Stopping failed')
      ended?.reject(error)
    })
    return stopping
  }

  async function shutDown(): Promise<void> {
    draining = true
    logger.info('Stopping')
    live.close()
    await closePorts()
    await gateway.close()
    await app.close()
    await retention?.close()
    await log.close()
    // What is in the log is safe: the index goes on from its position at the next start.
    await Promise.all([index.close(), query.close(), scan.close()])
    health.close()
    removeState(dataDir.path, identity.instanceId)
    await dataDir.close()
    logger.info('Stopped')
  }

  async function rebuild(): Promise<void> {
    await Promise.all([index.close(), query.close()])
    await removeIndex(indexPath)
    await index.open()
    logger.info('The index is rebuilt from the log')
  }

  return { host: config.host, port, ports, url, instanceId: identity.instanceId, stop, stopped }
}

/** Appends each project once per run: the record only adds its name, and the same name twice changes nothing. */
function projectRecorder(append: ServerContext['append']): ServerContext['ensureProject'] {
  const known = new Map<string, Promise<unknown>>()
  return async ({ project, name, keyHash }: KeyProject) => {
    if (project === DEFAULT_PROJECT_ID) return
    let recorded = known.get(project)
    if (!recorded) {
      recorded = append({ kind: 'project', project, keyHash }, [Buffer.from(JSON.stringify({ name }))])
      known.set(project, recorded)
      recorded.catch(() => known.delete(project))
    }
    await recorded
  }
}

/** Wall-clock time in ns that never repeats: receipts of one server are ordered. */
function clock(): () => bigint {
  let last = 0n
  return () => {
    const now = BigInt(Date.now()) * 1_000_000n
    last = now > last ? now : last + 1n
    return last
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
