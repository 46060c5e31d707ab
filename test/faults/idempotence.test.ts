import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { type Answer, postTraces, request } from '../support/http.ts'
import { newSpanId, newTraceId, protobufBody, type SpanInput, someSpan } from '../support/otlp-bodies.ts'
import { exportTrace, getJson, readStatus, readTrace, settled } from '../support/read-traces.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})

async function post(spans: readonly SpanInput[], headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await postTraces(server, protobufBody(spans), { headers })
  expect(answer.status).toBe(200)
  return answer
}

async function tokenOf(key: string): Promise<{ token: string; project: string }> {
  const body = JSON.stringify({ api_key: key })
  const answer = await request(server, { method: 'POST', path: '/v3/auth/token', body })
  const { token, project_id: project } = JSON.parse(answer.body.toString()) as Record<string, string>
  return { token: token as string, project: project as string }
}

describe('the same batch twice', () => {
  it('changes nothing, and is counted', async () => {
    const traceId = newTraceId()
    const root = someSpan({ traceId, attributes: { 'gen_ai.usage.input_tokens': 7n } })
    const batch = [root, someSpan({ traceId, parentSpanId: root.spanId })]
    await post(batch)
    await settled(server)
    const before = await readTrace(server, traceId)
    const { duplicates } = (await readStatus(server)).index
    await post(batch)
    await settled(server)
    const after = await readTrace(server, traceId)
    expect(after?.spans).toEqual(before?.spans)
    expect({ ...after?.trace, change: 0 }).toEqual({ ...before?.trace, change: 0 })
    expect((await readStatus(server)).index.duplicates).toBe(duplicates + 2)
  })
})

describe('two copies of a span that differ', () => {
  const startNs = 1_750_000_000_000_000_000n
  const copies = {
    earlier: { endNs: startNs + 1n, attributes: { state: 'earlier', a: 1n, b: 2n } },
    later: { endNs: startNs + 9n, attributes: { state: 'later' } },
    richer: { endNs: startNs + 9n, attributes: { state: 'richer', more: true } },
  }
  it.each([
    ['the later end wins', ['earlier', 'later'], 'later'],
    ['the later end wins, whatever comes first', ['later', 'earlier'], 'later'],
    ['of the same end the one with more attributes wins', ['later', 'richer'], 'richer'],
    [
      'of the same end the one with more attributes wins, whatever comes first',
      ['richer', 'later'],
      'richer',
    ],
  ] as const)('%s', async (_, order, winner) => {
    const [traceId, spanId] = [newTraceId(), newSpanId()]
    for (const copy of order) await post([someSpan({ traceId, spanId, startNs, ...copies[copy] })])
    await settled(server)
    const exported = await exportTrace(server, traceId)
    expect(exported).toHaveLength(1)
    const state = exported[0]?.span.attributes?.find(({ key }) => key === 'state')
    expect(state?.value.stringValue).toBe(winner)
    expect((await readTrace(server, traceId))?.trace.endNs).toBe(String(copies[winner].endNs))
  })
})

describe('no order is assumed', () => {
  it('children before their parents, the root last', async () => {
    const traceId = newTraceId()
    const root = someSpan({ traceId, name: 'the root' })
    const child = someSpan({ traceId, name: 'child', parentSpanId: root.spanId })
    const grandchild = someSpan({ traceId, name: 'grandchild', parentSpanId: child.spanId })
    await post([grandchild])
    await post([child])
    await settled(server)
    expect((await readTrace(server, traceId))?.trace.rootKnown).toBe(false)
    await post([root])
    await settled(server)
    const found = await readTrace(server, traceId)
    expect(found?.trace).toMatchObject({ rootKnown: true, name: 'the root', spans: 3 })
    const parents = new Map(found?.spans.map(({ name, parentSpanId }) => [name, parentSpanId]))
    expect(parents.get('grandchild')).toBe(child.spanId)
    expect(parents.get('child')).toBe(root.spanId)
  })

  it('spans before the token move to its project, and later ones without it join them', async () => {
    const traceId = newTraceId()
    await post([someSpan({ traceId })])
    await settled(server)
    const before = (await readTrace(server, traceId))?.trace.project
    const { token, project } = await tokenOf(randomUUID())
    expect(before).not.toBe(project)
    await post([someSpan({ traceId })], { authorization: `Bearer ${token}` })
    await post([someSpan({ traceId })])
    await settled(server)
    expect((await readTrace(server, traceId))?.trace).toMatchObject({ project, spans: 3 })
  })

  it('a trace stays in the project of its first authenticated batch', async () => {
    const traceId = newTraceId()
    const [first, second] = [await tokenOf(randomUUID()), await tokenOf(randomUUID())]
    for (const { token } of [first, second])
      await post([someSpan({ traceId })], { authorization: `Bearer ${token}` })
    await settled(server)
    expect((await readTrace(server, traceId))?.trace.project).toBe(first.project)
  })
})

describe('a deleted trace', () => {
  it('is gone at once; spans that come later are dropped and counted, also after a restart', async () => {
    const traceId = newTraceId()
    const spans = [someSpan({ traceId }), someSpan({ traceId })]
    await post(spans)
    await settled(server)
    const deleted = await request(server, { method: 'DELETE', path: `/api/v1/traces/${traceId}` })
    expect(deleted.status).toBe(200)
    expect(await readTrace(server, traceId)).toBeUndefined()
    const { dropped } = (await readStatus(server)).index
    await post([...spans, someSpan({ traceId })])
    await settled(server)
    expect(await readTrace(server, traceId)).toBeUndefined()
    expect((await readStatus(server)).index.dropped).toBe(dropped + 3)

    await server.kill()
    server = await startServer({ dataDir: server.dataDir })
    await post([someSpan({ traceId })])
    await settled(server)
    expect(await readTrace(server, traceId)).toBeUndefined()
    expect((await readStatus(server)).index.dropped).toBe(dropped + 4)
  })
})

describe('what was written', () => {
  it('is read by a request that names its position, at once and always', async () => {
    for (let round = 0; round < 200; round++) {
      const traceId = newTraceId()
      const written = await post([someSpan({ traceId })])
      const after = written.headers['x-agl-position'] as string
      const found = await getJson<{ trace: { spans: number } }>(
        server,
        `/api/v1/traces/${traceId}?after=${after}`,
      )
      expect(found.trace.spans).toBe(1)
    }
  })

  it('is not waited for longer than 5 s when the position lies in the future', async () => {
    const started = performance.now()
    const answer = await request(server, { path: '/api/v1/traces?after=1000-0' })
    const took = performance.now() - started
    expect([answer.status, answer.headers['x-agl-error']]).toEqual([503, 'AGL_POSITION_TIMEOUT'])
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect(took).toBeGreaterThan(4500)
    expect(took).toBeLessThan(30_000)
  })
})
