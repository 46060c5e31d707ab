// Gathers everything that the doctor looks at from here: the server, its port, this shell, packages.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { reasonAgainstWriting } from '../../api/doctor/server-facts.ts'
import { checkEnvironment, pointsAt, type Target } from '../../doctor/checks/environment.ts'
import { checkNodePackages, checkPython } from '../../doctor/checks/packages.ts'
import { checkFree } from '../../doctor/checks/server.ts'
import type { CallCounts, ServerFacts } from '../../doctor/facts.ts'
import { type Finding, finding } from '../../doctor/finding.ts'
import { isAglError } from '../../errors.ts'
import { ask } from '../../manager/ask.ts'
import { findSettledServer } from '../../manager/find-server.ts'
import { defaultPort } from '../../manager/options.ts'
import { portHolderText } from '../../manager/port-holder.ts'
import { dataDirHash, resolveDataDir } from '../../server/data-dir/resolve.ts'
import type { ServerState } from '../../server/data-dir/state-file.ts'
import { freeBytes } from '../../server/disk-room.ts'
import { demandsKey } from '../../server/http/guard.ts'
import { version } from '../../version.ts'
import { httpSource } from '../read/http-source.ts'
import { localSource } from '../read/local-source.ts'
import type { Parameters } from '../read/source.ts'
import { loadsHooks, locateHooks } from '../run/hooks.ts'
import { type RawFlags, readSettings } from '../settings.ts'
import { quoteIfNeeded } from '../shell.ts'
import { findNodePackages } from './node-packages.ts'
import { findPython } from './python.ts'

/** Everything that the command found. */
export interface Examination {
  /** URL of the server; null when none answers. */
  readonly url: string | null
  readonly dataDir: string
  /** What of the calls was examined; null when there is nothing to read them from. */
  readonly scope: string | null
  readonly calls: CallCounts | null
  /** There are more calls than were counted: the counts are those of the newest. */
  readonly hasMoreCalls: boolean
  readonly findings: readonly Finding[]
  /** The figures of the server. */
  readonly server: ServerFacts | null
}

type FromServer = Pick<Examination, 'scope' | 'calls' | 'hasMoreCalls' | 'findings' | 'server'>

const nothing: FromServer = { scope: null, calls: null, hasMoreCalls: false, findings: [], server: null }

/**
 * Examines.
 *
 * @param flags data directory and port, as a command line gives them
 */
export async function examine(parameters: Parameters, flags: RawFlags): Promise<Examination> {
  const { options } = readSettings(flags, process.env)
  const dataDir = resolveDataDir(options.dataDir)
  const port = options.port || defaultPort
  const found = await findSettledServer(dataDir, 2_000)
  const running = found.kind === 'running' ? found.state : undefined
  const [heard, onPort, packages] = await Promise.all([
    running ? askServer(running, parameters) : readFiles(dataDir, parameters),
    checkPort(port, dataDir, running, found.kind === 'none' ? undefined : found.state),
    checkPackages(running?.url ?? `http://localhost:${port}`),
  ])
  const target = running && targetOf(running, heard.server)
  // Programs that are told where the server is do not go to the usual port.
  const isTold = flags.port === undefined && target !== undefined && pointsAt(process.env, target)
  const findings = [
    // The server that is meant may well be this one.
    ...(found.kind === 'none' ? onPort.filter(({ code }) => code === 'server.other_directory') : []),
    ...(found.kind === 'none' ? [finding('server.not_running', 'server', { dataDir })] : []),
    ...(found.kind === 'silent'
      ? [finding('server.not_answering', 'server', { dataDir, holder: holderOf(found.state?.pid) })]
      : []),
    ...(isTold
      ? []
      : onPort.filter(({ code }) => found.kind !== 'none' || code !== 'server.other_directory')),
    ...heard.findings,
    ...(running ? [] : checkDirectory(dataDir)),
    ...checkEnvironment(process.env, target),
    ...packages,
  ]
  const { dataDir: named } = flags
  const advised = named === undefined ? findings : findings.map((one) => withDirectory(one, dataDir))
  return { url: running?.url ?? null, dataDir, ...heard, findings: advised }
}

/** Commands of this product in an advice are for the directory that was named: another is not this one's. */
function withDirectory(one: Finding, dataDir: string): Finding {
  const commands = /\bagl (agentops (--daemon|stop|restart|env|logs)|run|reindex|gateway check)/g
  const todo = one.todo.replaceAll(commands, `$& --data-dir ${quoteIfNeeded(dataDir, 'sh')}`)
  return { ...one, todo }
}

