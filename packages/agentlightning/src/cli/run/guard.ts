// Ends a program whose `agl run` was killed before it: a process cannot do anything after SIGKILL, another one can.
import { spawn } from 'node:child_process'

/** Waits for a line; its absence means that who should write it is gone. SIGTERM first, SIGKILL after 5 s. */
const script = `read -r _ || { kill -TERM "$1"; n=0
while kill -0 "$1" && [ $n -lt 50 ]; do sleep 0.1; n=$((n+1)); done; kill -KILL "$1"; }`

/** Watches over a process from now on; call the result once it has ended. Where there is no sh, nothing watches. */
export function startGuard(pid: number): () => void {
  if (process.platform === 'win32') return () => undefined
  const guard = spawn('/bin/sh', ['-c', script, 'agl-run-guard', String(pid)], {
    // In a session of its own: what ends our whole process group must not end it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
  })
  guard.on('error', () => undefined)
  guard.stdin.on('error', () => undefined)
  guard.unref()
  return () => {
    guard.stdin.end('done\n')
  }
}
