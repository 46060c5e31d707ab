// Which directory holds the data of a server (design of the command: flag, environment, project, platform).
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, realpathSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { AglError } from '../../errors.ts'

/** What the choice of a data directory depends on. */
export interface Surroundings {
  readonly cwd: string
  readonly home: string
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
}

const memoryPrefix = 'agentlightning-memory-'

/**
 * The absolute path of the data directory: `wanted` when given, else `AGL_DATA_DIR`, else `.agl` of the current
 * folder when it exists, else the platform's folder for application data. Creates nothing.
 *
 * @throws AGL_BAD_ARGUMENT when this depends on a current folder that was removed
 */
export function resolveDataDir(wanted?: string, around: Surroundings = surroundings()): string {
  const named = wanted || around.env.AGL_DATA_DIR
  if (named) return isAbsolute(named) ? resolve(named) : resolve(around.cwd, named)
  const local = join(around.cwd, '.agl')
  return existsSync(local) ? local : platformDataDir(around)
}

/** Names a data directory without telling its path: 16 hex digits of the SHA-256 of its real path. */
export function dataDirHash(path: string): string {
  return createHash('sha256').update(realPath(path)).digest('hex').slice(0, 16)
}

/** Makes a private directory (mode 0700) for a server with `store: memory`. */
export function makeMemoryDir(): string {
  return mkdtempSync(join(tmpdir(), memoryPrefix))
}

/** True for a directory of `makeMemoryDir`: the only kind that is removed when its server ends. */
export function isMemoryDir(path: string): boolean {
  return basename(path).startsWith(memoryPrefix) && resolve(dirname(path)) === resolve(tmpdir())
}

function surroundings(): Surroundings {
  return {
    // Asked for only where the answer depends on it: the folder may have been removed.
    get cwd() {
      return currentFolder()
    },
    home: homedir(),
    platform: process.platform,
    env: process.env,
  }
}

function currentFolder(): string {
  try {
    return process.cwd()
  } catch (error) {
    const what = 'The current folder no longer exists.'
    throw new AglError('AGL_BAD_ARGUMENT', { what, todo: 'Go to one that does, such as `cd ~`.' }, error)
  }
}

// https://specifications.freedesktop.org/basedir-spec/: a relative XDG_DATA_HOME is to be ignored.
function platformDataDir({ home, platform, env }: Surroundings): string {
  const name = 'agentlightning'
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', name)
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), name)
  const xdg = env.XDG_DATA_HOME
  return join(xdg && isAbsolute(xdg) ? xdg : join(home, '.local', 'share'), name)
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path)
  } catch {
    return resolve(path)
  }
}
