// Entry of the process that makes calls: gets a `CallSpec`, answers with a `CallResult`.
import { Agent, request } from 'node:http'
import type { CallResult, CallSpec } from './calls.ts'

const PATIENCE_MS = 120_000

process.once('message', (spec: CallSpec) => {
  void run(spec).then((result) => process.send?.(result, () => process.disconnect()))
})

interface Times {
  readonly ms: number
  readonly firstMs: number
  readonly gapMs: number
  readonly bytes: number
}

async function run(spec: CallSpec): Promise<CallResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: spec.clients })
  const times: Times[] = []
  let [left, failed] = [spec.calls, 0]
  let problem: string | undefined
  const begun = performance.now()
  await Promise.all(
    Array.from({ length: spec.clients }, async () => {
      while (left-- > 0) {
        await call(spec, agent).then(
          (one) => times.push(one),
          (error: Error) => {
            failed++
            problem ??= error.message
          },
        )
      }
    }),
  )
  const seconds = (performance.now() - begun) / 1000
  agent.destroy()
  const quantile = (of: (one: Times) => number, q: number) => {
    const sorted = times.map(of).sort((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
  }
  return {
    seconds,
    calls: times.length,
    failed,
    problem,
    p50Ms: quantile(({ ms }) => ms, 0.5),
    p99Ms: quantile(({ ms }) => ms, 0.99),
    firstP50Ms: quantile(({ firstMs }) => firstMs, 0.5),
    firstP99Ms: quantile(({ firstMs }) => firstMs, 0.99),
    gapP99Ms: quantile(({ gapMs }) => gapMs, 0.99),
    gapMaxMs: quantile(({ gapMs }) => gapMs, 1),
    bytes: times.at(-1)?.bytes ?? 0,
  }
}

function call({ port, path, body }: CallSpec, agent: Agent): Promise<Times> {
  return new Promise((resolve, reject) => {
    const begun = performance.now()
    let [firstMs, last, gapMs, bytes] = [Number.NaN, 0, 0, 0]
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      authorization: 'Bearer sk-bench',
    }
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (response) => {
      response.on('data', (chunk: Buffer) => {
        const now = performance.now()
        if (last === 0) firstMs = now - begun
        else gapMs = Math.max(gapMs, now - last)
        last = now
        bytes += chunk.length
      })
      response.once('error', reject)
      response.once('end', () => {
        if (response.statusCode === 200) resolve({ ms: performance.now() - begun, firstMs, gapMs, bytes })
        else reject(new Error(`status ${response.statusCode}`))
      })
    })
    sent.setTimeout(PATIENCE_MS, () => sent.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)))
    sent.once('error', reject)
    sent.end(body)
  })
}
