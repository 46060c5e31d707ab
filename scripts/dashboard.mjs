// Builds the dashboard into the package. As a program: only when it is missing or older than its sources.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { root } from './set-up.mjs'

const home = join(root, 'packages', 'dashboard')
const server = join(root, 'packages', 'agentlightning')
const built = join(server, 'dist', 'dashboard')
const stampFile = join(root, '.cache', 'dashboard-built')
/** Builds the page: hashed files, and each compressed beside itself. Returns the paths of all modules in it. */
export async function buildDashboard() {
  // Whoever starts this may have set it for itself, and React has two faces.
  process.env.NODE_ENV = 'production'
  const { build } = await import('vite')
  const { output } = await build({ configFile: join(home, 'vite.config.ts') })
  let bytes = 0
  for (const file of files(built).filter((path) => !path.endsWith('.gz'))) {
    const compressed = gzipSync(readFileSync(file), { level: 9 })
    bytes += compressed.length
    writeFileSync(`${file}.gz`, compressed)
  }
  console.error(`Built the dashboard: ${(bytes / 1000).toFixed(0)} kB compressed`)
  const modules = output.flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : []))
  // What of the server's sources went into the page.
  const shared = modules.filter((path) => path.startsWith(server)).map((path) => path.slice(root.length))
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, JSON.stringify({ shared, hash: hashOf(shared) }))
  return modules
}

/** True when the built page is that of these very sources. */
function isFresh() {
  if (!existsSync(stampFile) || !existsSync(join(built, 'index.html'))) return false
  try {
    const { shared, hash } = JSON.parse(readFileSync(stampFile, 'utf8'))
    return hash === hashOf(shared)
  } catch {
    // Of another form, or of a file that has gone since.
    return false
  }
}

/** Of the page's sources and those that it shares with the server. */
function hashOf(shared) {
  const hash = createHash('sha256')
  const own = files(home).filter((path) => !/node_modules|\.test\.tsx?$/.test(path))
  const others = [...shared, 'package-lock.json'].map((path) => join(root, path))
  for (const file of [...own, ...others].sort()) {
    hash.update(file.slice(root.length)).update(readFileSync(file))
  }
  return hash.digest('hex')
}

function files(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href && !isFresh()) {
  await buildDashboard().catch((error) => {
    console.error(error)
    console.error('The dashboard was not built; the server runs without its page.')
    process.exitCode = 1
  })
}
