// Is a server running on this data directory? The state file says where to ask; the server says who it is.
import { setTimeout as sleep } from 'node:timers/promises'
import { isLocked } from '../server/data-dir/lock.ts'
import { readState, type ServerState } from '../server/data-dir/state-file.ts'
import { ask } from './ask.ts'

/** What is known about the server of a data directory. */
export type Found =
  | { readonly kind: 'running'; readonly state: ServerState; readonly uptimeSeconds: number | undefined }
  /** A process holds the directory but does not answer: it is starting, ending, or hangs. */
  | { readonly kind: 'silent'; readonly state: ServerState | undefined }
  | { readonly kind: 'none' }

/** Looks once. Never rejects; takes at most `timeoutMs` (default 2,000). */
export async function findServer(dataDir: string, timeoutMs = 2_000): Promise<Found> {
  const state = readState(dataDir)
  const health = state && (await askHealth(state.url, timeoutMs))
  if (state && health?.instanceId === state.instanceId)
    return { kind: 'running', state, uptimeSeconds: health.uptimeSeconds }
  return lockIsHeld(dataDir) ? { kind: 'silent', state } : { kind: 'none' }
}

/** As `findServer`, but gives a silent server up to `patienceMs` to answer or to go. */
export async function findSettledServer(dataDir: string, patienceMs = 5_000): Promise<Found> {
  const end = Date.now() + patienceMs
  for (;;) {
    const found = await findServer(dataDir)
    if (found.kind !== 'silent' || Date.now() >= end) return found
    await sleep(50)
  }
}

interface Health {
  readonly instanceId: string
  readonly uptimeSeconds: number | undefined
}

async function askHealth(url: string, timeoutMs: number): Promise<Health | undefined> {
  try {
    const { body } = await ask(`${url}/health`, { timeoutMs })
    const value = JSON.parse(body) as Record<string, unknown> | null
    if (value?.product !== 'agentlightning' || typeof value.instanceId !== 'string') return undefined
    const uptime = value.uptimeSeconds
    return { instanceId: value.instanceId, uptimeSeconds: typeof uptime === 'number' ? uptime : undefined }
  } catch {
    return undefined
  }
}

function lockIsHeld(dataDir: string): boolean {
  try {
    return isLocked(dataDir)
  } catch {
    return false
  }
}
