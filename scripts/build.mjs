// Builds the published package: JavaScript by the bundler, types by the compiler, and the licences of what is
// bundled. Every entry lies flat in `dist/`, because a thread or child is found beside the file that starts it.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildDashboard } from './dashboard.mjs'
import { root, workspaceNode } from './set-up.mjs'

// The bundler and the compiler run on the Node of the workspace; npm may have started us with an older one.
const own = workspaceNode()
if (process.execPath !== own && !process.env.AGL_BUILD) {
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  const run = spawnSync(own, args, { stdio: 'inherit', env: { ...process.env, AGL_BUILD: '1' } })
  process.exit(run.status ?? 1)
}

const home = join(root, 'packages', 'agentlightning')
const source = join(home, 'src')
const dist = join(home, 'dist')

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist, { recursive: true })
const modules = await bundle(entries())
await bundleHooks()
writeLicences([...modules, ...(await buildDashboard())])
compileTypes()
copyHooks()

/** The entries by the name of their file in `dist/`. */
function entries() {
  const named = { cli: join(source, 'cli', 'main.ts'), index: join(source, 'index.ts') }
  const files = readdirSync(source, { recursive: true })
  for (const file of files.filter((path) => /(-thread|[/\\]server-process)\.ts$/.test(path))) {
    const name = basename(file, '.ts')
    if (name in named) throw new Error(`two entries would become ${name}.js: ${named[name]} and ${file}`)
    named[name] = join(source, file)
  }
  return named
}

/** Bundles everything and returns the paths of all modules that went in. */
async function bundle(input) {
  const { rolldown } = await import('rolldown')
  const build = await rolldown({
    input,
    platform: 'node',
    cwd: home,
    onLog(level, log, handle) {
      // A dependency that evaluates a string is none of ours to change.
      if (log.code === 'EVAL') return
      handle(level, log)
    },
  })
  const { output } = await build.write({
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    minify: { compress: true, mangle: false },
    codeSplitting: true,
  })
  await build.close()
  const bytes = output.reduce((sum, file) => sum + (file.type === 'chunk' ? file.code.length : 0), 0)
  console.error(
    `Bundled ${Object.keys(input).length} entries, ${(bytes / 1e6).toFixed(1)} MB, into ${relative(root, dist)}`,
  )
  return output.flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : []))
}

/**
 * Bundles what runs inside of a user's program: on Node 18 and later, for `import` and for `require`, in files of its
 * own, so that nothing of the server is loaded with it. It has no dependencies.
 */
async function bundleHooks() {
  const { rolldown } = await import('rolldown')
  const folder = join(source, 'instrumentation')
  const build = await rolldown({
    input: { instrumentation: join(folder, 'index.ts'), register: join(folder, 'register.ts') },
    platform: 'node',
    cwd: home,
    transform: { target: 'node18' },
  })
  for (const [format, ending] of [
    ['esm', 'js'],
    ['cjs', 'cjs'],
  ]) {
    const { output } = await build.write({
      dir: dist,
      format,
      exports: 'named',
      entryFileNames: `[name].${ending}`,
      chunkFileNames: `instrumentation-[hash].${ending}`,
      minify: { compress: true, mangle: false },
    })
    const outside = output
      .flatMap(({ imports }) => imports ?? [])
      .filter((name) => !name.startsWith('node:') && !name.startsWith('instrumentation-'))
    if (outside.length > 0) throw new Error(`the hooks would load ${outside.join(', ')}`)
  }
  await build.close()
}

/** Writes the licence of every package of which a module was bundled. */
function writeLicences(modules) {
  const packages = new Map()
  for (const module of modules) {
    const folder = packageFolder(module)
    if (folder) packages.set(folder, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
  }
  const texts = [...packages].map(([folder, manifest]) => {
    const file = readdirSync(folder)
      .sort()
      .find((name) => /^(licen[cs]e|copying)/i.test(name))
    const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `License: ${manifest.license}`
    const allowed = /^(MIT|BSD|ISC|Apache|0BSD|BlueOak)/.test(manifest.license ?? '')
    if (!allowed)
      throw new Error(`${manifest.name} has the licence ${manifest.license}, which may not be bundled`)
    return `${manifest.name} ${manifest.version} (${manifest.license})\n\n${text}`
  })
  const rule = `\n\n${'-'.repeat(78)}\n\n`
  const intro = 'This package contains code of the packages below, under their licences.'
  writeFileSync(join(home, 'THIRD-PARTY-LICENSES.txt'), `${[intro, ...texts.sort()].join(rule)}\n`)
}

/** The folder of the npm package that a module belongs to; undefined for our own. */
function packageFolder(module) {
  const path = module.replace(/^\0/, '').replace(/\?.*$/, '')
  if (!path.includes('node_modules')) return undefined
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json')
    // Some packages put a manifest without a name into their sub-folders.
    if (statSync(manifest, { throwIfNoEntry: false }) && JSON.parse(readFileSync(manifest, 'utf8')).name) {
      return folder
    }
  }
  return undefined
}

function compileTypes() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const run = spawnSync(own, [tsc, '-p', home], { stdio: ['ignore', 2, 2] })
  if (run.status !== 0) {
    console.error('The types were not built.')
    process.exit(run.status ?? 1)
  }
}

/** Shipped as they are: what loads the hooks of Node, and `dist/python/` with the package and its loader's folder. */
function copyHooks() {
  cpSync(join(source, 'instrumentation', 'preload.cjs'), join(dist, 'preload.cjs'))
  for (const name of ['agentlightning_hooks', 'site'])
    cpSync(join(source, 'instrumentation', 'python', name), join(dist, 'python', name), {
      recursive: true,
      filter: (path) => !path.includes('__pycache__'),
    })
}
