// Stops a server that another process started: asks it, waits, and kills it only as the last resort.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { holdsLock, isLocked } from '../server/data-dir/lock.ts'
import { removeState, type ServerState } from '../server/data-dir/state-file.ts'
import { ask } from './ask.ts'
import { findServer } from './find-server.ts'

/** How long a server may take to end after it was asked. Milliseconds. */
export const stopGraceMs = 5_000

export type StopOutcome =
  | { readonly kind: 'not-running' }
  | { readonly kind: 'stopped' | 'killed'; readonly state: ServerState }
  /** It holds the directory, but the system does not confirm which process it is: nothing was killed. */
  | { readonly kind: 'stuck'; readonly state: ServerState | undefined }

/** Stops the server of a data directory and resolves when it is gone. */
export async function stopServer(dataDir: string, graceMs = stopGraceMs): Promise<StopOutcome> {
  const end = Date.now() + graceMs
  const found = await findServer(dataDir)
  if (found.kind === 'none') return { kind: 'not-running' }
  const { state } = found
  if (state && found.kind === 'running') await requestStop(state)
  if (await isGone(dataDir, state, end)) return state ? { kind: 'stopped', state } : { kind: 'not-running' }
  // The pid of a state file may be another program's by now: only the holder of the lock is killed.
  if (!state || holdsLock(state.pid, dataDir) !== true) return { kind: 'stuck', state }
  process.kill(state.pid, 'SIGKILL')
  await isGone(dataDir, state, Date.now() + 2_000)
  removeState(dataDir, state.instanceId)
  return { kind: 'killed', state }
}

async function requestStop(state: ServerState): Promise<void> {
  const headers = { 'x-agl-secret': state.secret, 'content-length': '0' }
  // Whether it heard is seen by whether it goes.
  await ask(`${state.url}/api/v1/server/stop`, { method: 'POST', headers }).catch(() => undefined)
}

async function isGone(dataDir: string, state: ServerState | undefined, end: number): Promise<boolean> {
  while (isLocked(dataDir)) {
    if (Date.now() >= end) return false
    await sleep(25)
  }
  // The lock goes last, so the process follows at once, unless it is a program that runs the server inside.
  for (let turn = 0; turn < 40 && state && isAlive(state.pid); turn++) await sleep(25)
  return true
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return process.platform !== 'linux'
  }
}
