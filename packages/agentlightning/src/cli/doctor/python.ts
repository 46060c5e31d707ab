// The packages of the Python that programs of this shell would run with.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { z } from 'zod'
import { type PythonFacts, pythonPackages } from '../../doctor/checks/packages.ts'
import type { Environment } from '../../doctor/facts.ts'

const PATIENCE_MS = 3000
const MOST_OUTPUT = 64 * 1024
/** Below a virtual environment (PEP 405). */
const pythonOfEnvironment = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']

/** Prints a JSON object; takes the names of packages as arguments. */
const program = `
import importlib.metadata as metadata, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = metadata.version(name)
    except Exception:
        pass
hooked = "agentlightning_hooks" in sys.modules
print(json.dumps({"executable": sys.executable, "version": sys.version.split()[0], "packages": found, "hooked": hooked}))
`

const answer = z.object({
  executable: z.string(),
  version: z.string(),
  packages: z.record(z.string(), z.string()),
  hooked: z.boolean(),
})

/** The active virtual environment's Python, else `python3`, else `python`; `undefined` where none answers. */
export async function findPython(env: Environment): Promise<PythonFacts | undefined> {
  const active = env.VIRTUAL_ENV
  const candidates = [...(active ? [join(active, ...pythonOfEnvironment)] : []), 'python3', 'python']
  for (const executable of candidates) {
    const found = await askPython(executable, env)
    if (found) return found
  }
  return undefined
}

function askPython(executable: string, env: Environment): Promise<PythonFacts | undefined> {
  const { promise, resolve } = Promise.withResolvers<PythonFacts | undefined>()
  const options = {
    env: { ...env },
    timeout: PATIENCE_MS,
    maxBuffer: MOST_OUTPUT,
    killSignal: 'SIGKILL',
  } as const
  execFile(executable, ['-c', program, ...pythonPackages], options, (error, stdout) => {
    if (error) return resolve(undefined)
    resolve(answerOf(stdout))
  })
  return promise
}

/** The last line: what a `sitecustomize` prints comes before it. */
function answerOf(stdout: string): PythonFacts | undefined {
  try {
    return answer.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''))
  } catch {
    return undefined
  }
}