async function askServer(state: ServerState, parameters: Parameters): Promise<FromServer> {
  const source = httpSource(state.url, state.config.apiKey)
  const other =
    state.version === version
      ? []
      : [finding('server.version', 'server', { server: state.version, command: version })]
  try {
    // What a program has just sent is to be judged as well; a server that lags says so in its findings.
    await source.settle().catch(() => undefined)
    const { server, ...answer } = await source.doctor(parameters)
    return { ...answer, findings: [...other, ...answer.findings], server: server ?? null }
  } catch (error) {
    // An error about what was asked for is the user's; one of a server that cannot answer is a finding.
    if (isAglError(error) && error.kind.http < 500 && other.length === 0) throw error
    const reason = error instanceof Error ? error.message : String(error)
    return { ...nothing, findings: [...other, finding('server.refuses', 'server', { reason })] }
  }
}

/** The calls of a data directory without a server, where there is an index to read. */
async function readFiles(dataDir: string, parameters: Parameters): Promise<FromServer> {
  if (!existsSync(join(dataDir, 'index.db'))) return nothing
  try {
    const source = await localSource(dataDir)
    try {
      return { ...(await source.doctor(parameters)), server: null }
    } finally {
      await source.close()
    }
  } catch (error) {
    if (isAglError(error) && error.kind.http < 500) throw error
    const reason = error instanceof Error ? error.message : String(error)
    return { ...nothing, findings: [finding('index.unreadable', 'index', { dataDir, reason })] }
  }
}

/** Who listens where clients send to. `own` is the server of the directory, whether or not it answers. */
async function checkPort(
  port: number,
  dataDir: string,
  running: ServerState | undefined,
  own: ServerState | undefined,
): Promise<Finding[]> {
  if (own && (own.port === port || own.ports?.http.includes(port))) return []
  const details = { port, holder: portHolderText(port) }
  // Beside a server that answers it harms only programs that are told nothing.
  const level = running ? 'warn' : 'error'
  const taken = finding('server.port_taken', `port ${port}`, details, { level })
  try {
    const { body } = await ask(`http://127.0.0.1:${port}/health`, { timeoutMs: 1000 })
    const health = JSON.parse(body) as { product?: unknown; dataDirHash?: unknown } | null
    if (health?.product !== 'agentlightning') return [taken]
    if (health.dataDirHash === dataDirHash(dataDir)) return []
    const other = (await directoryOf(port)) ?? 'another data directory'
    return [finding('server.other_directory', `port ${port}`, { port, dataDir, other }, { level })]
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? [] : [taken]
  }
}

/** Where the server of a port records; `undefined` where it tells nobody without its key. */
async function directoryOf(port: number): Promise<string | undefined> {
  try {
    const { body } = await ask(`http://127.0.0.1:${port}/api/v1/status`, { timeoutMs: 1000 })
    const { dataDir } = JSON.parse(body) as { dataDir?: unknown }
    return typeof dataDir === 'string' ? quoteIfNeeded(dataDir, 'sh') : undefined
  } catch {
    return undefined
  }
}

/** The data directory of a server that does not run. */
function checkDirectory(dataDir: string): Finding[] {
  if (!existsSync(dataDir)) return []
  const reason = reasonAgainstWriting(dataDir)
  const full = checkFree(dataDir, freeBytes(dataDir))
  return [
    ...(reason === undefined
      ? []
      : [finding('data_dir.not_writable', 'data directory', { dataDir, reason })]),
    ...(full ? [full] : []),
  ]
}

async function checkPackages(url: string): Promise<Finding[]> {
  const python = checkPython(await findPython(process.env))
  const directory = currentFolder()
  if (directory === undefined) return python
  const { node } = locateHooks()
  const hooked = node !== undefined && loadsHooks(node, process.env.NODE_OPTIONS ?? '')
  return [...python, ...checkNodePackages(findNodePackages(directory), directory, url, hooked)]
}

function currentFolder(): string | undefined {
  try {
    return process.cwd()
  } catch {
    // It was removed while this shell was in it.
    return undefined
  }
}

function targetOf(state: ServerState, facts: ServerFacts | null): Target {
  return {
    url: state.url,
    config: state.config,
    ports: [...(state.ports?.http ?? [state.port]), ...(state.ports?.grpc ?? [])],
    demandsKey: demandsKey(state.config),
    hasUpstream: (facts?.gateway.upstreams.length ?? 0) > 0,
  }
}

function holderOf(pid: number | undefined): string {
  return pid === undefined ? '' : ` (pid ${pid} by its own account)`
}
