// What a run starts and makes is gone when it ends, however it ends.
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const children = new Set<ChildProcess>()
const directories = new Set<string>()

/** Kills the child at the end of this process at the latest. */
export function track<Child extends ChildProcess>(child: Child): Child {
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

/** A fresh directory on the disk that is measured: `AGL_BENCH_DIR`, else the one for temporary files. */
export function tempDir(): string {
  const path = mkdtempSync(join(process.env.AGL_BENCH_DIR ?? tmpdir(), 'agl-bench-'))
  directories.add(path)
  return path
}

/** Removes a directory of `tempDir` before the end. */
export function removeDir(path: string): void {
  rmSync(path, { recursive: true, force: true })
  directories.delete(path)
}

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const path of directories) rmSync(path, { recursive: true, force: true, maxRetries: 5 })
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
