// What a gateway costs: the same calls of a model directly, through ours, and through those of others.
import type { Benchmark, Context } from '../bench.ts'
import { type CallResult, type CallSpec, runCalls } from '../load/calls.ts'
import { aglStatus } from '../subjects/agl.ts'
import { type Gateway, modelStandIn, otherGateways, ourGateway } from '../subjects/gateways.ts'
import { figuresOf, threadSeconds } from '../subjects/process-figures.ts'
import { type Subject, withSubject } from '../subjects/subject.ts'
import { figure, format, megabytes, ratio } from '../table.ts'

/** Calls of one kind, so many at once. */
interface Case {
  readonly name: string
  readonly kind: 'small' | 'large' | 'stream'
  readonly clients: number
  readonly calls: number
  /** Of servers that take a hundred times as long. */
  readonly callsOfOthers: number
}

interface Measured {
  readonly name: string
  readonly calls: CallResult
  /** Of the gateway, ms a call: main thread, without the threads that index and query, everything. */
  readonly mainMs: number
  readonly pathMs: number
  readonly allMs: number
  readonly residentBytes: number
}

const small: Case = { name: 'small', kind: 'small', clients: 1, calls: 3000, callsOfOthers: 300 }
const cases: readonly Case[] = [
  small,
  { ...small, clients: 16, calls: 8000 },
  { ...small, clients: 64, calls: 8000 },
  { name: 'large', kind: 'large', clients: 1, calls: 40, callsOfOthers: 5 },
  { name: 'large', kind: 'large', clients: 4, calls: 40, callsOfOthers: 8 },
  ...[1, 100, 500].map((clients) => ({
    name: 'stream',
    kind: 'stream' as const,
    clients,
    calls: clients,
    callsOfOthers: clients,
  })),
]
const smokeCases = [
  { ...small, calls: 50 },
  { name: 'large', kind: 'large', clients: 1, calls: 2, callsOfOthers: 1 },
  { name: 'stream', kind: 'stream', clients: 5, calls: 5, callsOfOthers: 5 },
] as const

/** The large case says so in its message: the field for the model is not everywhere passed on as it is. */
const contents = { small: 'hello '.repeat(30), large: 'large bodies', stream: 'hello' }

export const gateway: Benchmark = {
  name: 'gateway',
  what:
    'model calls directly and through gateways; aims: CPU ≤ 0.25 ms a small call and ≤ 20 ms a large one (recorded and ' +
    'flushed), p99 + 5 ms small and + 30 ms large, first token of 500 streams ≤ 1.5× of direct, no gap + 50 ms, < 300 MB',
  async run(context) {
    await withSubject(modelStandIn(), async (model) => {
      const chosen = context.smoke ? smokeCases : cases
      const body = (kind: Case['kind']) =>
        JSON.stringify({
          model: 'tiny',
          messages: [{ role: 'user', content: contents[kind] }],
          ...(kind === 'stream' ? { stream: true } : {}),
        })
      const direct = new Map<Case, Measured>()
      for (const one of chosen) {
        const spec = {
          port: model.port,
          path: '/v1/chat/completions',
          body: body(one.kind),
          clients: one.clients,
        }
        await runCalls({ ...spec, calls: Math.min(one.calls, one.clients * 5) })
        const calls = await runCalls({ ...spec, calls: one.calls })
        direct.set(one, {
          name: 'direct',
          calls,
          mainMs: Number.NaN,
          pathMs: Number.NaN,
          allMs: Number.NaN,
          residentBytes: Number.NaN,
        })
      }
      const measured = new Map<Case, Measured[]>(chosen.map((one) => [one, [direct.get(one) as Measured]]))
      const others = context.smoke ? { gateways: [], missing: [] } : await otherGateways(process.env)
      for (const line of others.missing) context.print(line)
      for (const make of [ourGateway, ...others.gateways]) {
        const through = make(model.port)
        await withSubject(through.launch, async (subject) => {
          await through.announce?.(subject.port)
          for (const one of chosen) {
            if (one.kind === 'stream' && !through.streams) continue
            const calls = through.ours ? one.calls : one.callsOfOthers
            const spec = {
              port: subject.port,
              path: through.path,
              body: body(one.kind),
              clients: one.clients,
              calls,
            }
            measured.get(one)?.push(await measure(context, through, subject, spec))
          }
          if (through.ours) await sayOwn(context, subject, measured)
        })
      }
      print(context, measured)
    })
  },
}

