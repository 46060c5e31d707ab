// The server of a run: the one of the data directory, or one that is started and goes on in the background.
import { AglError, isAglError } from '../../errors.ts'
import { ask, keyHeaders } from '../../manager/ask.ts'
import { type Found, findSettledServer } from '../../manager/find-server.ts'
import { resolveDataDir } from '../../server/data-dir/resolve.ts'
import type { ServerState } from '../../server/data-dir/state-file.ts'
import { readSettings } from '../settings.ts'
import type { Upstreams } from './upstreams.ts'

/** How long a server that another command starts may take to answer. Milliseconds. */
const PATIENCE_MS = 15_000
/** How long a registration may take. Milliseconds. */
const REGISTER_MS = 5_000

/** Who the calls of a program belong to. */
export interface RunIdentity {
  readonly run: string
  readonly rollout: string
  readonly attempt: string | undefined
  readonly tags: readonly string[]
}

/**
 * Finds the server of the data directory, or starts one that outlives this command. Several at once end up with
 * the same one. Rejects with the errors of a start.
 */
export async function ensureServer(flags: {
  readonly dataDir?: string
  readonly port?: string
}): Promise<{ readonly state: ServerState; readonly started: boolean }> {
  const { dataDir, port } = flags
  const given = { ...(dataDir === undefined ? {} : { dataDir }), ...(port === undefined ? {} : { port }) }
  // A private store in memory could not be shared, and nothing would be left to look at.
  const options = { ...readSettings(given, process.env).options, store: undefined }
  const directory = resolveDataDir(options.dataDir)
  const found = await findSettledServer(directory)
  if (found.kind === 'running') return { state: checkedPort(found, options.port), started: false }
  const { AgentOpsServerManager } = await import('../../manager/manager.ts')
  const manager = new AgentOpsServerManager({
    ...options,
    logLevel: options.logLevel ?? 'info',
    detached: true,
  })
  const failure = await manager.start().then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!failure) manager.release()
  // Another start may have been quicker: then its server is the answer.
  if (failure && !(isAglError(failure) && failure.code === 'AGL_DATA_DIR_IN_USE')) throw failure
  const now = await findSettledServer(directory, PATIENCE_MS)
  if (now.kind === 'silent') {
    const holder = `${now.state ? ` (pid ${now.state.pid})` : ''} that does not answer`
    throw new AglError('AGL_DATA_DIR_IN_USE', { dataDir: directory, holder }, failure)
  }
  if (now.kind !== 'running') throw failure ?? new AglError('AGL_NOT_RUNNING', { dataDir: directory })
  return { state: checkedPort(now, options.port), started: failure === undefined }
}

function checkedPort({ state }: Found & { kind: 'running' }, wanted: number | undefined): ServerState {
  if (wanted === undefined || wanted === 0 || wanted === state.port) return state
  throw new AglError('AGL_DATA_DIR_IN_USE', {
    dataDir: state.config.dataDir,
    holder: `: it runs at ${state.url} (pid ${state.pid}), not on port ${wanted}`,
  })
}

/** Tells the gateway whose calls come under the run's address, and where they go. Rejects with AGL_RUN_REFUSED. */
export async function registerRun(
  state: ServerState,
  { run, rollout, attempt, tags }: RunIdentity,
  upstream: Upstreams,
): Promise<void> {
  const body = JSON.stringify({ run, upstream, rollout, attempt, tags })
  const refuse = (reason: string, cause?: unknown): AglError =>
    new AglError('AGL_RUN_REFUSED', { url: state.url, reason }, cause)
  const reply = await ask(`${state.url}/api/v1/gateway/runs`, {
    method: 'POST',
    headers: { ...headersOf(state), 'content-type': 'application/json' },
    body,
    timeoutMs: REGISTER_MS,
  }).catch((error: unknown) => {
    throw refuse((error as Error).message, error)
  })
  if (reply.status !== 201) throw refuse(`status ${reply.status}, ${reply.body.slice(0, 300)}`)
}

/**
 * Ends the registration; the address is served on for processes that the program left behind. A server that has gone
 * by then is no reason to fail.
 */
export async function endRun(state: ServerState, run: string): Promise<void> {
  const url = `${state.url}/api/v1/gateway/runs/${encodeURIComponent(run)}?serve=true`
  await ask(url, { method: 'DELETE', headers: headersOf(state) }).catch(() => undefined)
}

function headersOf(state: ServerState): Record<string, string> {
  return { 'x-agl-secret': state.secret, ...keyHeaders(state.config.apiKey) }
}
