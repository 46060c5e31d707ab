// What the Python hooks cost: the start of an interpreter, and a model call.
import { join } from 'node:path'
import { MeansMissing } from '../../test/support/means.ts'
import { pythonEnvironment } from '../../test/support/python.ts'
import { hooksSite } from '../../test/support/python-hooks.ts'
import { runProgram } from '../../test/support/run-program.ts'
import type { Benchmark, Context } from '../bench.ts'
import { figure, format, median } from '../table.ts'

const programs = join(import.meta.dirname, '..', 'python')

export const hooksPython: Benchmark = {
  name: 'hooks-python',
  what: 'start of Python, and model calls from memory, with and without the hooks (1,200 ids a call)',
  onlyByName: true,
  async run(context) {
    const python = await environment(context)
    if (python === undefined) return
    const [starts, rounds, calls] = context.smoke ? [3, 1, 200] : [10, 3, 10_000]
    const rows = [
      await compare('python -c pass', 2, (hooks) => startMs(python, starts, hooks)),
      await compare('call that nothing records', rounds, (hooks) => callMs(python, calls, 'bare', hooks)),
      await compare('call recorded by AgentOps', rounds, (hooks) => callMs(python, calls, 'recorded', hooks)),
    ]
    context.print(format({ columns: ['CPU ms, median', 'without', 'with', 'more'], rows }))
  },
}

async function environment({ print }: Context): Promise<string | undefined> {
  try {
    return (await pythonEnvironment('agentops-0.4.21')).python
  } catch (error) {
    if (!(error instanceof MeansMissing)) throw error
    print(`NOT RUN: ${error.message}`)
    return undefined
  }
}

/** Alternates, so that what else the machine does meets both. */
async function compare(
  name: string,
  rounds: number,
  measure: (hooks: boolean) => Promise<readonly number[]>,
): Promise<string[]> {
  const values = { without: [] as number[], with: [] as number[] }
  for (let round = 0; round < rounds; round++)
    for (const kind of ['without', 'with'] as const) values[kind].push(...(await measure(kind === 'with')))
  const [without, withHooks] = [median(values.without), median(values.with)]
  return [name, figure(without), figure(withHooks), figure(withHooks - without)]
}

async function startMs(python: string, times: number, hooks: boolean): Promise<readonly number[]> {
  const args = [join(programs, 'start_up.py'), String(times), ...(hooks ? [hooksSite] : [])]
  return numbers(await run(python, args, false))
}

async function callMs(
  python: string,
  calls: number,
  mode: string,
  hooks: boolean,
): Promise<readonly number[]> {
  return numbers(await run(python, [join(programs, 'hooked_calls.py'), String(calls), mode], hooks))
}

function numbers(lines: string): number[] {
  return lines.trim().split('\n').map(Number)
}

async function run(python: string, args: readonly string[], hooks: boolean): Promise<string> {
  const env = { PATH: process.env.PATH, ...(hooks ? { PYTHONPATH: hooksSite } : {}) }
  const ended = await runProgram(python, args, { env })
  if (ended.code !== 0) throw new Error(`${args.join(' ')} failed: ${ended.stderr}`)
  return ended.stdout
}
