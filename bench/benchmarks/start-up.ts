// How long a start takes, as a user feels it: from the making of the process to the first answer.
import type { Benchmark } from '../bench.ts'
import { BodyStream } from '../load/bodies.ts'
import { freshSeed } from '../load/load.ts'
import { agl } from '../subjects/agl.ts'
import { rawAppend } from '../subjects/raw-append.ts'
import { type FirstRequest, type Launch, start } from '../subjects/subject.ts'
import { figure, format, median, ratio } from '../table.ts'

export const startUp: Benchmark = {
  name: 'start-up',
  what: 'start of the process to its first answer, and to the first acknowledged span (median, fastest)',
  async run({ smoke, flask, print }) {
    const times = smoke ? 1 : 9
    const traces = (launch: Launch): FirstRequest => ({
      method: 'POST',
      path: launch.tracesPath,
      contentType: 'application/x-protobuf',
      body: new BodyStream({ mix: 'small', spansPerBody: 1, spansPerTrace: 1 }, freshSeed()).next(Date.now()),
    })
    const answer = await measure(agl, times)
    const span = await measure(agl, times, traces)
    const bare = await measure(rawAppend, times)
    const python = flask && (await measure(() => flask, times))
    const row = (
      name: string,
      values: readonly number[],
      against: readonly number[] | undefined,
      aim: string,
    ) => [
      name,
      figure(median(values)),
      figure(Math.min(...values)),
      aim,
      ratio(median(values), against && median(against)),
    ]
    print(
      format({
        columns: ['ms', 'median', 'fastest', 'aim', 'of Flask'],
        rows: [
          row('agl, first answer', answer, python, '–'),
          row('agl, first acknowledged span', span, python, '< 300, then 150'),
          row('node:http and nothing else, first answer', bare, python, '–'),
          ...(python ? [row('Flask, first answer', python, undefined, '–')] : []),
        ],
      }),
    )
  },
}

async function measure(
  make: () => Launch,
  times: number,
  first?: (launch: Launch) => FirstRequest,
): Promise<number[]> {
  const values: number[] = []
  // The first start fills caches (compiled code, files) and is not counted.
  for (let at = 0; at <= times; at++) {
    const launch = make()
    const { subject, startMs } = await start(launch, first?.(launch))
    await subject.stop()
    if (at > 0) values.push(startMs)
  }
  return values
}
