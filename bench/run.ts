// node bench/run.ts [--smoke] [--only NAME] [--seconds N]: measures the built server beside baselines of the same
// run, and prints tables with the aims. Aims are not asserted; the exit status is 1 when something is broken.
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { MeansMissing } from '../test/support/means.ts'
import type { Benchmark, Context } from './bench.ts'
import { gateway } from './benchmarks/gateway.ts'
import { hooksNode } from './benchmarks/hooks-node.ts'
import { hooksPython } from './benchmarks/hooks-python.ts'
import { idleMemory } from './benchmarks/idle-memory.ts'
import { burst, sustained } from './benchmarks/ingest.ts'
import { query } from './benchmarks/query.ts'
import { startUp } from './benchmarks/start-up.ts'
import { tokenRoute } from './benchmarks/token-route.ts'
import { watched } from './benchmarks/watched.ts'
import { measuredCode } from './subjects/agl.ts'
import { flask } from './subjects/flask.ts'
import { givenPeers } from './subjects/peers.ts'

const benchmarks: readonly Benchmark[] = [
  startUp,
  idleMemory,
  tokenRoute,
  burst,
  sustained,
  watched,
  query,
  hooksPython,
  hooksNode,
  gateway,
]

const { values } = parseArgs({
  options: {
    smoke: { type: 'boolean', default: false },
    only: { type: 'string' },
    seconds: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const chosen = benchmarks.filter(({ name }) => values.only === undefined || values.only === name)
const seconds = values.seconds === undefined ? undefined : Number(values.seconds)
if (values.help || chosen.length === 0 || (seconds !== undefined && !(seconds > 0 && seconds <= 3600))) {
  console.log('node bench/run.ts [--smoke] [--only NAME] [--seconds N]\n')
  console.log(
    '--seconds is the length of each load: 5 for bursts and 60 for the sustained one, unless given.\n',
  )
  for (const { name, what } of benchmarks) console.log(`${name.padEnd(12)} ${what}`)
  process.exit(values.help ? 0 : 2)
}

const failures: string[] = []
const { launches: peers, missing } = givenPeers(process.env)
if (missing) console.log(missing)
const context: Context = {
  smoke: values.smoke,
  burstSeconds: seconds ?? (values.smoke ? 0.5 : 5),
  sustainedSeconds: seconds ?? (values.smoke ? 2 : 60),
  flask: await flask().catch((error: unknown) => {
    if (!(error instanceof MeansMissing)) throw error
    console.log(`NOT RUN: the baseline with Flask: ${error.message}`)
    return undefined
  }),
  peers,
  print: (text) => console.log(text),
  fail: (what) => {
    failures.push(what)
    console.log(`BROKEN: ${what}`)
  },
}

console.log(
  `${measuredCode} on Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model.trim()}`,
)
console.log(`Data in ${process.env.AGL_BENCH_DIR ?? tmpdir()} (AGL_BENCH_DIR chooses another disk)`)
for (const { name, what, run } of chosen) {
  console.log(`\n${name}: ${what}`)
  const begun = performance.now()
  await run(context).catch((error: Error) => context.fail(`${name}: ${error.message}`))
  console.log(`(${((performance.now() - begun) / 1000).toFixed(1)} s)`)
}
console.log(failures.length === 0 ? '\nNothing is broken.' : `\n${failures.length} thing(s) are broken.`)
process.exit(failures.length === 0 ? 0 : 1)
