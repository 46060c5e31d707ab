// Python environments for client tests, inside `.cache/` of this checkout: nothing is installed into the
// system. `uv` comes from its wheel; one environment per target is made from its lock file
// `test/clients/python/TARGET/requirements.txt` and kept until that file changes.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exclusively } from './exclusively.ts'
import { MeansMissing } from './means.ts'
import { type Ended, runProgram } from './run-program.ts'

const root = join(import.meta.dirname, '..', '..')
const cache = join(root, '.cache')
const programs = join(root, 'test', 'clients', 'python')
/** Where the environments are, each in a folder with the name of its target. */
export const pythonEnvironments = join(cache, 'python')

const uvVersion = '0.13.9'
const setUpTimeoutMs = 600_000

/** An environment that is ready to run `test/clients/python/TARGET/program.py`. */
export interface PythonEnvironment {
  readonly target: string
  /** Path of its interpreter. */
  readonly python: string
  /** Path of the target's program. */
  readonly program: string
  /** Folder of the modules that the programs share, for PYTHONPATH. */
  readonly shared: string
}

/**
 * Makes the environment of a target, or finds it made. Several processes may ask at once. `source` is the folder
 * of its `requirements.txt` and `program.py`; `requirements` another lock file.
 * @throws MeansMissing without Python 3.11, without pip, or when the packages cannot be fetched
 */
export async function pythonEnvironment(
  target: string,
  source: string = join(programs, target),
  requirements: string = join(source, 'requirements.txt'),
): Promise<PythonEnvironment> {
  const folder = join(pythonEnvironments, target)
  const environment = {
    target,
    python: join(folder, 'bin', 'python'),
    program: join(source, 'program.py'),
    shared: join(programs, 'shared'),
  }
  const stampFile = join(folder, '.agl-stamp')
  const wanted = createHash('sha256').update(uvVersion).update(folder).update(readFileSync(requirements))
  const stamp = wanted.digest('hex')
  const made = () => holds(stampFile, stamp) && existsSync(environment.python)
  if (made()) return environment
  await exclusively('python', async () => {
    if (made()) return
    const python = await findPython()
    process.stderr.write(`Making the Python environment ${target} (once) …\n`)
    const env = await indexSettings(python)
    const uv = await installUv(python)
    rmSync(folder, { recursive: true, force: true })
    await orMissing(uv, ['venv', '--quiet', '--no-python-downloads', '--python', python, folder], env)
    await orMissing(uv, ['pip', 'sync', '--quiet', '--python', environment.python, requirements], env)
    writeFileSync(stampFile, stamp)
  })
  return environment
}

async function findPython(): Promise<string> {
  for (const name of ['python3.11', 'python3']) {
    const script = 'import sys; print(sys.executable); print("%d.%d" % sys.version_info[:2])'
    const found = await runProgram(name, ['-c', script]).catch(() => undefined)
    const [path, version] = found?.stdout.trim().split('\n') ?? []
    if (found?.code === 0 && path && version === '3.11') return path
  }
  throw new MeansMissing('Python 3.11 was not found (python3.11 or python3)')
}

async function installUv(python: string): Promise<string> {
  const folder = join(cache, 'uv')
  const uv = join(folder, 'bin', 'uv')
  const stampFile = join(folder, '.agl-stamp')
  if (holds(stampFile, uvVersion) && existsSync(uv)) return uv
  rmSync(folder, { recursive: true, force: true })
  await orMissing(python, ['-m', 'pip', 'install', '--quiet', '--target', folder, `uv==${uvVersion}`])
  writeFileSync(stampFile, uvVersion)
  return uv
}

/** uv reads no pip configuration: an index or a certificate that pip is told to use is passed on. */
async function indexSettings(python: string): Promise<NodeJS.ProcessEnv> {
  const listed = await runProgram(python, ['-m', 'pip', 'config', 'list'])
  const settings = new Map<string, string>()
  for (const [, key, value] of listed.stdout.matchAll(/^\S*?\.([\w-]+)='(.*)'$/gm))
    if (key && value && !settings.has(key)) settings.set(key, value)
  const fromPip = {
    UV_DEFAULT_INDEX: settings.get('index-url'),
    UV_INDEX: settings.get('extra-index-url'),
    SSL_CERT_FILE: settings.get('cert'),
  }
  const set = Object.entries(fromPip).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(set), ...process.env, UV_CACHE_DIR: join(cache, 'uv-cache') }
}

async function orMissing(command: string, args: readonly string[], env = process.env): Promise<Ended> {
  const ended = await runProgram(command, args, { env, timeoutMs: setUpTimeoutMs })
  if (ended.code === 0) return ended
  const said = ended.stderr.trim().split('\n').slice(-3).join(' / ')
  throw new MeansMissing(`${[command, ...args].join(' ')} failed (${ended.code}): ${said}`)
}

function holds(file: string, text: string): boolean {
  return existsSync(file) && readFileSync(file, 'utf8') === text
}
