// Spans in while somebody watches: what an open dashboard costs those who send.
import type { Benchmark, Context } from '../bench.ts'
import { freshSeed, type LoadSpec, runLoad } from '../load/load.ts'
import { agl, aglStatus } from '../subjects/agl.ts'
import { figuresOf } from '../subjects/process-figures.ts'
import { withSubject } from '../subjects/subject.ts'
import { openViewer, type Viewer } from '../subjects/viewer.ts'
import { figure, format, megabytes, ratio } from '../table.ts'
import { checkAnswers, checkSpans } from './check.ts'

const WARM_UP_SECONDS = 1
const CLIENTS = 8
const SPANS_PER_BODY = 64

export const watched: Benchmark = {
  name: 'watched',
  what: 'bursts of spans without and with the dashboard open and live; aim: p99 < 100 ms either way',
  async run(context) {
    const alone = await measure(context, false)
    const seen = await measure(context, true)
    context.print(
      format({
        columns: [
          'page',
          'spans/s',
          'of alone',
          'MB/CPU-s',
          'p50 ms',
          'p99 ms',
          'loop p99 ms',
          'live events/s',
        ],
        rows: [alone, seen].map((one) => [
          one.page,
          figure(one.rate),
          one === alone ? '' : ratio(one.rate, alone.rate),
          figure(one.perCpuSecond),
          figure(one.p50Ms),
          figure(one.p99Ms),
          figure(one.loopDelayP99Ms),
          one === alone ? '' : figure(one.eventsPerSecond),
        ]),
      }),
    )
    if (seen.eventsPerSecond === 0) context.fail('an open page was told of nothing')
  },
}

interface Measured {
  readonly page: string
  readonly rate: number
  readonly perCpuSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly loopDelayP99Ms: number
  readonly eventsPerSecond: number
}

function measure(context: Context, watching: boolean): Promise<Measured> {
  return withSubject(agl(), async ({ port, pid, tracesPath, settle }) => {
    const spec = (seconds: number): LoadSpec => ({
      port,
      connections: CLIENTS,
      seconds,
      maxBytes: 16e9,
      request: {
        kind: 'spans',
        path: tracesPath,
        mix: 'mix',
        spansPerBody: SPANS_PER_BODY,
        spansPerTrace: 32,
      },
      seed: freshSeed(),
    })
    const warmUp = await runLoad(spec(Math.min(WARM_UP_SECONDS, context.burstSeconds)))
    await settle()
    const viewer: Viewer | undefined = watching ? await openViewer(port) : undefined
    try {
      const [cpu, told] = [figuresOf(pid).cpuSeconds, (await viewer?.events()) ?? 0]
      const load = await runLoad(spec(context.burstSeconds))
      const events = ((await viewer?.events()) ?? 0) - told
      await settle()
      const cpuSeconds = figuresOf(pid).cpuSeconds - cpu
      checkAnswers(context, 'agl', load)
      await checkSpans(context, port, [warmUp, load], SPANS_PER_BODY)
      return {
        page: viewer ? `open in ${viewer.how}` : 'none',
        rate: load.spans / load.seconds,
        perCpuSecond: megabytes(load.bytes) / cpuSeconds,
        p50Ms: load.p50Ms,
        p99Ms: load.p99Ms,
        loopDelayP99Ms: (await aglStatus(port)).loopDelayP99Ms,
        eventsPerSecond: events / load.seconds,
      }
    } finally {
      await viewer?.close()
    }
  })
}
