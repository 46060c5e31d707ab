// Calls of a model, from a process of their own: how long each takes, when its first bytes come, how long it pauses.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { track } from '../processes.ts'

/** So many clients, each with the next call when the last is over. */
export interface CallSpec {
  readonly port: number
  readonly path: string
  readonly body: string
  readonly clients: number
  readonly calls: number
}

/** What was measured; times are ms. */
export interface CallResult {
  readonly seconds: number
  readonly calls: number
  /** Calls that were not answered with 200, or broke off; the first of them in words. */
  readonly failed: number
  readonly problem: string | undefined
  readonly p50Ms: number
  readonly p99Ms: number
  /** Until the first bytes of the body. */
  readonly firstP50Ms: number
  readonly firstP99Ms: number
  /** The longest pause between two pieces of a body. */
  readonly gapP99Ms: number
  readonly gapMaxMs: number
  /** Of the last reply. */
  readonly bytes: number
}

/** Makes the calls. */
export async function runCalls(spec: CallSpec): Promise<CallResult> {
  const child = track(fork(new URL('./call-generator.ts', import.meta.url), { stdio: 'inherit' }))
  const result = once(child, 'message') as Promise<[CallResult]>
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the generator of calls ended without a result (${code})`)
  })
  child.send(spec)
  const [measured] = await Promise.race([result, exited])
  exited.catch(() => undefined)
  child.disconnect()
  return measured
}
