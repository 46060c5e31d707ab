// Reading back, beside a million small spans: the questions that a user waits for.
import type { Benchmark, Context } from '../bench.ts'
import { freshSeed, type LoadResult, runLoad } from '../load/load.ts'
import { agl } from '../subjects/agl.ts'
import { get, withSubject } from '../subjects/subject.ts'
import { figure, format, median } from '../table.ts'
import { checkAnswers, checkSpans } from './check.ts'

const SPANS_PER_BODY = 500

export const query: Benchmark = {
  name: 'query',
  what: 'reading beside many small spans; the first answer of each kind, then the median and p99 of 50',
  run: (context) =>
    withSubject(agl(), async ({ port, tracesPath, settle }) => {
      const { spans, longTrace } = context.smoke
        ? { spans: 20_000, longTrace: 5_000 }
        : { spans: 1_000_000, longTrace: 100_000 }
      const fill = async (connections: number, count: number, spansPerTrace: number): Promise<LoadResult> => {
        const result = await runLoad({
          port,
          connections,
          seconds: 300,
          maxRequests: count / SPANS_PER_BODY,
          request: {
            kind: 'spans',
            path: tracesPath,
            mix: 'small',
            spansPerBody: SPANS_PER_BODY,
            spansPerTrace,
          },
          seed: freshSeed(),
        })
        checkAnswers(context, 'agl', result)
        return result
      }
      const many = await fill(4, spans, 20)
      const middle = await fill(1, 1_000, 1_000)
      const long = await fill(1, longTrace, longTrace)
      await settle()
      await checkSpans(context, port, [many, middle, long], SPANS_PER_BODY)
      const [traceId, longId] = [middle, long].map(({ last }) => last?.traceId)
      const rows = [
        await repeat(port, 'newest 50 traces', '/api/v1/traces?limit=50', '< 20'),
        await repeat(port, 'tree of 1,000 spans', `/api/v1/traces/${traceId}?limit=1000`, '< 20'),
        await repeat(
          port,
          'payload of one span',
          `/api/v1/traces/${traceId}/spans/${middle.last?.spanId}`,
          '–',
        ),
        await repeat(port, 'traces by name', '/api/v1/traces?name=nothing-has-this-name', '–'),
        await paged(context, port, longId as string, longTrace),
      ]
      const columns = ['ms', 'first', 'median', 'p99', 'aim', 'largest reply, kB']
      context.print(`${figure(many.spans + middle.spans + long.spans)} spans in the store`)
      context.print(format({ columns, rows }))
    }),
}

async function repeat(port: number, what: string, path: string, aim: string): Promise<string[]> {
  const times: number[] = []
  let bytes = 0
  for (let at = 0; at <= 50; at++) {
    const { status, body, ms } = await get(port, path)
    if (status !== 200) throw new Error(`${path} answered ${status}: ${body.slice(0, 300)}`)
    times.push(ms)
    bytes = body.length
  }
  const [first, ...others] = times
  const p99 = Math.max(...others)
  return [what, figure(first), figure(median(others)), figure(p99), aim, figure(bytes / 1000)]
}

/** Pages through a long trace as the viewer does. */
async function paged(context: Context, port: number, traceId: string, spans: number): Promise<string[]> {
  const times: number[] = []
  let [largest, found] = [0, 0]
  let cursor = ''
  do {
    const path = `/api/v1/traces/${traceId}?limit=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`
    const { status, body, ms } = await get(port, path)
    if (status !== 200) throw new Error(`${path} answered ${status}: ${body.slice(0, 300)}`)
    const page = JSON.parse(body) as { spans: unknown[]; cursor: string | null }
    times.push(ms)
    largest = Math.max(largest, body.length)
    found += page.spans.length
    cursor = page.cursor ?? ''
  } while (cursor !== '' && found <= spans)
  if (found !== spans) context.fail(`the pages of a trace of ${spans} spans hold ${found}`)
  const [first, ...others] = times
  const what = `each page of a trace of ${figure(spans)} spans`
  return [
    what,
    figure(first),
    figure(median(others)),
    figure(Math.max(...others)),
    '< 5,000 kB',
    figure(largest / 1000),
  ]
}
