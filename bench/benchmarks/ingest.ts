// Spans in: how many, at what cost, how late the acknowledgement.
import type { Benchmark, Context } from '../bench.ts'
import type { BodyShape, Mix } from '../load/bodies.ts'
import { freshSeed, type LoadResult, type LoadSpec, runLoad } from '../load/load.ts'
import { agl, aglStatus } from '../subjects/agl.ts'
import { figuresOf } from '../subjects/process-figures.ts'
import { rawAppend } from '../subjects/raw-append.ts'
import { type Launch, withSubject } from '../subjects/subject.ts'
import { figure, format, megabytes, ratio } from '../table.ts'
import { checkAnswers, checkSpans } from './check.ts'

/** A load: so many clients, each sending bodies of so many spans. */
interface Case {
  readonly clients: number
  readonly spansPerBody: number
  readonly mix: Mix
}

interface Measured {
  readonly name: string
  readonly load: LoadResult
  /** Of the server, until everything was indexed. */
  readonly cpuSeconds: number
  /** From the last acknowledgement until everything was indexed. */
  readonly settleSeconds: number
  readonly peakBytes: number
  readonly loopDelayP99Ms: number | undefined
}

/** Code is compiled and connections' buffers are grown before anything is counted. */
const WARM_UP_SECONDS = 1
/** Of one load, so that a fast disk is not filled. */
const MOST_BYTES = 16e9
/** MB per CPU-second that the aims name for 8 clients. */
const aims: readonly (Case & { readonly aim: number })[] = [
  { clients: 8, spansPerBody: 512, mix: 'mix', aim: 200 },
  { clients: 8, spansPerBody: 8, mix: 'mix', aim: 200 },
  { clients: 8, spansPerBody: 512, mix: 'small', aim: 120 },
]

export const burst: Benchmark = {
  name: 'ingest',
  what: 'bursts of spans; aims: half of raw append, p99 < 100 ms, < 400 MB, loop delay p99 < 20 ms',
  async run(context) {
    const cases = context.smoke ? aims : allCases([1, 8, 64])
    await table(context, cases, context.burstSeconds)
  },
}

export const sustained: Benchmark = {
  name: 'sustained',
  what: 'the same for a minute; aims: a fifth of raw append, p99 < 100 ms, < 400 MB, loop delay p99 < 20 ms',
  async run(context) {
    await table(context, context.smoke ? aims.slice(1, 2) : aims, context.sustainedSeconds)
  },
}

function allCases(clients: readonly number[]): Case[] {
  return (['mix', 'small'] as const).flatMap((mix) =>
    [512, 8].flatMap((spansPerBody) => clients.map((count) => ({ clients: count, spansPerBody, mix }))),
  )
}

async function table(context: Context, cases: readonly Case[], seconds: number): Promise<void> {
  const rows: string[][] = []
  for (const load of cases) {
    const raw = await measure(context, rawAppend(), load, seconds)
    const subjects = [agl(), ...context.peers.map((launch) => launch())]
    const measured = [raw]
    for (const launch of subjects) measured.push(await measure(context, launch, load, seconds))
    rows.push(...measured.map((one) => row(load, one, raw)))
  }
  context.print(
    format({
      columns: [
        'clients × spans, mix',
        'server',
        'spans/s',
        'MB/s',
        'of raw',
        'with index',
        'MB/CPU-s',
        'aim',
        'p50 ms',
        'p99 ms',
        'peak MB',
        'loop p99 ms',
        'generator',
      ],
      rows,
    }),
  )
}

function row({ clients, spansPerBody, mix }: Case, measured: Measured, raw: Measured): string[] {
  const { name, load, cpuSeconds, settleSeconds, peakBytes, loopDelayP99Ms } = measured
  const rate = (one: Measured) => megabytes(one.load.bytes) / one.load.seconds
  const aim = aims.find(
    (one) => one.clients === clients && one.spansPerBody === spansPerBody && one.mix === mix,
  )
  return [
    `${clients} × ${spansPerBody} ${mix}`,
    name,
    figure(load.spans / load.seconds),
    figure(rate(measured)),
    measured === raw ? '' : ratio(rate(measured), rate(raw)),
    measured === raw ? '' : ratio(megabytes(load.bytes) / (load.seconds + settleSeconds), rate(raw)),
    figure(megabytes(load.bytes) / cpuSeconds),
    name === 'agl' && aim ? `≥ ${aim.aim}` : '',
    figure(load.p50Ms),
    figure(load.p99Ms),
    figure(megabytes(peakBytes)),
    figure(loopDelayP99Ms),
    `${figure((load.cpuSeconds / load.seconds) * 100)} %`,
  ]
}

function measure(context: Context, launch: Launch, one: Case, seconds: number): Promise<Measured> {
  return withSubject(launch, async (subject) => {
    const { name, pid, port, tracesPath } = subject
    const shape: BodyShape = { mix: one.mix, spansPerBody: one.spansPerBody, spansPerTrace: 32 }
    const spec = (forSeconds: number): LoadSpec => ({
      port,
      connections: one.clients,
      seconds: forSeconds,
      maxBytes: MOST_BYTES,
      request: { kind: 'spans', path: tracesPath, ...shape },
      seed: freshSeed(),
    })
    const warmUp = await runLoad(spec(Math.min(WARM_UP_SECONDS, seconds)))
    await subject.settle()
    const before = figuresOf(pid).cpuSeconds
    const load = await runLoad(spec(seconds))
    const acknowledged = performance.now()
    await subject.settle()
    const settleSeconds = (performance.now() - acknowledged) / 1000
    const after = figuresOf(pid)
    checkAnswers(context, name, load)
    const ours = name === 'agl'
    if (ours) await checkSpans(context, port, [warmUp, load], one.spansPerBody)
    return {
      name,
      load,
      cpuSeconds: after.cpuSeconds - before,
      settleSeconds,
      peakBytes: after.peakResidentBytes,
      loopDelayP99Ms: ours ? (await aglStatus(port)).loopDelayP99Ms : undefined,
    }
  })
}
