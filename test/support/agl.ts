// Runs the real command and real servers for tests, in temp directories, and leaves nothing behind: each
// process carries a mark in its environment, by which its children are found too.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll } from 'vitest'

/** The root of the checkout. */
export const root = join(import.meta.dirname, '..', '..')

/** The launcher, to be run with `process.execPath`. */
export const aglBin = join(root, 'packages', 'agentlightning', 'bin', 'agl.js')

const mark = `AGL_TEST_RUN=${randomUUID()}`
// Servers that a manager in this very process starts inherit it.
process.env.AGL_TEST_RUN = mark.slice('AGL_TEST_RUN='.length)
const directories: string[] = []
const children = new Set<ChildProcess>()

/** What a finished command left. `code` is null after a signal. */
export interface Finished {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface AglOptions {
  /** Added to the environment; undefined removes a variable. */
  env?: Record<string, string | undefined>
  cwd?: string
  /** Milliseconds after which the command is killed and the promise rejects; default 60,000. */
  timeoutMs?: number
}

/** A server that runs in the foreground of a child process. */
export interface TestServer {
  url: string
  port: number
  dataDir: string
  pid: number
  child: ChildProcess
  /** Everything printed so far, both streams. */
  output(): string
  /** Ends it as Ctrl-C does; resolves with the exit status when it is gone. */
  stop(): Promise<number | null>
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>
}

/** A fresh directory, removed after the tests of this file. */
export function tempDir(): string {
  const path = mkdtempSync(join(tmpdir(), 'agl-test-'))
  directories.push(path)
  return path
}

/** The environment of a test's process: this one without any AGL_ variable, marked, and what is given. */
export function testEnv(extra: Record<string, string | undefined> = {}): Record<string, string> {
  // AGL_DIST says whether the sources or the bundle are to be run; that is the choice of the whole test run.
  const foreign = /^(AGL_(?!DIST$)|VITEST|NODE_OPTIONS$)/
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name))
  const [name, value] = mark.split('=') as [string, string]
  const all = Object.entries({ ...Object.fromEntries(own), NO_COLOR: '1', [name]: value, ...extra })
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** Starts `agl ARGS` without waiting for anything. Killed after the tests of this file at the latest. */
export function spawnAgl(args: readonly string[], options: AglOptions = {}): ChildProcess {
  return track(
    spawn(process.execPath, [aglBin, ...args], {
      env: testEnv(options.env),
      cwd: options.cwd ?? tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
}

/** Runs `agl ARGS` to its end. */
export async function runAgl(args: readonly string[], options: AglOptions = {}): Promise<Finished> {
  const child = spawnAgl(args, options)
  const text = collect(child)
  const timeoutMs = options.timeoutMs ?? 60_000
  const ended = await Promise.race([
    new Promise<boolean>((resolve) => child.once('close', () => resolve(true))),
    sleep(timeoutMs, false, { ref: false }),
  ])
  if (!ended) {
    child.kill('SIGKILL')
    throw new Error(`agl ${args.join(' ')} did not end within ${timeoutMs} ms:\n${text.both()}`)
  }
  return { code: child.exitCode, signal: child.signalCode, stdout: text.stdout(), stderr: text.stderr() }
}

/**
 * Starts `agl agentops` in the foreground on a free port and a fresh data directory, unless `args` say
 * otherwise; resolves when it answers.
 */
export async function startServer(
  options: AglOptions & { args?: readonly string[]; dataDir?: string } = {},
): Promise<TestServer> {
  const args = options.args ?? []
  const dataDir = options.dataDir ?? tempDir()
  const port = args.includes('--port') ? [] : ['--port', '0']
  const child = spawnAgl(['agentops', ...port, '--data-dir', dataDir, ...args], options)
  const text = collect(child)
  const url = await readyUrl(child, text.both, options.timeoutMs ?? 60_000)
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    url,
    port: Number(new URL(url).port),
    dataDir,
    pid: child.pid as number,
    child,
    output: text.both,
    async stop() {
      child.kill('SIGINT')
      await gone
      return child.exitCode
    },
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** Waits until `check` gives something true; rejects with `what` after `timeoutMs`. */
export async function until<T>(
  what: string,
  check: () => T | Promise<T>,
  timeoutMs = 20_000,
): Promise<NonNullable<T>> {
  const end = Date.now() + timeoutMs
  for (;;) {
    const value = await check()
    if (value) return value
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await sleep(25)
  }
}

/** The ids of all living processes that this test file started, directly or through others (Linux). */
export function livingProcesses(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && isOurs(pid))
}

/** True while a process with this id exists and is no zombie (Linux). */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  const left = await until('no process is left', () => livingProcesses().length === 0).then(
    () => [],
    () => livingProcesses(),
  )
  for (const pid of left) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended in this moment.
    }
  }
  for (const path of directories) rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  if (left.length > 0) throw new Error(`these tests left processes behind: ${left.join(', ')}`)
})

function isOurs(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark) && isRunning(pid)
  } catch {
    return false
  }
}

function track(child: ChildProcess): ChildProcess {
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

function collect(child: ChildProcess): { stdout(): string; stderr(): string; both(): string } {
  const parts: [1 | 2, string][] = []
  child.stdout?.setEncoding('utf8').on('data', (text: string) => parts.push([1, text]))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => parts.push([2, text]))
  const join = (stream?: 1 | 2) =>
    parts
      .filter(([from]) => !stream || from === stream)
      .map(([, text]) => text)
      .join('')
  return { stdout: () => join(1), stderr: () => join(2), both: () => join() }
}

async function readyUrl(child: ChildProcess, output: () => string, timeoutMs: number): Promise<string> {
  const url = await until(
    'the server is ready',
    () => {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the server ended (${child.exitCode ?? child.signalCode}):\n${output()}`)
      return /ready at (http:\/\/\S+)\s/.exec(output())?.[1]
    },
    timeoutMs,
  ).catch((error: Error) => {
    child.kill('SIGKILL')
    throw new Error(`${error.message}\n${output()}`)
  })
  return url
}
