// Upstreams, keys, pauses, loops: what the gateway does beside passing bytes.
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, it } from 'vitest'
import { runAgl, startServer, type TestServer, tempDir, until } from '../support/agl.ts'
import { type Answer, request } from '../support/http.ts'
import { gatewayRecords } from './records.ts'
import { type Played, recording, type StandIn, startStandIn } from './stand-in.ts'

const path = '/gateway/v1/chat/completions'
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function play(played?: Played): Promise<StandIn> {
  const upstream = await startStandIn(played)
  closing.push(() => upstream.close())
  return upstream
}

async function serve(args: readonly string[], env: Record<string, string> = {}): Promise<TestServer> {
  const server = await startServer({ args, env })
  closing.push(() => server.stop())
  return server
}

function post(server: TestServer, value: object, headers: Record<string, string> = {}): Promise<Answer> {
  return request(server, { method: 'POST', path, headers, body: JSON.stringify({ messages: [], ...value }) })
}

async function tell(server: TestServer, where: string, value: object = {}): Promise<Record<string, unknown>> {
  const answer = await request(server, { method: 'POST', path: where, body: JSON.stringify(value) })
  return JSON.parse(answer.body.toString()) as Record<string, unknown>
}

async function statusOf(server: TestServer): Promise<Record<string, unknown>> {
  const { status, body } = await request(server, { path: '/api/v1/status' })
  if (status !== 200) throw new Error(`${body}${server.output()}`)
  return (JSON.parse(body.toString()) as { gateway: Record<string, unknown> }).gateway
}

it('without an upstream: 502 that says what to set, in the words of each API, and recorded', async () => {
  const server = await serve([])
  const answer = await post(server, { model: 'm' })
  expect([answer.status, answer.headers['x-agl-error']]).toEqual([502, 'AGL_GATEWAY_NO_UPSTREAM'])
  const { error } = JSON.parse(answer.body.toString()) as { error: { message: string; code: string } }
  expect(error).toMatchObject({ code: 'AGL_GATEWAY_NO_UPSTREAM', message: /--upstream .*OPENAI_BASE_URL/ })
  const message = await request(server, { method: 'POST', path: '/gateway/v1/messages', body: '{}' })
  expect(JSON.parse(message.body.toString())).toMatchObject({ type: 'error', error: { type: 'api_error' } })
  const { ends } = gatewayRecords(server.dataDir)
  expect(ends.map(({ head }) => [head.outcome, head.status])).toEqual([
    ['refused', 502],
    ['refused', 502],
  ])
})

it('the upstream of OPENAI_BASE_URL, with its key in place of ours only', async () => {
  const upstream = await play()
  const server = await serve([], { OPENAI_BASE_URL: `${upstream.url}/v1`, OPENAI_API_KEY: 'sk-configured' })
  await post(server, { model: 'tiny' }, { authorization: 'Bearer sk-mine' })
  expect(upstream.seen.at(-1)?.headers.authorization).toBe('Bearer sk-mine')
  const { key } = await tell(server, '/api/v1/gateway/keys', { rollout: 'r' })
  await post(server, { model: 'tiny' }, { authorization: `Bearer ${key}` })
  expect(upstream.seen.at(-1)?.headers.authorization).toBe('Bearer sk-configured')
})

