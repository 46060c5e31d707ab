// Our server, as a user runs it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { removeDir, tempDir } from '../processes.ts'
import { get, type Launch } from './subject.ts'

const packageDir = join(import.meta.dirname, '..', '..', 'packages', 'agentlightning')
const built = existsSync(join(packageDir, 'dist', 'cli.js'))

/** What is measured: the build that is published, or the sources where nothing was built. */
export const measuredCode = built ? 'packages/agentlightning/dist' : 'packages/agentlightning/src (not built)'

/** Longest wait for the index to catch up with the log, s. */
const CATCH_UP_S = 300

/** The totals that the server itself reports. */
export interface AglStatus {
  readonly spans: number
  readonly duplicates: number
  readonly setAside: number
  /** Main thread since the start of the server. */
  readonly loopDelayP99Ms: number
}

/**
 * `agl agentops` on a fresh data directory. With `AGL_BENCH_PROFILE=DIR` each of its threads leaves a CPU profile
 * in DIR, for the developer tools of a browser. `more` are arguments of the command.
 */
export function agl(more: readonly string[] = []): Launch {
  const profiles = process.env.AGL_BENCH_PROFILE
  const nodeOptions = profiles ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`] : []
  const dataDir = tempDir()
  return {
    name: 'agl',
    tracesPath: '/v1/traces',
    probePath: '/health',
    spawn: (port) => {
      const args = ['agentops', '--port', String(port), '--data-dir', dataDir, '--max-disk', '1TB', ...more]
      return spawn(process.execPath, [...nodeOptions, join(packageDir, 'bin', 'agl.js'), ...args], {
        env: { ...withoutOurs(process.env), ...(built ? { AGL_DIST: '1' } : {}) },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    },
    settle: caughtUp,
    cleanUp: () => removeDir(dataDir),
  }
}

/** Reads `/api/v1/status`. */
export async function aglStatus(port: number): Promise<AglStatus> {
  const { status, body } = await get(port, '/api/v1/status')
  if (status !== 200) throw new Error(`/api/v1/status answered ${status}: ${body.slice(0, 300)}`)
  const { index, eventLoopDelayMs } = JSON.parse(body) as {
    index: { spans: number; duplicates: number; setAsideCount: number }
    eventLoopDelayMs: { p99: number }
  }
  const { spans, duplicates, setAsideCount } = index
  return { spans, duplicates, setAside: setAsideCount, loopDelayP99Ms: eventLoopDelayMs.p99 }
}

async function caughtUp(port: number): Promise<void> {
  const deadline = Date.now() + CATCH_UP_S * 1000
  for (;;) {
    const { status, body } = await get(port, '/api/v1/position?wait=1')
    if (status === 200) return
    if (Date.now() > deadline) throw new Error(`the index did not catch up: ${status} ${body.slice(0, 300)}`)
  }
}

function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('AGL_')))
}
