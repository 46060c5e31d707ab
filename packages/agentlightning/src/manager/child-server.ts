// A server in a child process, and the channel to it. The channel is also the leash: when it closes, the child
// ends, unless it is detached.
import { type ChildProcess, fork } from 'node:child_process'
import { closeSync, openSync, renameSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AglError } from '../errors.ts'
import type { ServerConfig } from '../server/config.ts'
import { prepareDataDir } from '../server/data-dir/data-dir.ts'
import type { HostedServer, ServerExit, Starting } from './hosted-server.ts'
import type { FromServer, ToServer } from './messages.ts'

const entry = fileURLToPath(new URL(`./server-process${extname(import.meta.url)}`, import.meta.url))

/** Above this size the log of a detached server is put aside when a new one starts. Bytes. */
const longLog = 10 * 1024 * 1024

/** The log file of a detached server. */
export function serverLogPath(dataDir: string): string {
  return join(dataDir, 'server.log')
}

/**
 * Starts a server in a child process. Throws, before there is one, when the data directory of a detached
 * server cannot take its log.
 */
export function startChild(config: ServerConfig, options: { readonly detached: boolean }): Starting {
  const child = options.detached ? forkDetached(config.dataDir) : forkAttached()
  const { promise: ended, resolve: end } = Promise.withResolvers<ServerExit>()
  child.once('exit', (code, signal) => end({ code, signal }))
  child.once('error', () => end({ code: 1, signal: null }))
  send(child, { type: 'start', config, detached: options.detached })
  return { ready: whenReady(child, ended), kill: () => child.kill('SIGKILL') }
}

async function whenReady(child: ChildProcess, ended: Promise<ServerExit>): Promise<HostedServer> {
  const { promise, resolve, reject } = Promise.withResolvers<HostedServer>()
  let failure: AglError | undefined
  child.on('message', (message: FromServer) => {
    // It ends by itself then, and a start that has failed leaves no process.
    if (message.type === 'failed') failure = new AglError(message.code, message.details)
    else
      resolve({
        at: message.at,
        pid: child.pid as number,
        ended,
        ask: () => askToEnd(child),
        kill: () => void child.kill('SIGKILL'),
        hold: (keep) => hold(child, keep),
      })
  })
  child.once('error', (error) => reject(new AglError('AGL_START_FAILED', { reason: error.message }, error)))
  // After the exit, since the message that says why may still be on its way.
  child.once('close', (code, signal) => {
    const how = signal ? `was ended by ${signal}` : `ended with exit status ${code}`
    reject(failure ?? new AglError('AGL_START_FAILED', { reason: `its process ${how} before it answered.` }))
  })
  return promise
}

/**
 * A server is long-lived and keeps what a burst of calls took: smaller steps of V8's young space (3 × 4 MB instead of
 * 48) and few arenas of glibc (eight a core otherwise) halve that.
 */
function frugal(): { execArgv: string[]; env: NodeJS.ProcessEnv } {
  return { execArgv: ['--max-semi-space-size=4'], env: { MALLOC_ARENA_MAX: '2', ...process.env } }
}

function forkAttached(): ChildProcess {
  return fork(entry, [], { ...frugal(), stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

function forkDetached(dataDir: string): ChildProcess {
  prepareDataDir(dataDir)
  const log = openLog(serverLogPath(dataDir))
  try {
    const stdio = ['ignore', log, log, 'ipc'] as const
    return fork(entry, [], { ...frugal(), detached: true, cwd: dataDir, stdio: [...stdio] })
  } finally {
    closeSync(log)
  }
}

function openLog(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size > longLog) renameSync(path, `${path}.1`)
  return openSync(path, 'a', 0o600)
}

function askToEnd(child: ChildProcess): void {
  // A child whose channel broke still knows the signal.
  if (child.connected) send(child, { type: 'stop' })
  else child.kill('SIGTERM')
}

function send(child: ChildProcess, message: ToServer): void {
  // A child that has just ended is noticed by its exit.
  child.send(message, () => {})
}

function hold(child: ChildProcess, keep: boolean): void {
  if (keep) {
    child.ref()
    child.channel?.ref()
  } else {
    child.unref()
    child.channel?.unref()
  }
}
