// Opens the index for writing; one that cannot be used is made anew, since the log has everything.
import { rm } from 'node:fs/promises'
import type { StoreWriter } from '../store/contract.ts'
import { openSqliteWriter } from '../store/sqlite/index.ts'
import { IndexUnusableError } from '../store/store-errors.ts'

/** Removes the files of an index: the next opening begins an empty one. */
export async function removeIndex(path: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) await rm(path + suffix, { force: true })
}

/** Opens the index at `path`. `onRebuild` is told why when a damaged or outdated one was removed. */
export async function openIndex(path: string, onRebuild: (why: string) => void): Promise<StoreWriter> {
  try {
    return await openSqliteWriter(path)
  } catch (error) {
    if (!(error instanceof IndexUnusableError)) throw error
    onRebuild(error.message)
    await removeIndex(path)
    return openSqliteWriter(path)
  }
}
