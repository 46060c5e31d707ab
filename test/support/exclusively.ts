// What several test files make in `.cache/` is made by one of them at a time.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

const cache = join(import.meta.dirname, '..', '..', '.cache')

/** One process at a time for each name, on a lock that the system releases when its holder dies. */
export async function exclusively(name: string, work: () => Promise<void>): Promise<void> {
  mkdirSync(cache, { recursive: true })
  const lock = new DatabaseSync(join(cache, `${name}-lock.db`))
  try {
    while (!tryLock(lock)) await sleep(250)
    await work()
  } finally {
    lock.close()
  }
}

function tryLock(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (/locked/.test(String(error))) return false
    throw error
  }
}
