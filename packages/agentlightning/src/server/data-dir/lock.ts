// One server per data directory: an open exclusive transaction on a database of its own, which the operating
// system releases with the process, however it ends (https://www.sqlite.org/lockingv3.html).
//
// The file must never be opened by other means in a process that holds the lock: with POSIX locks, closing any
// descriptor of the file would release it.
import { existsSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const SQLITE_BUSY = 5

/** How long a start waits for a lock that another process has only tried for a moment. Milliseconds. */
const patience = 300

/** Releases a lock. Idempotent. */
export type Release = () => void

/** Takes the lock of a data directory that exists; undefined when another server holds it. */
export function acquireLock(dataDir: string): Release | undefined {
  const database = new DatabaseSync(lockPath(dataDir), { timeout: patience })
  try {
    // Nothing is ever committed: no journal file is to appear beside it, nor to fail on a full disk.
    database.exec('PRAGMA journal_mode = MEMORY')
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (isBusy(error)) return undefined
    throw error
  }
  return () => {
    if (database.isOpen) database.close()
  }
}

/** True while a server holds the lock of this directory. */
export function isLocked(dataDir: string): boolean {
  if (!existsSync(lockPath(dataDir))) return false
  const database = new DatabaseSync(lockPath(dataDir), { readOnly: true, timeout: 0 })
  try {
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    if (isBusy(error)) return true
    throw error
  } finally {
    database.close()
  }
}

/**
 * Whether the process `pid` has the lock file of this directory open: the system's own word, whatever a state
 * file says. Undefined where the system does not tell (all but Linux, and processes of other users).
 */
export function holdsLock(pid: number, dataDir: string): boolean | undefined {
  const descriptors = `/proc/${pid}/fd`
  try {
    const wanted = realpathSync(lockPath(dataDir))
    return readdirSync(descriptors).some((name) => linkTarget(join(descriptors, name)) === wanted)
  } catch {
    return undefined
  }
}

function lockPath(dataDir: string): string {
  return join(dataDir, 'lock.db')
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

function isBusy(error: unknown): boolean {
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY
}
