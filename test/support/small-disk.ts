// File systems that are soon full.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { tempDir } from './agl.ts'
import { MeansMissing } from './means.ts'
import { runProgram } from './run-program.ts'

const mounted: string[] = []

/** @throws MeansMissing where this user may not mount */
export async function findSmallDisk(): Promise<(megabytes: number) => string> {
  const probe = join(tempDir(), 'probe')
  mkdirSync(probe)
  const ended = await runProgram('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe]).catch(
    () => undefined,
  )
  if (ended?.code !== 0)
    throw new MeansMissing(`no tmpfs can be mounted: ${ended?.stderr.trim() ?? 'no mount'}`)
  execFileSync('umount', [probe])
  return mountSmallDisk
}

/** Mounts a file system of so many MiB in memory; gone after the tests of this file. */
function mountSmallDisk(megabytes: number): string {
  const path = join(tempDir(), 'disk')
  mkdirSync(path)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path])
  mounted.push(path)
  return path
}

/** To be called at the top of a file that mounts: unmounts after its tests, before its directories go. */
export function unmountAfterTests(stop: () => Promise<unknown>): void {
  afterAll(async () => {
    await stop()
    for (const path of mounted) execFileSync('umount', ['--lazy', path])
  })
}
