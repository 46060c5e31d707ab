// The disk of the log on a real file system.
import { mkdirSync } from 'node:fs'
import { type FileHandle, open, readdir, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Disk, DiskFile } from './disk.ts'

const FILE_MODE = 0o600
const DIRECTORY_MODE = 0o700

/** How a disk treats what is written. */
export interface NodeDiskOptions {
  /** False leaves flushing to the system: for data that need not outlive the process. Default true. */
  readonly flush?: boolean
}

/**
 * The files of one directory, which is created when it is missing, readable by this user alone.
 *
 * @throws the system's error when the directory cannot be created
 */
export function nodeDisk(directory: string, { flush = true }: NodeDiskOptions = {}): Disk {
  const created = mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE })
  let unflushedParents = created === undefined ? [] : parentsOf(resolve(directory), resolve(created))
  return {
    async create(name) {
      return nodeFile(await open(join(directory, name), 'wx', FILE_MODE), flush)
    },
    async open(name) {
      return nodeFile(await open(join(directory, name), 'r+'), flush)
    },
    async list() {
      const entries = await readdir(directory, { withFileTypes: true })
      const files = entries.filter((entry) => entry.isFile())
      return Promise.all(
        files.map(async ({ name }) => ({ name, size: (await stat(join(directory, name))).size })),
      )
    },
    async read(name, offset, length) {
      const file = await open(join(directory, name), 'r')
      try {
        return await readFully(file, offset, length)
      } finally {
        await file.close()
      }
    },
    async remove(name) {
      await unlink(join(directory, name))
    },
    async flushDirectory() {
      if (!flush) return
      for (const parent of unflushedParents) await flushNames(parent)
      unflushedParents = []
      await flushNames(directory)
    },
  }
}

function nodeFile(file: FileHandle, flush: boolean): DiskFile {
  return {
    async write(parts, offset) {
      let rest = parts
      let at = offset
      while (rest.length > 0) {
        const { bytesWritten } = await file.writev(rest, at)
        at += bytesWritten
        rest = skipBytes(rest, bytesWritten)
        if (bytesWritten === 0 && rest.length > 0) throw new Error('the system wrote nothing')
      }
    },
    async flush() {
      if (flush) await file.datasync()
    },
    truncate: (length) => file.truncate(length),
    close: () => file.close(),
  }
}

/** What is left of `parts` behind their first `count` bytes; empty parts at the front go as well. */
export function skipBytes(parts: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let skip = count
  for (const [index, part] of parts.entries()) {
    if (part.length > skip) return [part.subarray(skip), ...parts.slice(index + 1)]
    skip -= part.length
  }
  return []
}

async function readFully(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

/** The directories that hold the new names between `directory` and `created`, the topmost new one. */
function parentsOf(directory: string, created: string): string[] {
  const parents: string[] = []
  for (let at = directory; ; at = dirname(at)) {
    parents.unshift(dirname(at))
    if (at === created || at === dirname(at)) return parents
  }
}

async function flushNames(directory: string): Promise<void> {
  // Windows cannot open a directory as a file; NTFS journals names by itself.
  if (process.platform === 'win32') return
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
