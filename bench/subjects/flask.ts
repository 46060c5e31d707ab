// Python's Flask, doing what the original's local server did: `../baselines/flask/program.py`.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { pythonEnvironment } from '../../test/support/python.ts'
import type { Launch } from './subject.ts'

/** Throws `MeansMissing` where Python or the packages are not to be had. */
export async function flask(): Promise<Launch> {
  const { python, program } = await pythonEnvironment(
    'flask',
    join(import.meta.dirname, '..', 'baselines', 'flask'),
  )
  return {
    name: 'Flask',
    tracesPath: '/v1/traces',
    probePath: '/',
    spawn: (port) => spawn(python, [program, String(port)], { stdio: ['ignore', 'pipe', 'pipe'] }),
  }
}
