// `kill -9` while calls go through the gateway: what a client saw the end of is there, with its ids.
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runAgl, startServer, type TestServer, tempDir } from '../support/agl.ts'
import { request } from '../support/http.ts'
import { runSeed, seededRandom } from '../support/random.ts'
import { getJson, settled } from '../support/read-traces.ts'
import { recording, type StandIn, startStandIn } from './stand-in.ts'

interface Listed {
  readonly id: string
  readonly traceId: string
  readonly spanId: string
  readonly outcome?: string
  readonly verdict: string
  readonly promptIds?: number
  readonly responseIds?: number
}

interface Reply {
  readonly prompt_token_ids: readonly number[]
  readonly choices: readonly { readonly token_ids: readonly number[] }[]
}

const CLIENTS = 6
const ROUNDS = 3
const plain = JSON.parse(recording('vllm-0.32.0', 'chat-ids.response.json')) as Reply
const ids = { promptIds: plain.prompt_token_ids.length, responseIds: plain.choices[0]?.token_ids.length }

let upstream: StandIn
beforeAll(async () => {
  upstream = await startStandIn()
  upstream.chunk = () => 600
})
afterAll(() => upstream.close())

/** Calls as fast as they are answered, until the server is gone; resolves with the ids of those that ended. */
async function callUntilKilled(
  server: TestServer,
  stream: boolean,
  onEnd: () => void,
): Promise<{ seen: string[]; cutOff: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const body = JSON.stringify({ model: 'tiny', stream, messages: [{ role: 'user', content: 'Say hello.' }] })
  const headers = { 'content-type': 'application/json' }
  const seen: string[] = []
  try {
    for (;;) {
      const path = '/rollout/r1/attempt/a1/v1/chat/completions'
      const answer = await request(server, { method: 'POST', path, headers, body, agent })
      expect(answer.status).toBe(200)
      expect(answer.body.toString()).toContain(stream ? 'data: [DONE]' : '"finish_reason"')
      seen.push(String(answer.headers['x-agl-call-id']))
      onEnd()
    }
  } catch (error) {
    if (error instanceof Error && 'matcherResult' in error) throw error
    return { seen, cutOff: 1 }
  } finally {
    agent.destroy()
  }
}

async function listAll(server: TestServer): Promise<Listed[]> {
  await settled(server)
  const all: Listed[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = await getJson<{ calls: Listed[]; cursor: string | null }>(
      server,
      `/api/v1/calls?limit=500${more}`,
    )
    all.push(...page.calls)
    cursor = page.cursor
  }
  return all
}

it('loses no call whose reply a client saw to its end, and no id of it', { timeout: 120_000 }, async () => {
  const random = seededRandom(runSeed('gateway kills'))
  const dataDir = tempDir()
  const start = (): Promise<TestServer> =>
    startServer({ dataDir, args: ['--upstream', `tiny=${upstream.url}`] })
  const seen: string[] = []
  let cutOff = 0
  let listed: Listed[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const server = await start()
    let begun = (): void => {}
    const some = new Promise<void>((resolve) => {
      let left = CLIENTS
      begun = () => {
        left--
        if (left === 0) resolve()
      }
    })
    const clients = Array.from({ length: CLIENTS }, (_, at) =>
      callUntilKilled(server, at % 2 === 1, () => begun()),
    )
    await some
    await sleep(random() * 1000)
    await server.kill()
    for (const client of await Promise.all(clients)) {
      seen.push(...client.seen)
      cutOff += client.cutOff
    }
    const again = await start()
    listed = await listAll(again)
    await again.stop()
    const byId = new Map(listed.map((call) => [call.id, call]))
    expect(byId.size).toBe(listed.length)
    const lost = seen.filter((id) => byId.get(id)?.outcome !== 'complete')
    expect(lost).toEqual([])
    for (const id of seen) expect(byId.get(id)).toMatchObject({ verdict: 'ids.complete', ...ids })
    // Those that were under way are there as what they are, or not at all.
    const others = listed.filter(({ id }) => !seen.includes(id))
    expect(others.length).toBeLessThanOrEqual(cutOff)
    for (const { verdict } of others) expect(['ids.complete', 'call.no_end']).toContain(verdict)
  }
  expect(seen.length).toBeGreaterThan(CLIENTS)
  const rebuilt = await runAgl(['reindex', '--data-dir', dataDir])
  expect(rebuilt.code, rebuilt.stderr).toBe(0)
  const server = await start()
  expect(await listAll(server)).toEqual(listed)
  await server.stop()
})
