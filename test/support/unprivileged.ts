// Runs the command as a user whom permissions bind: root may write and listen everywhere.
import { spawnSync } from 'node:child_process'
import { chownSync } from 'node:fs'
import { aglBin, type Finished, testEnv } from './agl.ts'

const nobody = 65_534

/** Runs `agl ARGS` as somebody who is not root and owns `paths`. */
export function runAglUnprivileged(args: readonly string[], paths: readonly string[]): Finished {
  const isRoot = process.getuid?.() === 0
  if (isRoot) for (const path of paths) chownSync(path, nobody, nobody)
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [aglBin, ...args], {
    env: testEnv({ HOME: paths[0] }),
    ...(isRoot ? { uid: nobody, gid: nobody } : {}),
    encoding: 'utf8',
    timeout: 120_000,
  })
  return { code: status, signal, stdout, stderr }
}
