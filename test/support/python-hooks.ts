// The Python hooks as a program gets them, for tests and benchmarks.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from './run-program.ts'

const root = join(import.meta.dirname, '..', '..')

/** Folder of the package `agentlightning_hooks`, of `site/` and of its tests. */
export const hooksFolder = join(root, 'packages', 'agentlightning', 'src', 'instrumentation', 'python')

/** What stands in PYTHONPATH for the hooks to load by themselves. */
export const hooksSite = join(hooksFolder, 'site')

/** An interpreter of this machine. */
export interface Interpreter {
  readonly path: string
  /** `3.11` */
  readonly version: string
}

const minors = [8, 9, 10, 11, 12, 13, 14]

/** The interpreters from 3.8 on that are to be found, one of each version: those of PATH and of pyenv. */
export async function interpreters(): Promise<Interpreter[]> {
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions', '*', 'bin', 'python3')
  const named = ['python3', ...minors.map((minor) => `python3.${minor}`)].join(' ')
  const listed = await runProgram('sh', ['-c', `for each in ${named} ${pyenv}; do echo "$each"; done`])
  const script = 'import sys; print(sys.executable); print("%d.%d" % sys.version_info[:2])'
  const found = new Map<string, Interpreter>()
  for (const name of listed.stdout.trim().split('\n')) {
    const ended = await runProgram(name, ['-c', script]).catch(() => undefined)
    const [path, version] = ended?.code === 0 ? ended.stdout.trim().split('\n') : []
    const isNew = Number(version?.split('.')[1]) >= (minors[0] as number) && !found.has(version as string)
    if (path && version && isNew) found.set(version, { path, version })
  }
  return [...found.values()]
}
