// Entry of the load generator's process: gets a `LoadSpec`, answers with a `LoadResult`.
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { BodyStream, type Templates, templatesOf } from './bodies.ts'
import { Connection } from './connection.ts'
import type { LoadRequest, LoadResult, LoadSpec } from './load.ts'

/** A server that refuses gets a pause, as exporters give it. */
const REFUSED_PAUSE_MS = 1_000
/** A server that hangs up on everyone is no server. */
const MOST_BROKEN = 20

process.once('message', (spec: LoadSpec) => {
  void run(spec).then((result) => process.send?.(result, () => process.disconnect()))
})

async function run(spec: LoadSpec): Promise<LoadResult> {
  const templates = spec.request.kind === 'spans' ? templatesOf(spec.request) : []
  const sources = Array.from({ length: spec.connections }, (_, at) =>
    sourceOf(spec, spec.seed + at * 7_919, templates),
  )
  const latencies: number[] = []
  const refused: Record<string, number> = {}
  let [sent, sentBytes, requests, bytes, unanswered] = [0, 0, 0, 0, 0]
  let problem: string | undefined
  const cpu = process.cpuUsage()
  const start = performance.now()
  const deadline = start + spec.seconds * 1000
  let lastAnswer = start
  const more = () =>
    performance.now() < deadline &&
    sent < (spec.maxRequests ?? Number.POSITIVE_INFINITY) &&
    sentBytes < (spec.maxBytes ?? Number.POSITIVE_INFINITY) &&
    unanswered < MOST_BROKEN

  async function loop(source: Source): Promise<void> {
    const connection = new Connection(spec.port)
    while (more()) {
      const { head, body } = source.next()
      sent++
      sentBytes += body.length
      const begun = performance.now()
      const answer = await connection.send(head, body).catch((error: Error) => {
        unanswered++
        problem ??= error.message
        return undefined
      })
      if (!answer) continue
      lastAnswer = performance.now()
      latencies.push(lastAnswer - begun)
      if (answer.status === 200) {
        requests++
        bytes += body.length
      } else {
        refused[answer.status] = (refused[answer.status] ?? 0) + 1
        await sleep(REFUSED_PAUSE_MS)
      }
    }
    connection.close()
  }

  await Promise.all(sources.map(loop))
  const used = process.cpuUsage(cpu)
  const sorted = Float64Array.from(latencies).sort()
  const quantile = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0
  return {
    seconds: (lastAnswer - start) / 1000,
    requests,
    spans: spec.request.kind === 'spans' ? requests * spec.request.spansPerBody : 0,
    bytes,
    refused,
    unanswered,
    problem,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    maxMs: sorted.at(-1) ?? 0,
    cpuSeconds: (used.user + used.system) / 1e6,
    last: sources[0]?.last(),
  }
}

interface Source {
  next(): { readonly head: string; readonly body: Buffer }
  last(): LoadResult['last']
}

function sourceOf({ port, request }: LoadSpec, seed: number, templates: Templates): Source {
  if (request.kind === 'fixed') {
    const body = Buffer.from(request.body)
    const head = headOf(port, request, request.contentType, body.length)
    return { next: () => ({ head, body }), last: () => undefined }
  }
  const stream = new BodyStream(request, seed, templates)
  return {
    next: () => {
      const body = stream.next(Date.now())
      return { head: headOf(port, request, 'application/x-protobuf', body.length), body }
    },
    last: () => stream.last,
  }
}

function headOf(port: number, { path }: LoadRequest, contentType: string, length: number): string {
  return (
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: ${contentType}\r\n` +
    `Content-Length: ${length}\r\nUser-Agent: agl-bench\r\n\r\n`
  )
}
