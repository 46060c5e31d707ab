// The format file says which version of the layout a data directory has.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AglError } from '../../errors.ts'
import { dataDirError, replaceFile } from './files.ts'

/** The newest layout of a data directory that this version reads and the one that it writes. */
export const knownFormat = 1

/**
 * Reads the format of a data directory: undefined when it has none yet. Changes nothing.
 * Throws AGL_DATA_DIR_NEWER for one that a later version made.
 */
export function readFormat(dataDir: string): number | undefined {
  let text: string
  try {
    text = readFileSync(formatPath(dataDir), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw dataDirError(dataDir, error)
  }
  const found = formatOf(text)
  if (typeof found === 'number' && Number.isInteger(found) && found >= 1 && found <= knownFormat) return found
  throw new AglError('AGL_DATA_DIR_NEWER', { dataDir, found: String(found ?? 'unknown'), known: knownFormat })
}

/** Marks a data directory as one of this version. */
export function writeFormat(dataDir: string): void {
  replaceFile(formatPath(dataDir), `${JSON.stringify({ format: knownFormat })}\n`)
}

function formatPath(dataDir: string): string {
  return join(dataDir, 'format.json')
}

function formatOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { format?: unknown } | null)?.format
  } catch {
    return undefined
  }
}
