// What goes wrong between a client, the gateway and the model server, and what is kept of it.
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer, tempDir, until } from '../support/agl.ts'
import { type Answer, request } from '../support/http.ts'
import { requireMeans } from '../support/means.ts'
import { findSmallDisk, unmountAfterTests } from '../support/small-disk.ts'
import { gatewayRecords } from './records.ts'
import { recording, type StandIn, startStandIn } from './stand-in.ts'

const mountSmallDisk = await requireMeans('a full disk', findSmallDisk)
const servers: TestServer[] = []
unmountAfterTests(() => Promise.all(servers.map((server) => server.kill())))

let upstream: StandIn
let server: TestServer
beforeAll(async () => {
  upstream = await startStandIn()
  server = await start()
})
afterAll(() => upstream.close())

async function start(args: readonly string[] = [], dataDir = tempDir()): Promise<TestServer> {
  const started = await startServer({ dataDir, args: ['--upstream', `tiny=${upstream.url}`, ...args] })
  servers.push(started)
  return started
}

const path = '/gateway/v1/chat/completions'

function post(to: TestServer, model: string, extra: object = {}): Promise<Answer> {
  const body = JSON.stringify({ model, messages: [], ...extra })
  return request(to, { method: 'POST', path, body, headers: { 'content-type': 'application/json' } })
}

async function inFlight(of: TestServer): Promise<number> {
  const { body } = await request(of, { path: '/api/v1/gateway/state' })
  return (JSON.parse(body.toString()) as { inflight: number }).inflight
}

function lastEnd(of: TestServer) {
  return gatewayRecords(of.dataDir).ends.at(-1)
}

it('a reply that breaks off breaks off for the client too, and what came is kept', async () => {
  await expect(post(server, 'dies', { stream: true })).rejects.toThrow(/aborted|socket hang up/)
  const end = await until('the end is recorded', () => lastEnd(server))
  expect(end.head).toMatchObject({ outcome: 'upstream_cut', status: 200 })
  expect(end.body).toBe(recording('vllm-0.32.0', 'chat-stream-ids.sse').slice(0, 700))
})

it('half a JSON text', async () => {
  await expect(post(server, 'half')).rejects.toThrow(/aborted|socket hang up/)
  await expect
    .poll(() => lastEnd(server))
    .toMatchObject({ head: { outcome: 'upstream_cut' }, body: '{"id":"chatcmpl-1","choices":[{"index":0,' })
})

it('an upstream that speaks no HTTP, and one that is not there', async () => {
  const answer = await post(server, 'garbage')
  expect([answer.status, answer.headers['x-agl-error']]).toEqual([502, 'AGL_GATEWAY_UPSTREAM_FAILED'])
  expect(JSON.parse(answer.body.toString())).toMatchObject({ error: { type: 'server_error' } })
  expect(lastEnd(server)?.head).toMatchObject({ outcome: 'upstream_failed', status: 502 })
  const gone = await startStandIn()
  await gone.close()
  const alone = await startServer({ args: ['--upstream', gone.url] })
  servers.push(alone)
  const refused = await post(alone, 'tiny')
  expect([refused.status, refused.body.toString()]).toEqual([502, expect.stringMatching(/ECONNREFUSED/)])
})

it('a silent upstream is waited for, or given up where that was asked for', async () => {
  const hasty = await start(['--upstream-timeout', '0.5'])
  const answer = await post(hasty, 'silent')
  expect([answer.status, answer.headers['x-agl-error']]).toEqual([504, 'AGL_GATEWAY_TIMEOUT'])
  expect(lastEnd(hasty)?.head).toMatchObject({ outcome: 'timeout', status: 504 })
  // Gaps of a second and more are noted; who reads late sees a shorter one than there was.
  const waited = await post(server, 'pauses-4000', { stream: true })
  expect(waited.status).toBe(200)
  const [gap] = lastEnd(server)?.head.gaps ?? []
  expect(gap?.ms).toBeGreaterThanOrEqual(1000)
})

it('a comment line keeps a silent stream alive, only where that was asked for', async () => {
  const chatty = await start(['--stream-comments', '0.3'])
  const text = (await post(chatty, 'pauses-4000', { stream: true })).body.toString()
  expect(text).toMatch(/\n\n: \n\n/)
  const plain = (await post(server, 'pauses-100', { stream: true })).body.toString()
  expect(text.replaceAll(': \n\n', '')).toBe(plain)
  expect(lastEnd(chatty)?.body).toBe(plain)
})

