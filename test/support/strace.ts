// System calls of a running process, as strace sees them.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir, testEnv, until } from './agl.ts'
import { MeansMissing } from './means.ts'
import { runProgram } from './run-program.ts'

/** One system call. Begin and end are places in the order of all events of all threads. */
export interface SystemCall {
  readonly name: string
  /** Arguments as strace prints them; descriptors with the path or connection that they stand for. */
  readonly args: string
  readonly begin: number
  readonly end: number
  /** What it returned; undefined when it was still running at the end. */
  readonly result: string | undefined
}

/** @throws MeansMissing without strace, or where it may not trace */
export async function findStrace(): Promise<string> {
  const ended = await runProgram('strace', ['-f', '-e', 'trace=write', 'true']).catch(() => undefined)
  if (!ended) throw new MeansMissing('strace was not found')
  if (ended.code !== 0) throw new MeansMissing(`strace may not trace here: ${ended.stderr.trim()}`)
  return 'strace'
}

/** Traces all threads of a process while `work` runs. */
export async function traceCalls(
  pid: number,
  names: readonly string[],
  work: () => Promise<unknown>,
): Promise<SystemCall[]> {
  const file = join(tempDir(), 'calls')
  const args = ['-f', '-yy', '-s', '64', '-p', String(pid), '-o', file, '-e', `trace=${names.join(',')}`]
  const strace = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'], env: testEnv() })
  let said = ''
  strace.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const gone = new Promise((resolve) => strace.once('close', resolve))
  try {
    await until('strace is attached', () => said.includes('attached'))
    await work()
  } finally {
    strace.kill('SIGINT')
    await gone
  }
  return parseCalls(readFileSync(file, 'utf8'))
}

function parseCalls(text: string): SystemCall[] {
  const calls: SystemCall[] = []
  const running = new Map<string, Omit<SystemCall, 'end' | 'result'>>()
  text.split('\n').forEach((line, place) => {
    const resumed = /^(\d+)\s+<\.\.\. \w+ resumed>(.*)$/.exec(line)
    const [, thread = '', name = '', rest = ''] = /^(\d+)\s+(\w+)\((.*)$/.exec(line) ?? []
    if (resumed) {
      const [, of = '', tail = ''] = resumed
      const begun = running.get(of)
      if (!begun) return
      running.delete(of)
      calls.push({ ...begun, args: begun.args + tail, end: place, result: resultOf(tail) })
    } else if (name && rest.endsWith('<unfinished ...>')) {
      running.set(thread, { name, args: rest.replace(' <unfinished ...>', ''), begin: place })
    } else if (name) {
      calls.push({ name, args: rest, begin: place, end: place, result: resultOf(rest) })
    }
  })
  for (const call of running.values())
    calls.push({ ...call, end: Number.POSITIVE_INFINITY, result: undefined })
  return calls
}

function resultOf(text: string): string | undefined {
  return /\)\s+= (.+)$/.exec(text)?.[1]
}
