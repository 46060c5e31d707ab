// Node environments for client tests whose packages would disturb those of the workspace: installed from a lock
// file of their own into `.cache/js/`, without install scripts, and kept until that file changes.
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exclusively } from './exclusively.ts'
import { MeansMissing } from './means.ts'
import { runProgram } from './run-program.ts'

const root = join(import.meta.dirname, '..', '..')
const programs = join(root, 'test', 'clients', 'js')

/**
 * Installs `test/clients/js/TARGET/package-lock.json` and returns the folder, with the target's `program.mjs` in it.
 * @throws MeansMissing when the packages cannot be fetched
 */
export async function nodeEnvironment(target: string): Promise<string> {
  const source = join(programs, target)
  const folder = join(root, '.cache', 'js', target)
  const stampFile = join(folder, '.agl-stamp')
  const stamp = createHash('sha256')
    .update(readFileSync(join(source, 'package-lock.json')))
    .digest('hex')
  const made = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp
  const install = async () => {
    if (made()) return
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    for (const file of ['package.json', 'package-lock.json'])
      copyFileSync(join(source, file), join(folder, file))
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    const ended = await runProgram('npm', args, { cwd: folder, timeoutMs: 300_000 })
    if (ended.code !== 0)
      throw new MeansMissing(`npm ci of ${target} failed: ${ended.stderr.trim().slice(-300)}`)
    writeFileSync(stampFile, stamp)
  }
  if (!made()) await exclusively('js', install)
  // Those of the hooks have their programs in `test/hooks/programs`.
  if (existsSync(join(source, 'program.mjs')))
    placeProgram(join(source, 'program.mjs'), join(folder, 'program.mjs'))
  return folder
}

/** Copies a program into a folder of packages. Another test file may run it there: it is never there in part. */
export function placeProgram(source: string, path: string): void {
  const text = readFileSync(source)
  if (existsSync(path) && readFileSync(path).equals(text)) return
  const fresh = `${path}.${process.pid}`
  writeFileSync(fresh, text)
  renameSync(fresh, path)
}