it.each(['silent', 'slow'])('a client that leaves takes the call with it: %s', async (kind) => {
  upstream.chunk = () => 20
  upstream.pauseMs = 500
  const cutOff = upstream.cutOff
  const before = gatewayRecords(server.dataDir).ends.length
  const body = JSON.stringify({ model: kind === 'slow' ? 'tiny' : kind, messages: [], stream: true })
  const outgoing = httpRequest({ host: '127.0.0.1', port: server.port, method: 'POST', path })
  outgoing.on('error', () => undefined)
  const answered = once(outgoing, 'response')
  answered.catch(() => undefined)
  outgoing.end(body)
  await until('the call is under way', async () => (await inFlight(server)) === 1)
  if (kind === 'slow') {
    const [incoming] = await answered
    await once(incoming, 'data')
  } else await until('the upstream has it', () => upstream.seen.at(-1)?.body.includes('silent'))
  outgoing.destroy()
  await until('the upstream call is cut', () => upstream.cutOff > cutOff)
  await until('nothing is under way', async () => (await inFlight(server)) === 0)
  await until('it is recorded', () => gatewayRecords(server.dataDir).ends.length > before)
  expect(lastEnd(server)?.head).toMatchObject({ outcome: 'client_left' })
  upstream.chunk = () => 1e9
  upstream.pauseMs = 0
})

it('a client that saw the end of a stream finds it recorded, although the server is killed at once', async () => {
  const killed = await start()
  const answer = await post(killed, 'tiny', { stream: true })
  await killed.kill()
  const { starts, ends } = gatewayRecords(killed.dataDir)
  expect(ends.map(({ head }) => head.callId)).toEqual([answer.headers['x-agl-call-id']])
  expect(ends[0]?.header.ref).toBe(starts[0]?.position)
  expect(ends[0]?.body).toBe(recording('vllm-0.32.0', 'chat-stream-ids.sse'))
})

it('a call in the middle of which the server is killed is there as one that was begun', async () => {
  const killed = await start()
  const before = upstream.seen.length
  const lost = post(killed, 'silent').catch((error: Error) => error)
  await until('the upstream has it', () => upstream.seen.length > before)
  await until('it is announced', () => gatewayRecords(killed.dataDir).starts.length === 1)
  await killed.kill()
  expect(await lost).toBeInstanceOf(Error)
  const { starts, ends } = gatewayRecords(killed.dataDir)
  expect([starts[0]?.head.model, ends.length]).toEqual(['silent', 0])
})

it('a server that is stopped records the end of what it cuts', async () => {
  const stopped = await start()
  const lost = post(stopped, 'silent').catch((error: Error) => error)
  await until('it is announced', () => gatewayRecords(stopped.dataDir).starts.length === 1)
  expect(await stopped.stop()).toBe(0)
  expect(await lost).toBeInstanceOf(Error)
  expect(lastEnd(stopped)?.head).toMatchObject({ outcome: 'client_left', error: 'The server was stopped.' })
})

describe.runIf(mountSmallDisk !== undefined)('a full disk', { timeout: 120_000 }, () => {
  it('refuses new calls with 503, and passes those under way to their end', async () => {
    const disk = (mountSmallDisk as (megabytes: number) => string)(64)
    const full = await start([], join(disk, 'data'))
    expect((await post(full, 'tiny')).status).toBe(200)
    upstream.chunk = () => 100
    upstream.pauseMs = 50
    const running = post(full, 'tiny', { stream: true })
    await until('it is announced', () => gatewayRecords(full.dataDir).starts.length === 2)
    fill(join(disk, 'ballast'))
    const refused = await until('a call is refused', async () => {
      const answer = await post(full, 'status-200', { padding: 'x'.repeat(200_000) })
      return answer.status === 503 ? answer : undefined
    })
    expect(refused.headers['x-agl-error']).toBe('AGL_GATEWAY_NOT_RECORDED')
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await running).body.toString()).toMatch(/data: \[DONE\]\n\n$/)
    await expect.poll(() => inFlight(full)).toBe(0)
    // What could not be kept is counted: neither more nor less than the log lacks.
    const status = await request(full, { path: '/api/v1/status' })
    const { gateway } = JSON.parse(status.body.toString()) as { gateway: { unrecorded: number } }
    const { starts, ends } = gatewayRecords(full.dataDir)
    expect(gateway.unrecorded).toBe(starts.length - ends.length)
    rmSync(join(disk, 'ballast'))
    upstream.chunk = () => 1e9
    upstream.pauseMs = 0
    await until('calls are taken again', async () => (await post(full, 'tiny')).status === 200)
  })
})

/** Writes until nothing more fits. */
function fill(file: string): void {
  for (let size = 8 * 2 ** 20; size >= 4096; ) {
    try {
      writeFileSync(file, Buffer.alloc(size), { flag: 'a' })
    } catch {
      size /= 2
    }
  }
}