it('loops are refused, to the server itself and through a proxy', async () => {
  const server = await serve([])
  const { run } = await tell(server, '/api/v1/gateway/runs', {
    upstream: { openai: `${server.url}/gateway/v1` },
  })
  const direct = await request(server, {
    method: 'POST',
    path: `/gateway/r/${run}/v1/chat/completions`,
    body: '{}',
  })
  expect([direct.status, direct.headers['x-agl-error']]).toEqual([508, 'AGL_GATEWAY_LOOP'])
  const proxy = createServer((incoming, outgoing) => {
    const { host: _, ...headers } = incoming.headers
    incoming.resume()
    incoming.on('end', async () => {
      const answer = await request(server, {
        method: incoming.method as string,
        path: incoming.url as string,
        headers: headers as Record<string, string>,
      })
      outgoing.writeHead(answer.status).end(answer.body)
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => proxy.close(resolve)))
  const openai = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/gateway/r/loop/v1`
  await tell(server, '/api/v1/gateway/runs', { run: 'loop', upstream: { openai } })
  const around = await request(server, { path: '/gateway/r/loop/v1/models' })
  expect(around.status).toBe(508)
})

it.each([
  ['transformers', {}],
  ['sglang', { stream: true }],
] as const)('%s: a flag that is refused is left out, and not tried again', async (played, extra) => {
  const upstream = await play(played)
  // As what is not known it is asked as vLLM would be.
  const file = join(tempDir(), 'upstreams.json')
  writeFileSync(file, JSON.stringify([{ name: 'a', url: upstream.url, ask: ['return_token_ids'] }]))
  const server = await serve(['--upstreams', file])
  const port = Number(new URL(upstream.url).port)
  const body = JSON.stringify({ messages: [], model: 'tiny', ...extra })
  const direct = await request({ port }, { method: 'POST', path: '/v1/chat/completions', body })
  const first = await post(server, { model: 'tiny', ...extra })
  expect([first.status, first.body.toString()]).toEqual([200, direct.body.toString()])
  const before = upstream.seen.length
  expect((await post(server, { model: 'tiny', ...extra })).body).toEqual(direct.body)
  expect(upstream.seen.length).toBe(before + 1)
  const [one, two] = gatewayRecords(server.dataDir).ends
  expect(one?.head).toMatchObject({ refusedFlags: ['return_token_ids'], retries: 1, outcome: 'complete' })
  expect(two?.head).toMatchObject({ refusedFlags: [], added: [], retries: 0 })
})

it('failures that may pass are tried again where that is configured, and not elsewhere', async () => {
  const upstream = await play()
  const file = join(tempDir(), 'upstreams.json')
  const entry = {
    name: 'patient',
    url: upstream.url,
    models: ['status-503'],
    retries: 2,
    weightVersion: 'step-7',
  }
  const other = { name: 'other', url: upstream.url, models: ['status-500'] }
  writeFileSync(file, JSON.stringify({ upstreams: [entry, other] }))
  const server = await serve(['--upstreams', file])
  const tried = await post(server, { model: 'status-503' })
  expect([tried.status, tried.body.toString(), upstream.seen.length]).toEqual([
    503,
    '{"error":{"message":"no"}}',
    3,
  ])
  expect((await post(server, { model: 'status-500' })).status).toBe(500)
  expect(upstream.seen.length).toBe(4)
  const { ends } = gatewayRecords(server.dataDir)
  expect(ends[0]?.head).toMatchObject({ retries: 2, upstream: 'patient', weightVersion: 'step-7' })
  expect((await post(server, { model: 'nobody' })).headers['x-agl-error']).toBe('AGL_GATEWAY_NO_UPSTREAM')
})

it('a rollout stays with one of several upstreams, and rollouts are spread', async () => {
  const upstreams = [await play(), await play(), await play()]
  const server = await serve(upstreams.flatMap(({ url }) => ['--upstream', url]))
  for (let rollout = 0; rollout < 24; rollout++) {
    for (let turn = 0; turn < 2; turn++)
      await post(server, { model: 'tiny' }, { 'x-rollout-id': `r${rollout}` })
  }
  const owners = new Map<string, Set<string>>()
  for (const { head, header } of gatewayRecords(server.dataDir).ends) {
    const of = owners.get(header.rollout as string) ?? new Set()
    owners.set(header.rollout as string, of.add(head.upstream))
  }
  expect([...owners.values()].every((names) => names.size === 1)).toBe(true)
  expect(upstreams.every(({ seen }) => seen.length > 0)).toBe(true)
})

it('paused: 429 as Agent Lightning 1.0 has it, also after a restart, until it is resumed', async () => {
  const upstream = await play()
  const server = await serve(['--upstream', upstream.url])
  upstream.chunk = () => 100
  // Slow, until what is to happen meanwhile has happened.
  upstream.pauseMs = 2000
  const running = post(server, { model: 'tiny', stream: true })
  await until('the call is under way', () => upstream.seen.length === 1)
  const paused = await tell(server, '/proxy/pause', { retry_after_seconds: 7, reason: 'new weights' })
  expect(paused).toEqual({ paused: true, retry_after_seconds: 7, reason: 'new weights', inflight: 1 })
  const refused = await post(server, { model: 'tiny' })
  expect([refused.status, refused.headers['retry-after'], refused.headers['x-agl-paused']]).toEqual([
    429,
    '7',
    'true',
  ])
  upstream.pauseMs = 1
  expect(await tell(server, '/api/v1/gateway/pause', { wait_seconds: 60 })).toMatchObject({ inflight: 0 })
  expect((await running).status).toBe(200)
  await server.stop()
  const again = await startServer({ dataDir: server.dataDir, args: ['--upstream', upstream.url] })
  closing.push(() => again.stop())
  expect((await post(again, { model: 'tiny' })).status).toBe(429)
  expect(await tell(again, '/proxy/resume')).toMatchObject({ paused: false, inflight: 0 })
  expect((await post(again, { model: 'tiny' })).status).toBe(200)
  expect(upstream.seen.length).toBe(2)
})

it('a server that demands its key takes it or the key of a rollout, and passes neither on', async () => {
  const upstream = await play()
  const server = await serve(['--upstream', upstream.url, '--api-key', 'secret', '--require-key'])
  expect((await post(server, { model: 'tiny' })).status).toBe(401)
  expect((await post(server, { model: 'tiny' }, { authorization: 'Bearer secret' })).status).toBe(200)
  expect(upstream.seen.at(-1)?.headers.authorization).toBeUndefined()
  const keyed = await request(server, {
    method: 'POST',
    path: `/k/secret${path}`,
    headers: { authorization: 'Bearer sk-mine' },
    body: '{"model":"tiny","messages":[]}',
  })
  expect([keyed.status, upstream.seen.at(-1)?.headers.authorization]).toEqual([200, 'Bearer sk-mine'])
  const refused = await request(server, { method: 'POST', path: '/api/v1/gateway/runs', body: '{}' })
  expect(refused.status).toBe(401)
})

it('the status counts calls and names the upstreams', async () => {
  const upstream = await play()
  const server = await serve(['--upstream', `tiny=${upstream.url}`, '--keep-token-ids'])
  const kept = await post(server, { model: 'tiny' })
  expect(kept.body.toString()).toBe(recording('vllm-0.32.0', 'chat-ids.response.json'))
  await expect
    .poll(() => statusOf(server))
    .toMatchObject({
      paused: false,
      inFlight: 0,
      recorded: 1,
      unrecorded: 0,
      upstreams: [{ name: 'tiny', url: upstream.url, backend: 'vllm', inFlight: 0 }],
    })
})

it('a compressed request is read, kept and sent on as the client wrote it', async () => {
  const upstream = await play()
  const server = await serve(['--upstream', upstream.url])
  const body = '{"model":"tiny","messages":[],"user":"squeezed"}'
  const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' }
  const answer = await request(server, { method: 'POST', path, headers, body: gzipSync(body) })
  expect(answer.status).toBe(200)
  expect(upstream.seen[0]?.headers['content-encoding']).toBeUndefined()
  expect(upstream.seen[0]?.body).toBe(body.replace(/}$/, ',"return_token_ids":true}'))
  expect(gatewayRecords(server.dataDir).starts[0]?.body).toBe(body)
})

it('a request that is too large is refused in the words of the API', async () => {
  const upstream = await play()
  const server = await serve(['--upstream', upstream.url])
  const answer = await request(server, { method: 'POST', path, body: Buffer.alloc(65 * 2 ** 20, 32) })
  expect([answer.status, answer.headers['x-agl-error']]).toEqual([413, 'AGL_BODY_TOO_LARGE'])
  expect(JSON.parse(answer.body.toString())).toMatchObject({ error: { code: 'AGL_BODY_TOO_LARGE' } })
  expect(upstream.seen.length).toBe(0)
  await expect.poll(async () => (await statusOf(server)).inFlight).toBe(0)
})

it('500 streams at once are passed and recorded, each whole', async () => {
  const upstream = await play()
  upstream.chunk = () => 300
  upstream.pauseMs = 20
  const server = await serve(['--upstream', upstream.url])
  const answers = await Promise.all(
    Array.from({ length: 500 }, () => post(server, { model: 'tiny', stream: true })),
  )
  expect(new Set(answers.map(({ body }) => body.toString())).size).toBe(1)
  await expect.poll(() => statusOf(server)).toMatchObject({ inFlight: 0, recorded: 500, unrecorded: 0 })
  const { ends } = gatewayRecords(server.dataDir)
  expect(ends.every(({ body }) => body === recording('vllm-0.32.0', 'chat-stream-ids.sse'))).toBe(true)
})

it('upstreams are kept over `restart`', async () => {
  const upstream = await play()
  const dataDir = tempDir()
  const flags = ['--data-dir', dataDir]
  const started = await runAgl([
    'agentops',
    '--daemon',
    '--port',
    '0',
    '--upstream',
    `kept=${upstream.url}`,
    ...flags,
  ])
  expect(started.code).toBe(0)
  closing.push(() => runAgl(['agentops', 'stop', ...flags]))
  expect((await runAgl(['agentops', 'restart', ...flags])).code).toBe(0)
  const { stdout } = await runAgl(['agentops', 'status', '--json', ...flags])
  const { details } = JSON.parse(stdout) as { details: { gateway: { upstreams: unknown[] } } }
  expect(details.gateway.upstreams).toMatchObject([{ name: 'kept', url: upstream.url }])
})

it('bad settings are refused in words', async () => {
  const file = join(tempDir(), 'upstreams.json')
  writeFileSync(file, '[{"name":"a","url":"ftp://x"}]')
  for (const args of [
    ['--upstream', 'not a url'],
    ['--upstreams', file],
    ['--upstream', 'a=http://x:1', '--upstream', 'a=http://y:1'],
  ]) {
    const { code, stderr } = await runAgl(['agentops', '--port', '0', '--data-dir', tempDir(), ...args])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/upstream/)])
  }
})

it('`agl gateway check` says what an upstream can do', async () => {
  const upstream = await play()
  const done = await runAgl(['gateway', 'check', '--upstream', `tiny=${upstream.url}`, '--json'])
  expect([done.code, done.stderr]).toEqual([0, ''])
  expect(JSON.parse(done.stdout)).toEqual({
    upstreams: [
      {
        name: 'tiny',
        url: upstream.url,
        reachable: true,
        backend: 'vllm',
        models: ['tiny'],
        model: 'tiny',
        idsPlain: 'yes',
        idsStreamed: 'yes',
        logprobs: 'yes',
        n: 'yes',
        tools: 'yes',
      },
    ],
  })
  const gone = await startStandIn()
  await gone.close()
  const missed = await runAgl(['gateway', 'check', '--upstream', `gone=${gone.url}`])
  expect([missed.code, missed.stdout, missed.stderr]).toEqual([
    1,
    expect.stringMatching(/gone +unreachable/),
    expect.stringMatching(/ECONNREFUSED/),
  ])
})
