// What a server that has nothing to do keeps of the machine's memory.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Benchmark, Context } from '../bench.ts'
import { freshSeed, runLoad } from '../load/load.ts'
import { agl } from '../subjects/agl.ts'
import { figuresOf } from '../subjects/process-figures.ts'
import { rawAppend } from '../subjects/raw-append.ts'
import { get, type Launch, withSubject } from '../subjects/subject.ts'
import { figure, format, megabytes } from '../table.ts'

export const idleMemory: Benchmark = {
  name: 'idle-memory',
  what: 'resident memory without load',
  async run(context) {
    const rows = [await ours(context), await other(context, rawAppend())]
    if (context.flask) rows.push(await other(context, context.flask))
    const columns = ['MB resident', 'after the start', 'after 100 spans and a list', 'aim']
    context.print(format({ columns, rows }))
  },
}

function ours(context: Context): Promise<string[]> {
  return withSubject(agl(), async ({ pid, port, tracesPath }) => {
    await sleep(waitMs(context))
    const started = figuresOf(pid).residentBytes
    const shape = { mix: 'small', spansPerBody: 10, spansPerTrace: 10 } as const
    await runLoad({
      port,
      connections: 1,
      seconds: 10,
      maxRequests: 10,
      request: { kind: 'spans', path: tracesPath, ...shape },
      seed: freshSeed(),
    })
    await get(port, '/api/v1/traces')
    await sleep(waitMs(context))
    const used = figuresOf(pid).residentBytes
    return ['agl', figure(megabytes(started)), figure(megabytes(used)), '< 110, then 80']
  })
}

function other(context: Context, launch: Launch): Promise<string[]> {
  return withSubject(launch, async ({ pid, name }) => {
    await sleep(waitMs(context))
    return [name, figure(megabytes(figuresOf(pid).residentBytes)), '–', '–']
  })
}

function waitMs({ smoke }: Context): number {
  return smoke ? 200 : 3000
}
