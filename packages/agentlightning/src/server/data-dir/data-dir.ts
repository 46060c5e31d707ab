// The directory that holds everything a server keeps: opened by one server at a time.
//
//   format.json   which layout this is          log/       segments, the truth
//   lock.db       held open while in use        index.db   derived, can be rebuilt
//   server.json   where the server is           secrets/   one file each
import { randomBytes } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { AglError, isAglError } from '../../errors.ts'
import { dataDirError, replaceFile } from './files.ts'
import { readFormat, writeFormat } from './format.ts'
import { acquireLock, isLocked } from './lock.ts'
import { isMemoryDir, makeMemoryDir } from './resolve.ts'
import { readState } from './state-file.ts'

/** A data directory that this process has to itself until `close()`. */
export interface DataDir {
  readonly path: string
  /** Folder of the log's segments; exists. */
  readonly logDir: string
  /** Path of the index database; may not exist yet. */
  readonly indexPath: string
  /** 32 random bytes by name, made once and kept in a file of mode 0600. */
  secret(name: string): Promise<Buffer>
  /** Releases the lock, and removes the directory of a server with `store: memory`. Idempotent. */
  close(): Promise<void>
}

/**
 * Opens a data directory for a server, and makes it when it is missing. With `memory`, a private temporary
 * directory is used in place of `path` (or `path` itself, when `makeMemoryDir` made it).
 *
 * Throws AGL_DATA_DIR_NEWER (nothing was changed), AGL_DATA_DIR_IN_USE, AGL_DATA_DIR_READ_ONLY,
 * AGL_DATA_DIR_FULL.
 */
export async function openDataDir(
  path: string,
  options: { readonly memory: boolean } = { memory: false },
): Promise<DataDir> {
  if (options.memory) removeDeadMemoryDirs()
  const dataDir = options.memory && !isMemoryDir(path) ? makeMemoryDir() : path
  const logDir = join(dataDir, 'log')
  prepareDataDir(dataDir)
  const release = inside(dataDir, () => acquireLock(dataDir))
  if (!release) throw new AglError('AGL_DATA_DIR_IN_USE', { dataDir, holder: holderOf(dataDir) })
  try {
    inside(dataDir, () => {
      if (readFormat(dataDir) === undefined) writeFormat(dataDir)
      mkdirSync(logDir, { recursive: true, mode: 0o700 })
    })
  } catch (error) {
    release()
    throw error
  }
  return {
    path: dataDir,
    logDir,
    indexPath: join(dataDir, 'index.db'),
    secret: async (name) => inside(dataDir, () => readOrMakeSecret(dataDir, name)),
    close: async () => {
      release()
      if (isMemoryDir(dataDir)) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/**
 * Makes a data directory (mode 0700) when it is missing, and checks that it can be used: that it is of a
 * known format and can be written. Throws as `openDataDir` does.
 */
export function prepareDataDir(dataDir: string): void {
  inside(dataDir, () => {
    readFormat(dataDir)
    makeFolder(dataDir)
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  })
}

/**
 * Makes a folder and those above it. The topmost that is missing is made by itself: where nothing can be made in a
 * folder that is there (/proc, an automounter), Node's recursive way tries for ever.
 */
function makeFolder(path: string): void {
  let missing = path
  while (!existsSync(dirname(missing))) missing = dirname(missing)
  try {
    mkdirSync(missing, 0o700)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  mkdirSync(path, { recursive: true, mode: 0o700 })
}

/** Who uses a data directory, as its state file says, e.g. ` (http://localhost:8002, pid 4711)`. */
export function holderOf(dataDir: string): string {
  const state = readState(dataDir)
  return state ? ` (${state.url}, pid ${state.pid})` : ''
}

function inside<T>(dataDir: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw isAglError(error) ? error : dataDirError(dataDir, error)
  }
}

function readOrMakeSecret(dataDir: string, name: string): Buffer {
  const path = join(dataDir, 'secrets', name)
  try {
    const kept = readFileSync(path)
    if (kept.length > 0) return kept
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  mkdirSync(join(dataDir, 'secrets'), { recursive: true, mode: 0o700 })
  const made = randomBytes(32)
  replaceFile(path, made)
  return made
}

// A memory server that was killed cannot remove its directory; the next one does. The minute keeps away from
// those that are just starting.
function removeDeadMemoryDirs(): void {
  const minuteAgo = Date.now() - 60_000
  for (const name of readdirSync(tmpdir())) {
    const path = join(tmpdir(), name)
    if (!isMemoryDir(path)) continue
    try {
      if (statSync(path).mtimeMs < minuteAgo && !isLocked(path))
        rmSync(path, { recursive: true, force: true })
    } catch {
      // It belongs to another user, or was removed by its server in this moment.
    }
  }
}