async function measure(
  context: Context,
  { launch, ours }: Gateway,
  subject: Subject,
  spec: CallSpec,
): Promise<Measured> {
  await runCalls({ ...spec, calls: Math.max(1, Math.min(spec.calls, 20 * spec.clients, 200)) })
  const before = { all: figuresOf(subject.pid).cpuSeconds, threads: threadSeconds(subject.pid) }
  const calls = await runCalls(spec)
  const threads = threadSeconds(subject.pid)
  await subject.settle()
  const after = figuresOf(subject.pid)
  if (calls.failed > 0) {
    const what = `${launch.name}: ${calls.failed} of ${spec.calls} calls failed: ${calls.problem}`
    if (ours) context.fail(what)
    else context.print(what)
  }
  const used = (wanted: (name: string) => boolean) => {
    let sum = 0
    for (const [name, seconds] of threads) if (wanted(name)) sum += seconds - (before.threads.get(name) ?? 0)
    return (sum * 1000) / spec.calls
  }
  return {
    name: launch.name,
    calls,
    mainMs: used((name) => name === 'main'),
    pathMs: used((name) => !name.startsWith('agl-')),
    allMs: ((after.cpuSeconds - before.all) * 1000) / spec.calls,
    residentBytes: after.peakResidentBytes,
  }
}

async function sayOwn(
  context: Context,
  { port }: Subject,
  measured: ReadonlyMap<Case, readonly Measured[]>,
): Promise<void> {
  const { loopDelayP99Ms } = await aglStatus(port)
  context.print(`agl: delay of the event loop p99 ${figure(loopDelayP99Ms, 'ms')}`)
  for (const [one, [direct, ours]] of measured)
    if (direct?.calls.bytes !== ours?.calls.bytes && one.kind === 'stream')
      context.fail(`a stream of ${ours?.calls.bytes} bytes, which is ${direct?.calls.bytes} directly`)
}

function print(context: Context, measured: ReadonlyMap<Case, readonly Measured[]>): void {
  const rows = [...measured].flatMap(([one, all]) => {
    const direct = all[0] as Measured
    return all.map((each) => row(one, each, direct))
  })
  context.print(
    format({
      columns: [
        'calls × at once',
        'way',
        'calls/s',
        'p50 ms',
        'p99 ms',
        '+ p50',
        '+ p99',
        'first p50',
        'of direct',
        'first p99',
        'gap p99',
        'CPU ms main',
        'without index',
        'all',
        'peak MB',
      ],
      rows,
    }),
  )
}

function row(one: Case, { name, calls, ...cost }: Measured, direct: Measured): string[] {
  const isDirect = name === direct.name
  const added = (ours: number, theirs: number) => (isDirect ? '' : figure(ours - theirs))
  const cpu = (ms: number) => (isDirect ? '' : figure(ms))
  const shown = one.kind === 'stream'
  return [
    `${one.name} × ${one.clients}`,
    name,
    figure(calls.calls / calls.seconds),
    figure(calls.p50Ms),
    figure(calls.p99Ms),
    added(calls.p50Ms, direct.calls.p50Ms),
    added(calls.p99Ms, direct.calls.p99Ms),
    shown ? figure(calls.firstP50Ms) : '',
    shown && !isDirect ? ratio(calls.firstP50Ms, direct.calls.firstP50Ms) : '',
    shown ? figure(calls.firstP99Ms) : '',
    shown ? figure(calls.gapP99Ms) : '',
    cpu(cost.mainMs),
    cpu(cost.pathMs),
    cpu(cost.allMs),
    isDirect ? '' : figure(megabytes(cost.residentBytes)),
  ]
}
