// The package as it is published: packed, installed into an empty prefix without a network, and run.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { livingProcesses, root, tempDir, testEnv } from '../support/agl.ts'

const prefix = tempDir()
const installed = join(prefix, 'lib', 'node_modules', 'agentlightning')
let tarball = ''

function run(
  command: string,
  args: readonly string[],
  cwd = prefix,
): { status: number | null; output: string } {
  const env = testEnv({
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    npm_config_cache: join(prefix, 'cache'),
    npm_config_offline: 'true',
    npm_config_prefix: prefix,
    AGL_DATA_DIR: join(prefix, 'data'),
  })
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8' })
  return { status, output: error ? error.message : stdout + stderr }
}

beforeAll(() => {
  // What is built already is packed as it is: other tests run from it, and building anew would take it away.
  const built = process.env.AGL_DIST ? ['--ignore-scripts'] : []
  const folder = join(root, 'packages', 'agentlightning')
  const packed = run('npm', ['pack', ...built, '--pack-destination', prefix], folder)
  expect(packed, packed.output).toMatchObject({ status: 0 })
  tarball = join(prefix, readdirSync(prefix).find((name) => name.endsWith('.tgz')) as string)
  const added = run('npm', ['install', '--global', tarball])
  expect(added, added.output).toMatchObject({ status: 0 })
}, 180_000)

test('it carries the launcher, the bundle, types and licences, and no sources or tests', () => {
  const files = readdirSync(installed, { recursive: true }).map(String)
  for (const file of [
    'bin/agl.js',
    'dist/cli.js',
    'dist/index.js',
    'dist/preload.cjs',
    'dist/register.js',
    'dist/register.cjs',
    'dist/types/index.d.ts',
  ]) {
    expect(files).toContain(file)
  }
  for (const file of ['server-process.js', 'index-thread.js', 'query-thread.js']) {
    expect(files).toContain(join('dist', file))
  }
  for (const file of ['site/sitecustomize.py', 'agentlightning_hooks/__init__.py']) {
    expect(files).toContain(join('dist', 'python', file))
  }
  expect(files).toContain('THIRD-PARTY-LICENSES.txt')
  expect(files.filter((file) => /^src|\.test\.|node_modules|tsbuildinfo/.test(file))).toEqual([])
})

test('agl agentops runs from it, records, and stops', async () => {
  const agl = join(prefix, 'bin', 'agl')
  const started = run(agl, ['agentops', '--port', '0', '--daemon'])
  expect(started, started.output).toMatchObject({ status: 0 })
  expect(run(agl, ['agentops', 'status']).output).toContain('running at http://localhost:')
  expect(run(agl, ['traces', 'list'])).toMatchObject({ status: 0 })
  expect(run(agl, ['agentops', 'stop']).output).toMatch(/^stopped http/)
  await expect.poll(livingProcesses).toEqual([])
})

test('agl run from it loads the hooks into Python and Node', async () => {
  const agl = join(prefix, 'bin', 'agl')
  const debug = 'AGL_HOOKS_DEBUG=1'
  const loaded = 'import sys; print("agentlightning_hooks" in sys.modules)'
  expect(run(agl, ['run', '--no-gateway', '--quiet', '--', 'python3', '-c', loaded]).output).toBe('True\n')
  const node = run(agl, ['run', '--no-gateway', '--', 'env', debug, 'node', '--eval', '0'])
  expect(node.output).toContain('agentlightning: hooks are in: fetch')
  expect(run(agl, ['agentops', 'stop']).output).toMatch(/^stopped http/)
  await expect.poll(livingProcesses).toEqual([])
})

test('npx runs the tarball', () => {
  const { status, output } = run('npx', ['--yes', `--package=${tarball}`, 'agl', 'agentops', 'status'])
  expect(output).toContain('No server is running on')
  expect(status).toBe(3)
})

test('eight managers of it start at once', async () => {
  const program = `
    const { AgentOpsServerManager } = await import(${JSON.stringify(pathToFileURL(join(installed, 'dist/index.js')))})
    const managers = Array.from({ length: 8 }, () => new AgentOpsServerManager({ store: 'memory', port: 0 }))
    const begun = performance.now()
    await Promise.all(managers.map((manager) => manager.start()))
    console.log(Math.round(performance.now() - begun))
    await Promise.all(managers.map((manager) => manager.stop()))
  `
  const { status, output } = run(process.execPath, ['--input-type=module', '--eval', program])
  expect(status, output).toBe(0)
  console.log(`eight managers were ready after ${Math.round(Number(output))} ms (aim 5,000)`)
  expect(Number(output)).toBeGreaterThan(0)
  await expect.poll(livingProcesses).toEqual([])
})
