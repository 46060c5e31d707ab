// Files of the data directory that must never be seen half-written.
import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { AglError } from '../../errors.ts'

/** Replaces `path` by `content`, whole or not at all, also through a loss of power. Mode 0600. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`
  try {
    const file = openSync(temporary, 'wx', 0o600)
    try {
      writeFileSync(file, content)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  flushDirectory(dirname(path))
}

/** The catalogued error of a file operation in a data directory that failed. */
export function dataDirError(dataDir: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT') return new AglError('AGL_DATA_DIR_FULL', { dataDir }, error)
  const reason = reasons[code ?? ''] ?? message
  return new AglError('AGL_DATA_DIR_READ_ONLY', { dataDir, reason }, error)
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'it is a file, not a directory',
  ENOENT: 'a part of its path is missing and cannot be made',
  ELOOP: 'its path contains too many links',
  ENAMETOOLONG: 'its path is too long',
  EMFILE: 'this process has too many open files',
}

function flushDirectory(path: string): void {
  // Windows has no such operation; its rename is durable by itself.
  if (process.platform === 'win32') return
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
