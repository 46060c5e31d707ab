// Whom a call belongs to, by every way in which a client can say it.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { request } from '../support/http.ts'
import { gatewayRecords } from './records.ts'
import { type StandIn, startStandIn } from './stand-in.ts'

let upstream: StandIn
let server: TestServer
beforeAll(async () => {
  upstream = await startStandIn()
  server = await startServer({ args: ['--upstream', `tiny=${upstream.url}`] })
})
afterAll(async () => {
  await server.stop()
  await upstream.close()
})

const body = JSON.stringify({ model: 'tiny', messages: [] })

async function call(path: string, headers: Record<string, string> = {}) {
  const answer = await request(server, { method: 'POST', path: `${path}/chat/completions`, headers, body })
  expect(answer.status).toBe(200)
  const { starts, ends } = gatewayRecords(server.dataDir)
  const end = ends.find(({ head }) => head.callId === answer.headers['x-agl-call-id'])
  const { run, rollout, attempt, mode, traceId, traceparent } = end?.header ?? {}
  const start = starts.find(({ head }) => head.callId === end?.head.callId)
  expect(start?.header).toMatchObject({ traceId })
  return { owner: { run, rollout, attempt, mode }, traceId, traceparent, head: end?.head }
}

async function command(path: string, value: object, method = 'POST'): Promise<Record<string, string>> {
  const text = method === 'POST' ? { body: JSON.stringify(value) } : {}
  const answer = await request(server, { method, path, ...text })
  if (answer.status >= 300) throw new Error(answer.body.toString())
  return JSON.parse(answer.body.toString()) as Record<string, string>
}

it.each([
  ['/rollout/r1/attempt/a1/v1', { rollout: 'r1', attempt: 'a1' }],
  ['/rollout/r1/attempt/a1', { rollout: 'r1', attempt: 'a1' }],
  ['/proxy/rollout/r2/attempt/0/mode/train/openai/v1', { rollout: 'r2', attempt: '0', mode: 'train' }],
  ['/gateway/v1', {}],
])('by the path %s', async (path, owner) => {
  const seen = await call(path)
  expect(JSON.parse(JSON.stringify(seen.owner))).toEqual(owner)
  expect(seen.traceId).toMatch(/^[0-9a-f]{32}$/)
})

it('by headers, ours and those of Agent Lightning', async () => {
  const theirs = await call('/gateway/v1', { 'x-rollout-id': 'r3', 'x-attempt-id': 'a3' })
  expect(theirs.owner).toMatchObject({ rollout: 'r3', attempt: 'a3' })
  const ours = await call('/gateway/v1', {
    'x-agl-rollout': 'r4',
    'x-agl-attempt': 'a4',
    'x-agl-run': 'run4',
  })
  expect(ours.owner).toMatchObject({ run: 'run4', rollout: 'r4', attempt: 'a4' })
  expect(upstream.seen.at(-1)?.headers['x-agl-rollout']).toBeUndefined()
})

it('by the key of a rollout, which never reaches the upstream', async () => {
  const { key } = await command('/api/v1/gateway/keys', { rollout: 'r5', attempt: 'a5' })
  for (const headers of [{ authorization: `Bearer ${key}` }, { 'x-api-key': key as string }]) {
    expect((await call('/gateway/v1', headers as Record<string, string>)).owner).toMatchObject({
      rollout: 'r5',
      attempt: 'a5',
    })
    expect(JSON.stringify(upstream.seen.at(-1)?.headers)).not.toContain(key)
  }
  const unknown = await request(server, {
    method: 'POST',
    path: '/gateway/v1/chat/completions',
    headers: { authorization: 'Bearer agl-unknown' },
    body,
  })
  expect([unknown.status, unknown.headers['x-agl-error']]).toEqual([401, 'AGL_UNAUTHORIZED'])
})

it('by W3C trace context', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const seen = await call('/gateway/v1', { traceparent })
  expect(seen).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c', traceparent })
  expect(seen.head?.parentSpanId).toBe('b7ad6b7169203331')
  const broken = await call('/gateway/v1', { traceparent: '00-zz' })
  expect(broken.traceparent).toBeUndefined()
})

it('by a registered run, with an upstream of its own, until it ends', async () => {
  const other = await startStandIn()
  const { run } = await command('/api/v1/gateway/runs', { upstream: { openai: `${other.url}/v1` } })
  const seen = await call(`/gateway/r/${run}/v1`)
  expect(seen.owner).toMatchObject({ run, rollout: run })
  expect([other.seen.length, other.seen[0]?.url]).toEqual([1, '/v1/chat/completions'])
  await command('/api/v1/gateway/runs', { run: 'named', rollout: 'r6', attempt: 'a6' })
  expect((await call('/gateway/r/named/v1')).owner).toMatchObject({
    run: 'named',
    rollout: 'r6',
    attempt: 'a6',
  })
  await command('/api/v1/gateway/runs/named', {}, 'DELETE')
  const ended = await request(server, { method: 'POST', path: '/gateway/r/named/v1/chat/completions', body })
  expect([ended.status, ended.headers['x-agl-error']]).toEqual([404, 'AGL_NOT_FOUND'])
  await other.close()
})

it('both records of a call have the tags of its run, named by path or by header', async () => {
  await command('/api/v1/gateway/runs', { run: 'tagged', tags: ['nightly', 'b 2'] })
  const tags = ['nightly', 'b 2']
  expect((await call('/gateway/r/tagged/v1')).head).toMatchObject({ tags })
  expect((await call('/gateway/v1', { 'x-agl-run': 'tagged' })).head).toMatchObject({ tags })
  expect((await call('/gateway/v1', { 'x-agl-run': 'unknown' })).head).not.toHaveProperty('tags')
  const { starts } = gatewayRecords(server.dataDir)
  expect(starts.filter(({ head }) => head.tags?.length === 2)).toHaveLength(2)
})

it('calls of one rollout share a trace, and the rollout is recorded once', async () => {
  const first = await call('/rollout/shared/attempt/1/v1')
  const second = await call('/rollout/shared/attempt/1/v1')
  const other = await call('/rollout/shared/attempt/2/v1')
  expect(second.traceId).toBe(first.traceId)
  expect(other.traceId).not.toBe(first.traceId)
  const { rollouts } = gatewayRecords(server.dataDir)
  const shared = rollouts.filter(({ rollout }) => rollout === 'shared')
  expect(shared.map(({ attempt }) => attempt)).toEqual(['1', '2'])
})
