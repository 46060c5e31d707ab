// What the JavaScript hooks cost: the start of Node, and a model call.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runProgram } from '../../test/support/run-program.ts'
import type { Benchmark } from '../bench.ts'
import { figure, format, median } from '../table.ts'

const root = join(import.meta.dirname, '..', '..')
const program = join(import.meta.dirname, '..', 'node', 'hooked-calls.ts')
const register = pathToFileURL(join(root, 'packages', 'agentlightning', 'dist', 'register.js')).href

export const hooksNode: Benchmark = {
  name: 'hooks-node',
  what: 'start of Node, and model calls from memory, with and without the hooks (1,200 ids a call)',
  async run(context) {
    const [starts, rounds, calls] = context.smoke ? [1, 1, 200] : [10, 3, 10_000]
    const rows = [
      await compare('node -e 0, ms', starts, startMs),
      await compare('call, nothing records it, ms', rounds, (hooks) => callMs(calls, 'bare', hooks)),
      await compare('call recorded by OpenTelemetry, ms', rounds, (hooks) =>
        callMs(calls, 'recorded', hooks),
      ),
    ]
    context.print(format({ columns: ['median', 'without', 'with', 'more'], rows }))
  },
}

/** Alternates, so that what else the machine does meets both. */
async function compare(
  name: string,
  times: number,
  measure: (hooks: boolean) => Promise<number>,
): Promise<string[]> {
  const values = { without: [] as number[], with: [] as number[] }
  for (let at = 0; at < times; at++) {
    values.without.push(await measure(false))
    values.with.push(await measure(true))
  }
  const [without, withHooks] = [median(values.without), median(values.with)]
  return [name, figure(without), figure(withHooks), figure(withHooks - without)]
}

async function startMs(hooks: boolean): Promise<number> {
  const before = performance.now()
  await run(['-e', '0'], hooks)
  return performance.now() - before
}

async function callMs(calls: number, mode: string, hooks: boolean): Promise<number> {
  return Number(await run([program, String(calls), mode], hooks))
}

async function run(args: readonly string[], hooks: boolean): Promise<string> {
  const ended = await runProgram(process.execPath, [...(hooks ? [`--import=${register}`] : []), ...args], {
    env: { PATH: process.env.PATH },
  })
  if (ended.code !== 0) throw new Error(`${args.join(' ')} failed: ${ended.stderr}`)
  return ended.stdout
}
