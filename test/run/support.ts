// Programs under `agl run`, for tests: real ones, in a folder of their own.
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CallSummary } from '../../packages/agentlightning/src/store/calls.ts'
import { aglBin, type Finished, runAgl, tempDir, testEnv } from '../support/agl.ts'

/** The summary that `--json` prints. */
export interface Summary {
  readonly run: string
  readonly rollout: string
  readonly attempt: string | null
  readonly tags: readonly string[]
  readonly exitStatus: number
  readonly signal: string | null
  readonly server: string
  readonly recorded: {
    readonly calls: number
    readonly inputTokens: number
    readonly outputTokens: number
    readonly generations: number
    readonly unnamedTraces: number
    readonly callsWithIds: number
    readonly errors: number
    readonly complete: boolean
  } | null
  readonly traces: readonly { readonly traceId: string; readonly url: string }[]
}

export interface RunOptions {
  readonly env?: Record<string, string | undefined>
  readonly cwd?: string
  readonly stdin?: string
}

/** A Python function `ask(text)` that needs nothing but the standard library. */
export const askPy = `import json, os, urllib.request
def ask(text, model="m"):
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": text}]}).encode()
    url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)["choices"][0]["message"]["content"]
`

/** Writes files into a fresh folder, with `asking.py` beside them, and gives the folder. */
export function programFolder(files: Readonly<Record<string, string>>): string {
  const folder = tempDir()
  for (const [name, text] of Object.entries({ 'asking.py': askPy, ...files }))
    writeFileSync(join(folder, name), text)
  return folder
}

/** Starts `agl run ARGS`; its streams are pipes. */
export function startRun(args: readonly string[], options: RunOptions = {}): ChildProcess {
  return spawn(process.execPath, [aglBin, 'run', ...args], {
    env: testEnv({ OPENAI_BASE_URL: undefined, ANTHROPIC_BASE_URL: undefined, ...options.env }),
    cwd: options.cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

/** Runs `agl run ARGS` to its end. */
export async function agl(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = startRun(args, options)
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (part: string) => {
      text[name] += part
    })
  child.stdin?.end(options.stdin ?? '')
  await new Promise((resolve) => child.once('close', resolve))
  return { code: child.exitCode, signal: child.signalCode, ...text }
}

/** The summary in the last line of standard error. */
export function summaryOf({ stderr }: Finished): Summary {
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as Summary
}

/** The calls that `agl calls list` shows, newest first. */
export async function callsOf(dataDir: string): Promise<CallSummary[]> {
  const { stdout } = await runAgl(['calls', 'list', '--data-dir', dataDir, '--wait', '-n', '1000'])
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as CallSummary)
}
