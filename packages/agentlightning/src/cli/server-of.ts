// The running server that a command is about.
import { AglError } from '../errors.ts'
import { type Found, findSettledServer } from '../manager/find-server.ts'
import { resolveDataDir } from '../server/data-dir/resolve.ts'
import type { ServerState } from '../server/data-dir/state-file.ts'
import { type RawFlags, readSettings } from './settings.ts'

/** The data directory that a command line and the environment name. */
export function dataDirOf(flags: RawFlags): string {
  const { dataDir } = flags
  return resolveDataDir(readSettings(dataDir === undefined ? {} : { dataDir }, process.env).options.dataDir)
}

/** Finds the server of that directory. */
export async function findServerOf(flags: RawFlags, patienceMs?: number): Promise<Found> {
  return findSettledServer(dataDirOf(flags), patienceMs)
}

/** The server of that directory; throws AGL_NOT_RUNNING, or AGL_DATA_DIR_IN_USE for one that does not answer. */
export async function runningServerOf(flags: RawFlags): Promise<ServerState> {
  const found = await findServerOf(flags)
  if (found.kind === 'running') return found.state
  const dataDir = dataDirOf(flags)
  if (found.kind === 'none') throw new AglError('AGL_NOT_RUNNING', { dataDir })
  const holder = `${found.state ? ` (pid ${found.state.pid})` : ''} that does not answer`
  throw new AglError('AGL_DATA_DIR_IN_USE', { dataDir, holder })
}
