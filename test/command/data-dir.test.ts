// A data directory that cannot be used is said, and nothing in it changes.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aglBin, runAgl, tempDir, testEnv } from '../support/agl.ts'
import { MeansMissing, requireMeans } from '../support/means.ts'
import { runAglUnprivileged } from '../support/unprivileged.ts'

const modes = [[], ['--daemon']]

const namespaces = await requireMeans('a full disk', async () => {
  const tried = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', tempDir()], {
    encoding: 'utf8',
  })
  if (tried.status === 0) return true
  throw new MeansMissing(`no mount namespace: ${tried.error?.message ?? tried.stderr.trim()}`)
})

test('a directory of a newer version is left as it is', async () => {
  for (const mode of modes) {
    const dataDir = tempDir()
    writeFileSync(join(dataDir, 'format.json'), '{"format":99}')
    const { code, stderr } = await runAgl(['agentops', '--port', '0', '--data-dir', dataDir, ...mode])
    expect(stderr).toContain(`${dataDir} has format 99; this version reads up to 1.`)
    expect(code).toBe(1)
    expect(readdirSync(dataDir)).toEqual(['format.json'])
    expect(readFileSync(join(dataDir, 'format.json'), 'utf8')).toBe('{"format":99}')
  }
})

test('a path that leads through a file is refused', async () => {
  const file = join(tempDir(), 'file')
  writeFileSync(file, 'kept')
  for (const mode of modes) {
    const { code, stderr } = await runAgl([
      'agentops',
      '--port',
      '0',
      '--data-dir',
      join(file, 'data'),
      ...mode,
    ])
    expect(stderr).toContain('cannot be written: a part of its path is a file.')
    expect(code).toBe(1)
  }
  expect(readFileSync(file, 'utf8')).toBe('kept')
})

test('a read-only directory is refused with the reason', () => {
  const parent = tempDir()
  const dataDir = join(parent, 'data')
  mkdirSync(dataDir, { mode: 0o555 })
  const { code, stderr } = runAglUnprivileged(
    ['agentops', '--port', '0', '--data-dir', dataDir],
    [parent, dataDir],
  )
  expect(stderr).toContain(`The data directory ${dataDir} cannot be written: permission denied.`)
  expect(code).toBe(1)
  expect(readdirSync(dataDir)).toEqual([])
})

test('a new data directory is private', async () => {
  const dataDir = join(tempDir(), 'a', 'b')
  await runAgl(['agentops', '--port', '0', '--daemon', '--data-dir', dataDir])
  expect(statSync(dataDir).mode & 0o777).toBe(0o700)
  expect((await runAgl(['agentops', 'stop', '--data-dir', dataDir])).code).toBe(0)
})

test.runIf(namespaces)('a full disk is said, and nothing is left half-written', async () => {
  // A file system of one block in a mount namespace of its own; the second block does not fit.
  const dataDir = tempDir()
  const script = `mount -t tmpfs -o size=4k tmpfs "$1" && head -c 4096 /dev/zero > "$1/filler" &&
    { "$2" "$3" agentops --port 0 --data-dir "$1"; echo "status $?"; ls "$1"; }`
  const args = ['-rm', 'sh', '-c', script, 'sh', dataDir, process.execPath, aglBin]
  const { stdout, stderr } = spawnSync('unshare', args, {
    env: testEnv(),
    encoding: 'utf8',
    timeout: 120_000,
  })
  expect(stderr).toContain(`The disk of the data directory ${dataDir} is full.`)
  expect(stdout).toBe('status 1\nfiller\nlock.db\n')
})
