// Runs the load generator in a process of its own, so that its work is not the server's nor the bench's.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { track } from '../processes.ts'
import type { BodyShape } from './bodies.ts'

/** What each connection sends, one request after the other. */
export type LoadRequest =
  | ({ readonly kind: 'spans'; readonly path: string } & BodyShape)
  | { readonly kind: 'fixed'; readonly path: string; readonly contentType: string; readonly body: string }

/** A closed loop of requests: each connection sends the next one when the last is answered. */
export interface LoadSpec {
  readonly port: number
  readonly connections: number
  /** No request begins later than this. */
  readonly seconds: number
  /** Ends sooner when so many requests were sent, or so many bytes. */
  readonly maxRequests?: number
  readonly maxBytes?: number
  readonly request: LoadRequest
  /** Other seeds, other ids. */
  readonly seed: number
}

/** What was measured. Bytes are those of the bodies. */
export interface LoadResult {
  readonly seconds: number
  /** Answered with 200. */
  readonly requests: number
  readonly spans: number
  readonly bytes: number
  /** Answered otherwise, by status. */
  readonly refused: Readonly<Record<string, number>>
  /** Requests without an answer: the connection broke, or 30 s passed. */
  readonly unanswered: number
  readonly problem: string | undefined
  /** Of answered requests, ms. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** What the generator itself took. */
  readonly cpuSeconds: number
  /** Of the first connection. */
  readonly last: { readonly traceId: string; readonly spanId: string } | undefined
}

let seeds = 1

/** A seed that no other load of this process and, by chance, of no other process has. */
export function freshSeed(): number {
  return (process.pid * 65_537 + seeds++ * 4_099) | 0
}

/** Runs a load to its end. */
export async function runLoad(spec: LoadSpec): Promise<LoadResult> {
  const child = track(fork(new URL('./generator.ts', import.meta.url), { stdio: 'inherit' }))
  const result = once(child, 'message') as Promise<[LoadResult]>
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the load generator ended without a result (${code})`)
  })
  child.send(spec)
  const [measured] = await Promise.race([result, exited])
  exited.catch(() => undefined)
  child.disconnect()
  return measured
}
