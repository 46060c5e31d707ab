// Opens the index file: settings, version check, and which of SQLite's errors mean what.
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AglError } from '../../errors.ts'
import { DEFAULT_PROJECT_ID, DEFAULT_PROJECT_NAME } from '../default-project.ts'
import { IndexUnusableError } from '../store-errors.ts'
import { indexVersion, schema } from './schema.ts'

const BUSY_TIMEOUT_MS = 5_000

// https://www.sqlite.org/rescode.html, primary codes.
const SQLITE_CORRUPT = 11
const SQLITE_CONSTRAINT = 19
const SQLITE_TOOBIG = 18
const SQLITE_MISMATCH = 20
const SQLITE_NOTADB = 26

/**
 * Opens the index for writing, and creates it when the file is new or empty.
 * @throws AglError `AGL_DATA_DIR_NEWER` for the index of a later version, unchanged
 * @throws IndexUnusableError when it has to be built again
 */
export function openWriterDatabase(path: string): DatabaseSync {
  return opening(path, false, (db) => {
    const found = versionOf(db, path)
    db.exec('PRAGMA page_size = 16384')
    db.exec('PRAGMA journal_mode = WAL')
    db.exec('PRAGMA synchronous = NORMAL')
    db.exec('PRAGMA cache_size = -8192')
    db.exec('PRAGMA wal_autocheckpoint = 1000')
    db.exec('PRAGMA journal_size_limit = 33554432')
    if (found === undefined) create(db)
  })
}

/**
 * Opens the index for reading only; the writer may be in another thread or process.
 * @throws as `openWriterDatabase`, and IndexUnusableError when the file holds no index yet
 */
export function openReaderDatabase(path: string): DatabaseSync {
  return opening(path, true, (db) => {
    if (versionOf(db, path) === undefined) throw new IndexUnusableError(path, 'corrupt')
    db.exec('PRAGMA cache_size = -4096')
  })
}

/** Runs `use` and turns errors that mean a damaged file into `IndexUnusableError`. */
export function guarded<Result>(path: string, use: () => Result): Result {
  try {
    return use()
  } catch (error) {
    const code = sqliteCode(error)
    if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB)
      throw new IndexUnusableError(path, 'corrupt', error)
    throw error
  }
}

/** True for an error of the data handed in; false where the database or the disk failed. */
export function isDataError(error: unknown): boolean {
  const code = sqliteCode(error)
  return (
    code === undefined || code === SQLITE_CONSTRAINT || code === SQLITE_TOOBIG || code === SQLITE_MISMATCH
  )
}

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

function opening(path: string, readOnly: boolean, prepare: (db: DatabaseSync) => void): DatabaseSync {
  return guarded(path, () => {
    const db = new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS })
    try {
      prepare(db)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}

function versionOf(db: DatabaseSync, path: string): number | undefined {
  const tables = db.prepare('SELECT name FROM sqlite_schema').all()
  if (tables.length === 0) return undefined
  if (!tables.some((table) => table.name === 'meta')) throw new IndexUnusableError(path, 'corrupt')
  const found = db.prepare('SELECT version FROM meta').get()?.version
  if (typeof found !== 'number') throw new IndexUnusableError(path, 'corrupt')
  if (found > indexVersion)
    throw new AglError('AGL_DATA_DIR_NEWER', { dataDir: dirname(path), found, known: indexVersion })
  if (found < indexVersion) throw new IndexUnusableError(path, 'outdated')
  return found
}

function create(db: DatabaseSync): void {
  db.exec('BEGIN IMMEDIATE')
  db.exec(schema)
  db.prepare('INSERT INTO meta VALUES (1, ?, 0, 0, 0, 0, 0, 0, 0)').run(indexVersion)
  db.prepare('INSERT INTO project VALUES (1, ?, ?, 0)').run(DEFAULT_PROJECT_ID, DEFAULT_PROJECT_NAME)
  db.exec('COMMIT')
}
