// What is measured: a server in a process of its own, ours or one to compare it with.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { track } from '../processes.ts'

/** A running server. */
export interface Subject {
  readonly name: string
  readonly port: number
  readonly pid: number
  /** Where it takes OTLP traces. */
  readonly tracesPath: string
  /** Resolves when the server has nothing left to do for what it acknowledged. */
  settle(): Promise<void>
  /** Stops it and removes what it stored. Throws when it had died before. */
  stop(): Promise<void>
}

/** How to start one; `port` is free. */
export interface Launch {
  readonly name: string
  readonly tracesPath: string
  spawn(port: number): ChildProcess
  /** A path that answers as soon as the server does. */
  readonly probePath: string
  /** Longest wait until it answers, ms; 20,000 unless said. */
  readonly startMs?: number
  settle?(port: number): Promise<void>
  cleanUp?(): void
}

/** A started server, and how long that took. */
export interface Started {
  readonly subject: Subject
  /** From just before the process was made to the first answer, ms. */
  readonly startMs: number
}

const START_MS = 20_000
const STOP_MS = 10_000
const POLL_MS = 2

/**
 * Starts a server and waits for the answer to the first request: `first`, else a GET of its probe path.
 * The request is repeated until the server listens.
 */
export async function start(launch: Launch, first?: FirstRequest): Promise<Started> {
  const port = await freePort()
  const begun = performance.now()
  const child = track(launch.spawn(port))
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4000)
    })
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      reject(new Error(`${launch.name} ended (${code ?? signal}): ${output}`)),
    )
  })
  // A later death is noticed by `stop`.
  failed.catch(() => undefined)
  await Promise.race([answered(launch, port, first, begun + (launch.startMs ?? START_MS)), failed])
  const startMs = performance.now() - begun
  return { subject: subjectOf(launch, child, port), startMs }
}

/** A request by which the end of the start is told. */
export interface FirstRequest {
  readonly method: string
  readonly path: string
  readonly contentType?: string
  readonly body?: Buffer
}

/** Starts, uses and stops a server, whatever happens in between. */
export async function withSubject<T>(launch: Launch, use: (subject: Subject) => Promise<T>): Promise<T> {
  const { subject } = await start(launch)
  let result: T
  try {
    result = await use(subject)
  } catch (error) {
    await subject.stop().catch(() => undefined)
    throw error
  }
  await subject.stop()
  return result
}

/** GET on the loopback: status, body, and how long it took in ms. */
export function get(port: number, path: string): Promise<{ status: number; body: string; ms: number }> {
  return ask(port, { method: 'GET', path })
}

function ask(port: number, first: FirstRequest): Promise<{ status: number; body: string; ms: number }> {
  const begun = performance.now()
  return new Promise((resolve, reject) => {
    const headers = first.contentType === undefined ? {} : { 'content-type': first.contentType }
    const { method, path } = first
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (chunk: Buffer) => parts.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const body = Buffer.concat(parts).toString()
        resolve({ status: response.statusCode ?? 0, body, ms: performance.now() - begun })
      })
    })
    sent.setTimeout(60_000, () => sent.destroy(new Error(`${path}: no answer within 60 s`)))
    sent.on('error', reject)
    sent.end(first.body)
  })
}

function subjectOf(launch: Launch, child: ChildProcess, port: number): Subject {
  const { name, tracesPath } = launch
  return {
    name,
    port,
    pid: child.pid as number,
    tracesPath,
    settle: async () => launch.settle?.(port),
    stop: async () => {
      const alive = child.exitCode === null && child.signalCode === null
      if (alive) {
        const gone = once(child, 'exit')
        child.kill('SIGTERM')
        const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
        await gone
        clearTimeout(timer)
      }
      launch.cleanUp?.()
      if (!alive) throw new Error(`${name} died under load (${child.exitCode ?? child.signalCode})`)
    },
  }
}

async function answered(
  launch: Launch,
  port: number,
  first: FirstRequest | undefined,
  until: number,
): Promise<void> {
  const wanted = first ?? { method: 'GET', path: launch.probePath }
  for (;;) {
    const answer = await ask(port, wanted).catch(() => undefined)
    if (answer) {
      if (first && answer.status !== 200)
        throw new Error(`${launch.name} answered ${answer.status}: ${answer.body.slice(0, 300)}`)
      return
    }
    if (performance.now() > until) throw new Error(`${launch.name} did not answer within ${START_MS} ms`)
    await sleep(POLL_MS)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
