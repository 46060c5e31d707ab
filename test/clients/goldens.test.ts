// Replays what real clients of each era sent (`goldens/recorded`, made by `goldens/record.ts`; the two eras that are
// not installed are built from their description) and finds everything again. No Python takes part.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { bytesOf, type Golden, type GoldenRequest, SESSION_TOKEN, spansOf, TOKEN } from './goldens/golden.ts'
import { instrumentations } from './instrumentations/clients.ts'
import { expectTold } from './instrumentations/told.ts'
import { sentObjects } from './legacy-sent.ts'
import { comparable, originalOf } from './otlp.ts'
import { type Held, readBack } from './read-back.ts'

const folder = join(import.meta.dirname, 'goldens', 'recorded')
const goldens = readdirSync(folder)
  .toSorted()
  .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Golden)

let server: TestServer
beforeAll(async () => {
  server = await startServer({ args: ['--store', 'sqlite'] })
})
afterAll(() => server?.stop())

const isOtlp = ({ url }: GoldenRequest) => url.endsWith('/traces')

/** Sends all requests of a recording in its order, with the tokens that this server gives out. */
async function replay({ requests }: Golden): Promise<number[]> {
  const tokens = new Map<string, string>()
  const statuses: number[] = []
  for (const request of requests) {
    const headers = { ...request.headers }
    const { authorization } = headers
    if (authorization?.includes(TOKEN)) headers.authorization = `Bearer ${tokens.get('')}`
    if (authorization?.includes(SESSION_TOKEN))
      headers.authorization = `Bearer ${tokens.get(authorization.split(' ').at(-1) as string)}`
    const body = new Uint8Array(bytesOf(request))
    const answer = await fetch(`${server.url}${request.url}`, { method: request.method, headers, body })
    statuses.push(answer.status)
    const { jwt, token } = (await answer.json().catch(() => ({}))) as { jwt?: string; token?: string }
    if (token) tokens.set('', token)
    if (jwt) {
      const { session, session_id } = JSON.parse(request.body) as {
        session?: { session_id: string }
        session_id?: string
      }
      tokens.set(session?.session_id ?? (session_id as string), jwt)
    }
  }
  return statuses
}

/** What the server holds of the traces of a recording. */
async function heldOf(golden: Golden): Promise<Held> {
  const held = await readBack(server.url)
  const ids = new Set(traceIdsOf(golden))
  return {
    traces: held.traces.filter(({ traceId }) => ids.has(traceId)),
    spans: held.spans.filter(({ span }) => ids.has(span.traceId)),
    logs: new Map([...held.logs].filter(([id]) => ids.has(id))),
  }
}

function traceIdsOf({ requests }: Golden): string[] {
  const sessions = requests.flatMap(({ url, body }) => {
    if (!url.endsWith('sessions') && !url.endsWith('_session')) return []
    return [(JSON.parse(body) as { session: { session_id: string } }).session.session_id.replaceAll('-', '')]
  })
  return [
    ...sessions,
    ...requests
      .filter(isOtlp)
      .flatMap(spansOf)
      .map(({ span }) => span.traceId),
  ]
}

function legacyBodies({ requests }: Golden): GoldenRequest[] {
  const isSignal = ({ url }: GoldenRequest) => /^\/v1\/(logs|metrics)$/.test(url)
  return requests.filter(
    (request) => !isOtlp(request) && !isSignal(request) && !/^\/v[34]\//.test(request.url),
  )
}

describe.each(goldens)('$client', (golden) => {
  it('every request of it is answered with 200', async () => {
    expect(new Set(await replay(golden))).toEqual(new Set([200]))
  })

  it('everything that it sent is there once, as it was sent', async () => {
    const held = await heldOf(golden)
    const spans = held.spans.filter(({ span }) =>
      span.attributes?.every(({ key }) => key !== 'agentops.legacy.event'),
    )
    expect(comparable(spans)).toEqual(comparable(golden.requests.filter(isOtlp).flatMap(spansOf)))
    const originals = held.spans.filter((span) => !spans.includes(span)).map(({ span }) => originalOf(span))
    const text = (object: unknown) => JSON.stringify(object)
    expect(originals.map(text).toSorted()).toEqual(sentObjects(legacyBodies(golden)).map(text).toSorted())
    const uploads = golden.requests.filter(({ url }) => url.startsWith('/v4/logs'))
    expect([...held.logs.values()].flat()).toHaveLength(uploads.length)
    expect(held.traces.length).toBeGreaterThan(0)
  })

  const instrumentation = instrumentations.find(({ title }) => title === golden.client)
  if (instrumentation)
    it('kinds, names, usage, errors and messages are derived', async () => {
      await expectTold(server.url, await heldOf(golden), instrumentation.id)
    })

  it('sent once more, it changes nothing', async () => {
    const before = await heldOf(golden)
    await replay({ ...golden, requests: golden.requests.filter(({ url }) => !url.startsWith('/v4/')) })
    const after = await heldOf(golden)
    // An agent has no time but that of its receipt.
    const told = ({ traces, spans }: Held) => ({
      traces: traces.map(({ traceId, name, status, tags, models, spans, calls, totalTokens }) => ({
        traceId,
        name,
        status,
        tags,
        models,
        spans,
        calls,
        totalTokens,
      })),
      spans: spans.map(({ span }) => `${span.spanId} ${span.parentSpanId} ${span.name}`).toSorted(),
    })
    expect(told(after)).toEqual(told(before))
  })
})

describe('the eras that are not installed', () => {
  it('0.0: events without an id are all there, equal ones too, with what they say about themselves', async () => {
    const golden = goldens.find(({ client }) => client.includes('0.0.22')) as Golden
    const { traces, spans } = await heldOf(golden)
    expect(traces).toMatchObject([
      { status: 'ok', endState: 'Success', spans: 5, calls: 1, totalTokens: 7, errors: 2 },
    ])
    expect(traces[0]?.tags.toSorted()).toEqual(['k:v', 't1', 't2', 'x'])
    expect(spans.map(({ span }) => span.name).toSorted()).toEqual([
      'action:action',
      'action:action',
      'action:first form',
      'llm:gpt-4',
      'session',
    ])
  })

  it('0.1: events may come before their session; token ids are found; an error points to its cause', async () => {
    const golden = goldens.find(({ client }) => client.includes('0.1.12')) as Golden
    const { traces, spans } = await heldOf(golden)
    expect(traces).toMatchObject([
      { status: 'error', endState: 'Fail', tags: ['late'], agent: 'A1', spans: 6, callsWithIds: 1 },
    ])
    const named = (name: string) => spans.find(({ span }) => span.name === name)?.span
    expect(named('llm:gpt-4')?.parentSpanId).toBe(named('agent:A1')?.spanId)
    expect(named('error:ZeroDivisionError')?.links).toMatchObject([{ spanId: named('tool:search')?.spanId }])
  })
})
