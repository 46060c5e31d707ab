// Sends cases to a running server and holds it to what must be true whatever is sent.
import { writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestServer } from '../support/agl.ts'
import { grpcPortOf } from '../support/grpc.ts'
import { openConnection, postTraces, request } from '../support/http.ts'
import { residentBytes } from '../support/memory.ts'
import { newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { getJson, listTraces, readStatus, readTrace, settled } from '../support/read-traces.ts'
import { type Case, caseOf, type Known } from './cases.ts'
import { GrpcLane } from './grpc.ts'
import { LiveListeners } from './live.ts'
import { diceOf } from './random.ts'

/** Answered within this time, always. */
const ANSWER_MS = 30_000
/** An export is as long as what there is; it has come to its end within this time. */
const EXPORT_MS = 120_000
/** The longest that the server's main thread may be held; the machine is shared with the sender, and others. */
const MOST_DELAY_MS = 15_000
/** Cases between two checks. */
const ROUND = 200
/** Requests at once. */
const LANES = 8
/** What the server may hold: its caches, a few bodies of the largest size, and room for the collector. */
const MOST_RESIDENT = 900 * 2 ** 20
/** A body may be refused before it was read; only above this size may the connection go with it. */
const SMALL_BYTES = 1024 * 1024
/** Calls whose reply another server makes: its faults are passed on. */
const THROUGH_GATEWAY = /^(\/k\/[^/]*)?\/*(x?\/)?(gateway|rollout|proxy)\//i
/** Stands for a reply that broke off because that of the other server did. */
const CUT = 0

/** What a run did. */
export interface FuzzReport {
  readonly cases: number
  /** Answers by status: of HTTP, or `grpc N`. */
  readonly statuses: Readonly<Record<string, number>>
  readonly spans: number
  readonly slowestMs: number
  /** Of the server's main thread, by its own account. */
  readonly eventLoopDelayMs: { readonly p99: number; readonly max: number }
  readonly peakResidentBytes: number
}

/** A case that a fixture of `found/` holds. */
export interface FoundCase {
  readonly found: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly base64?: true
  readonly chunked?: boolean
}

/**
 * Sends cases for `durationMs`. Rejects with the first that broke a rule, and writes it to a file that can become a
 * fixture. `from` is the number of the first case.
 */
export async function fuzz(
  server: TestServer,
  options: { readonly seed: number; readonly durationMs: number; readonly from?: number },
): Promise<FuzzReport> {
  const { seed, durationMs, from = 0 } = options
  const end = Date.now() + durationMs
  const statuses: Record<string, number> = {}
  let slowestMs = 0
  let peak = 0
  let failed = false
  let next = from
  let known: Known = { reads: [], traces: [], spans: [], calls: [], token: '' }
  const agent = new Agent({ keepAlive: true, maxSockets: LANES })
  const calls = new GrpcLane(await grpcPortOf(server))
  const live = new LiveListeners(server)
  try {
    await live.start()
    while (Date.now() < end) {
      known = await knownTo(server, seed, next).catch((error: Error) => {
        throw new Error(
          `before case ${next} of seed ${seed}: ${error.message}\n${server.output().slice(-3000)}`,
        )
      })
      const last = next + ROUND
      const lane = async (): Promise<void> => {
        while (!failed && next < last && Date.now() < end) {
          const at = next++
          const sent = caseOf(seed, at, known)
          const started = performance.now()
          const dice = diceOf(seed, -at - 1)
          const isProtobuf = sent.headers['content-type'] === 'application/x-protobuf'
          const overGrpc = sent.body.length > 0 && dice.once(isProtobuf ? 3 : 30)
          const answered = overGrpc ? calls.send(dice, sent, ANSWER_MS) : send(server, sent, agent)
          const status = await answered.catch((error: Error) => {
            // What the other lanes meet from here on is its consequence.
            if (failed) throw error
            failed = true
            throw failure(seed, at, sent, error.message)
          })
          slowestMs = Math.max(slowestMs, performance.now() - started)
          statuses[status] = (statuses[status] ?? 0) + 1
          if (typeof status === 'number' && isFault(status, sent))
            throw failure(seed, at, sent, `it was answered with ${status}`)
        }
      }
      await Promise.all(Array.from({ length: LANES }, lane))
      await sendGarbage(server, seed, next)
      await live.disturb(diceOf(seed, next))
      peak = Math.max(
        peak,
        await check(server, live).catch((error: Error) => {
          throw new Error(
            `after cases ${last - ROUND} to ${next - 1} of seed ${seed}: ${error.message}\n${server.output().slice(-3000)}`,
          )
        }),
      )
    }
  } finally {
    agent.destroy()
    calls.close()
    live.close()
  }
  const { index, eventLoopDelayMs } = await readStatus(server)
  return {
    cases: next - from,
    statuses,
    spans: index.spans,
    slowestMs,
    eventLoopDelayMs,
    peakResidentBytes: peak,
  }
}

function isFault(status: number, { path }: Case): boolean {
  if (THROUGH_GATEWAY.test(path)) return status === 500
  return status >= 500 && status !== 503
}

/** Sends one case; resolves with the status of its answer, whose body has been read. */
export async function send(server: TestServer, sent: Case, agent?: Agent): Promise<number> {
  const { body, chunked, ...line } = sent
  const { 'content-length': _, 'transfer-encoding': __, ...headers } = line.headers
  const withBody = body.length > 0 && !/^(GET|HEAD)$/.test(line.method)
  try {
    const answer = await request(server, {
      method: line.method,
      path: line.path,
      headers: { ...headers, ...(withBody && !chunked ? { 'content-length': String(body.length) } : {}) },
      ...(withBody ? { body, chunked } : {}),
      ...(agent ? { agent } : {}),
      timeoutMs: /\/export\b/.test(line.path) ? EXPORT_MS : ANSWER_MS,
    })
    return answer.status
  } catch (error) {
    if (body.length > SMALL_BYTES && /ECONNRESET|EPIPE/.test(String(error))) return 413
    if (THROUGH_GATEWAY.test(line.path) && /ECONNRESET|EPIPE|aborted/.test(String(error))) return CUT
    throw error
  }
}

/** What no HTTP client would write: a damaged request line, head or chunk. Whatever the answer, the server lives. */
async function sendGarbage(server: TestServer, seed: number, at: number): Promise<void> {
  const dice = diceOf(seed, -at - 1)
  const heads = [
    'GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n',
    'POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello',
    'POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-length: 50\r\n\r\nhello',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ]
  const head = Buffer.from(dice.pick(heads))
  const spoilt = Buffer.from(head)
  for (let count = dice.below(4); count > 0; count--) spoilt[dice.below(spoilt.length)] = dice.below(256)
  const connection = await openConnection(server)
  await connection.send(spoilt)
  connection.socket.end()
  await Promise.race([connection.closed, sleep(200)])
  connection.socket.destroy()
}

/** The rules between two rounds; resolves with the resident memory. */
async function check(server: TestServer, live: LiveListeners): Promise<number> {
  const traceId = newTraceId()
  const probe = await postTraces(server, protobufBody([someSpan({ traceId, name: 'probe' })]))
  if (probe.status !== 200) throw new Error(`a valid span is answered with ${probe.status}`)
  await settled(server)
  const found = await readTrace(server, traceId)
  if (found?.spans[0]?.name !== 'probe') throw new Error('a valid span was acknowledged and is not found')
  await live.mustHear(traceId)

  const { index, eventLoopDelayMs } = await readStatus(server)
  const { max: delayMs } = eventLoopDelayMs
  if (delayMs > MOST_DELAY_MS) throw new Error(`the event loop was held for ${delayMs} ms`)
  if (index.setAsideCount > 0) throw new Error(`set aside: ${JSON.stringify(index.setAside)}`)
  if (index.sinceStart.restarts > 0) throw new Error('the index thread ended and was started again')
  const resident = residentBytes(server.pid)
  if (resident > MOST_RESIDENT) throw new Error(`${Math.round(resident / 2 ** 20)} MB are resident`)
  return resident
}

/** Ids and a token for the next cases. */
async function knownTo(server: TestServer, seed: number, at: number): Promise<Known> {
  const dice = diceOf(seed, at)
  const { traces } = await getJson<{ traces: { traceId: string }[] }>(server, '/api/v1/traces?limit=100')
  const ids = traces.map(({ traceId }) => traceId)
  const spans: string[] = []
  if (ids.length > 0) {
    const page = await getJson<{ spans: { spanId: string }[] }>(
      server,
      `/api/v1/traces/${dice.pick(ids)}?limit=50`,
    )
    spans.push(...page.spans.map(({ spanId }) => spanId))
  }
  const listed = await getJson<{ calls: { id: string }[] }>(server, '/api/v1/calls?limit=50')
  const body = JSON.stringify({ api_key: '11111111-2222-4333-8444-555555555555' })
  const answer = await request(server, {
    method: 'POST',
    path: '/v3/auth/token',
    headers: { 'content-type': 'application/json' },
    body,
  })
  const { token } = JSON.parse(answer.body.toString()) as { token: string }
  return {
    reads: await describedReads(server),
    traces: ids,
    spans,
    calls: listed.calls.map(({ id }) => id),
    token,
  }
}

/** The reads that the server describes; those that wait for something to happen are left out. */
async function describedReads(server: TestServer): Promise<Known['reads']> {
  type Described = { get?: { parameters?: { name: string; in: string }[] } }
  const { paths } = await getJson<{ paths: Record<string, Described> }>(server, '/api/v1/openapi.json')
  return Object.entries(paths)
    .filter(([path, { get }]) => get && !path.endsWith('/live'))
    .map(([path, { get }]) => ({
      path,
      parameters: (get?.parameters ?? [])
        .filter((parameter) => parameter.in === 'query' && !/^(wait|after)$/.test(parameter.name))
        .map(({ name }) => name),
    }))
}

/** Reads every trace of the server in each of the ways there are; rejects at the first that fails. */
export async function readEverything(server: TestServer, most: number): Promise<number> {
  const traces = (await listTraces(server)).slice(0, most)
  for (const { traceId } of traces) {
    for (const end of ['?limit=1000', '/export', '/logs']) {
      const path = `/api/v1/traces/${traceId}${end}`
      const { status } = await request(server, { path }).catch((error: Error) => {
        throw new Error(`${path}: ${error.message}\n${server.output().slice(-3000)}`)
      })
      // A deletion that a case asked for may have come between.
      if (status !== 200 && status !== 404) throw new Error(`${path}: ${status}`)
    }
    const tree = await readTrace(server, traceId)
    for (const { spanId } of tree?.spans.slice(0, 3) ?? []) {
      const path = `/api/v1/traces/${traceId}/spans/${spanId}/messages`
      const { status } = await request(server, { path })
      if (status !== 200) throw new Error(`${path}: ${status}`)
    }
  }
  return traces.length
}

/** Reads every model call with its ids; resolves with how many there are, and rejects at the first that fails. */
export async function readCalls(server: TestServer, most: number): Promise<number> {
  let count = 0
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: { calls: { id: string }[]; cursor: string | null } = await getJson(
      server,
      `/api/v1/calls?limit=1000${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    for (const { id } of page.calls.slice(0, Math.max(0, most - count))) {
      const { status } = await request(server, { path: `/api/v1/calls/${encodeURIComponent(id)}` })
      if (status !== 200) throw new Error(`/api/v1/calls/${id}: ${status}\n${server.output().slice(-3000)}`)
    }
    count += page.calls.length
    cursor = page.cursor
  }
  const { status } = await request(server, { path: '/api/v1/calls/export' }).catch((error: Error) => {
    throw new Error(`/api/v1/calls/export: ${error.message}\n${server.output().slice(-3000)}`)
  })
  if (status !== 200) throw new Error(`/api/v1/calls/export: ${status}`)
  return count
}

function failure(seed: number, at: number, sent: Case, what: string): Error {
  const path = join(tmpdir(), `agl-fuzz-${seed}-${at}.json`)
  const found: FoundCase = {
    found: what,
    method: sent.method,
    path: sent.path,
    headers: sent.headers,
    body: sent.body.toString('base64'),
    base64: true,
    chunked: sent.chunked,
  }
  writeFileSync(path, `${JSON.stringify(found, undefined, 2)}\n`)
  return new Error(`case ${at} of AGL_TEST_SEED=${seed}, kept as ${path}: ${what}`)
}
