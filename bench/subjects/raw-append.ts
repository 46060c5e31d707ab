// The least that a durable server on node:http must do: `../baselines/raw-append.ts`.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { removeDir, tempDir } from '../processes.ts'
import type { Launch } from './subject.ts'

const program = join(import.meta.dirname, '..', 'baselines', 'raw-append.ts')

/** Appends and flushes each body; reads nothing of it. */
export function rawAppend(): Launch {
  const dir = tempDir()
  return {
    name: 'raw append',
    tracesPath: '/v1/traces',
    probePath: '/health',
    spawn: (port) =>
      spawn(process.execPath, [program, String(port), join(dir, 'log')], {
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    cleanUp: () => removeDir(dir),
  }
}
