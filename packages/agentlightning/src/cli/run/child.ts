// The program of a run: its streams are ours, its signals pass through us, its end is our end.
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { AglError } from '../../errors.ts'
import { inForeground } from './foreground.ts'
import { startGuard } from './guard.ts'

/** How a program ended. */
export interface ChildEnd {
  /** As a shell has it: the exit status, or 128 + n after signal n. */
  readonly status: number
  readonly signal: NodeJS.Signals | null
}

/** A terminal sends these to the program itself. */
const ofTerminal: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']
const passedOn: readonly NodeJS.Signals[] =
  process.platform === 'win32'
    ? ['SIGINT', 'SIGHUP', 'SIGBREAK']
    : [...ofTerminal, 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']

/**
 * Runs a program to its end. It stays in the process group of this one, so that a terminal and a shell see one job.
 *
 * @throws AGL_COMMAND_NOT_FOUND, AGL_COMMAND_NOT_EXECUTABLE
 */
export async function runChild(command: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildEnd> {
  const [file = '', ...args] = command
  // Node takes it for a mistake of its caller's; to a shell it is a command like any other that is not there.
  if (file === '') throw notFound("''")
  let child: ChildProcess | undefined
  // Before the start: a signal in between must not end us alone.
  const stopPassing = passSignals(() => child)
  const killLeft = (): unknown => child?.kill('SIGTERM')
  process.once('exit', killLeft)
  let endGuard: (() => void) | undefined
  try {
    child = started(file, args, env)
    endGuard = child.pid === undefined ? undefined : startGuard(child.pid)
    return await ended(child, file)
  } finally {
    endGuard?.()
    process.off('exit', killLeft)
    stopPassing()
  }
}

function started(file: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  try {
    return spawn(file, args, { env, stdio: 'inherit' })
  } catch (error) {
    throw notExecutable(file, error as NodeJS.ErrnoException)
  }
}

function ended(child: ChildProcess, file: string): Promise<ChildEnd> {
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined)
        reject(error.code === 'ENOENT' ? notFound(file) : notExecutable(file, error))
    })
    child.once('exit', (code, signal) => {
      resolve({ status: signal === null ? (code ?? 1) : 128 + constants.signals[signal], signal })
    })
  })
}

function passSignals(child: () => ChildProcess | undefined): () => void {
  const pass = (signal: NodeJS.Signals): void => {
    if (ofTerminal.includes(signal) && inForeground()) return
    child()?.kill(signal)
  }
  for (const signal of passedOn) process.on(signal, pass)
  return () => {
    for (const signal of passedOn) process.off(signal, pass)
  }
}

function notFound(file: string): AglError {
  let reason = 'command not found'
  try {
    if (file.includes('/')) accessSync(file)
    if (file.includes('/')) reason = 'its interpreter (first line) was not found'
  } catch {
    reason = 'no such file'
  }
  return new AglError('AGL_COMMAND_NOT_FOUND', { command: file, reason })
}

function notExecutable(file: string, error: NodeJS.ErrnoException): AglError {
  const isFolder = statSync(file, { throwIfNoEntry: false })?.isDirectory()
  const denied = isFolder ? 'it is a folder' : 'permission denied'
  const reason = error.code === 'EACCES' ? denied : (error.code ?? error.message)
  return new AglError('AGL_COMMAND_NOT_EXECUTABLE', { command: file, reason }, error)
}
