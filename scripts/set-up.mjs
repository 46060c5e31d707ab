// Installs what the workspace needs, once per lockfile. Plain JavaScript that Node 20 runs: the machine's
// own Node may be older than the one this workspace brings along.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const stampFile = join(root, 'node_modules', '.agl-set-up')

/** Makes `node_modules` match the lockfile; costs nothing when it already does. */
export function setUp() {
  const wanted = stamp()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return
  console.error('Setting up: installing packages (once, about 20 s) …')
  // `npm install` and not `npm ci`: the lockfile names packages of other platforms that a mirror may lack.
  const npm = process.env.npm_execpath
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const run = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  if (run.status !== 0) {
    console.error('Setting up failed: npm install did not finish. Its output above says why.')
    process.exit(run.status ?? 1)
  }
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, stamp())
}

/** The Node of the workspace: the one that the lockfile brings, else the one that runs this. */
export function workspaceNode() {
  const own = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  return existsSync(own) ? own : process.execPath
}

function stamp() {
  const hash = createHash('sha256')
  const manifests = [
    'package.json',
    'packages/agentlightning/package.json',
    'packages/dashboard/package.json',
  ]
  for (const file of ['package-lock.json', ...manifests]) {
    const path = join(root, file)
    if (existsSync(path)) hash.update(readFileSync(path))
  }
  return `${hash.digest('hex')} ${process.platform} ${process.arch}\n`
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) setUp()
