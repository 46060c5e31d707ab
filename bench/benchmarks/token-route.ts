// The first request of every AgentOps program: a token for its key.
import type { Benchmark, Context } from '../bench.ts'
import { freshSeed, type LoadResult, runLoad } from '../load/load.ts'
import { agl } from '../subjects/agl.ts'
import { figuresOf } from '../subjects/process-figures.ts'
import { type Launch, withSubject } from '../subjects/subject.ts'
import { figure, format, ratio } from '../table.ts'
import { checkAnswers } from './check.ts'

const CONNECTIONS = 8

interface Measured {
  readonly load: LoadResult
  readonly cpuMs: number
}

export const tokenRoute: Benchmark = {
  name: 'token-route',
  what: `POST /v3/auth/token, ${CONNECTIONS} clients`,
  async run(context) {
    const ours = await measure(context, agl())
    const theirs = context.flask && (await measure(context, context.flask))
    const perSecond = ({ load }: Measured) => load.requests / load.seconds
    const row = (name: string, measured: Measured) => [
      name,
      figure(perSecond(measured)),
      figure(measured.load.p50Ms),
      figure(measured.load.p99Ms),
      figure((measured.cpuMs / measured.load.requests) * 1000),
      ratio(perSecond(measured), theirs && perSecond(theirs)),
    ]
    context.print(
      format({
        columns: ['', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs/request', 'of Flask'],
        rows: [row('agl', ours), ...(theirs ? [row('Flask', theirs)] : [])],
      }),
    )
  },
}

function measure(context: Context, launch: Launch): Promise<Measured> {
  return withSubject(launch, async ({ name, pid, port }) => {
    const load = (seconds: number) =>
      runLoad({
        port,
        connections: CONNECTIONS,
        seconds,
        request: {
          kind: 'fixed',
          path: '/v3/auth/token',
          contentType: 'application/json',
          body: JSON.stringify({ api_key: 'c0ffee00-0000-4000-8000-000000000001' }),
        },
        seed: freshSeed(),
      })
    await load(0.5)
    const before = figuresOf(pid).cpuSeconds
    const measured = await load(context.burstSeconds)
    checkAnswers(context, name, measured)
    return { load: measured, cpuMs: (figuresOf(pid).cpuSeconds - before) * 1000 }
  })
}
