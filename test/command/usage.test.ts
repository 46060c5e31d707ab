// A command line that is not understood is one line and status 2; help and version are there.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aglBin, root, runAgl, tempDir } from '../support/agl.ts'

const wrong: readonly [args: string[], line: RegExp][] = [
  [['nonsense'], /unknown command 'nonsense'/],
  [['--bogus'], /unknown option '--bogus'/],
  [['agentops', 'nonsense'], /unknown command 'nonsense'.*start, status, stop/],
  [['agentops', '--bogus'], /unknown option '--bogus'/],
  [['agentops', '--prot', '1'], /unknown option '--prot'.*--port/],
  [['agentops', '--port'], /argument missing/],
  [['agentops', '--port', 'abc'], /--port abc/],
  [['agentops', '--port', '70000'], /--port 70000.*65535/],
  [['agentops', '--port', '-1'], /--port -1.*65535/],
  [['agentops', '--port', '80.5'], /--port 80\.5/],
  [['agentops', '--store', 'oracle'], /--store oracle.*sqlite/],
  [['agentops', '--max-disk', 'much'], /--max-disk much.*10GB/],
  [['agentops', '--log-level', 'loud'], /--log-level loud.*debug/],
  [['agentops', 'status', 'extra'], /too many arguments/],
  [['agentops', 'status', '--port', '1'], /unknown option '--port'/],
  [['agentops', 'logs', '--lines', 'x'], /--lines x/],
  [['agentops', 'env', '--shell', 'tcsh'], /--shell tcsh.*powershell/],
]

test.each(wrong)('agl %j is refused in one line with status 2', async (args, line) => {
  const { code, stdout, stderr } = await runAgl(args, { env: { AGL_DATA_DIR: tempDir() } })
  expect(stderr).toMatch(line)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(stdout).toBe('')
  expect(code).toBe(2)
})

test('a wrong environment variable is named', async () => {
  const { code, stderr } = await runAgl(['agentops'], { env: { AGL_PORT: 'http', AGL_DATA_DIR: tempDir() } })
  expect(stderr).toContain('`AGL_PORT=http` is not understood.')
  expect(code).toBe(2)
})

test('agl alone prints its help to stderr with status 2', async () => {
  const { code, stdout, stderr } = await runAgl([])
  expect(stderr).toContain('agl agentops')
  expect(stdout).toBe('')
  expect(code).toBe(2)
})

test('--help and --version print to stdout with status 0', async () => {
  const manifest = JSON.parse(readFileSync(join(root, 'packages/agentlightning/package.json'), 'utf8'))
  expect(await runAgl(['--version'])).toMatchObject({ code: 0, stdout: `${manifest.version}\n` })
  const help = await runAgl(['agentops', '--help'])
  expect(help.code).toBe(0)
  for (const word of ['--port', '--daemon', '--data-dir', '--store', 'AGL_', 'restart', 'Exit status']) {
    expect(help.stdout).toContain(word)
  }
})

test('nothing is written by a command that only asks', async () => {
  const dataDir = join(tempDir(), 'never')
  for (const command of ['status', 'stop', 'env']) {
    await runAgl(['agentops', command], { env: { AGL_DATA_DIR: dataDir } })
  }
  expect(existsSync(dataDir)).toBe(false)
})

test('the launcher refuses a Node that is too old, in one line', () => {
  // The check reads `process.versions`, which a preloaded line can make old.
  const pretend = `Object.defineProperty(process, 'versions', { value: { node: '24.14.9' } })`
  const preload = `data:text/javascript,${encodeURIComponent(pretend)}`
  const run = spawnSync(process.execPath, ['--import', preload, aglBin, '--version'], { encoding: 'utf8' })
  expect(run.stderr).toMatch(/^agl needs Node\.js 24\.15 or later.*nodejs\.org.*\n$/)
  expect(run.status).toBe(1)
})
