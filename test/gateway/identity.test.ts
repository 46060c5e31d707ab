// What a client gets through the gateway is what it gets without it, byte for byte.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { type Answer, request } from '../support/http.ts'
import { runSeed, seededRandom } from '../support/random.ts'
import { gatewayRecords } from './records.ts'
import { recording, type StandIn, startStandIn } from './stand-in.ts'

const seed = runSeed('identity')
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

const messages = [{ role: 'user', content: 'hello world' }]
const tools = [{ type: 'function', function: { name: 'f', parameters: {} } }]
const requests: Record<string, readonly [string, object]> = {
  chat: ['/v1/chat/completions', { model: 'tiny', messages }],
  'chat, streamed': ['/v1/chat/completions', { model: 'tiny', messages, stream: true }],
  'chat, two choices': ['/v1/chat/completions', { model: 'tiny', messages, n: 2 }],
  'chat, two choices, streamed': ['/v1/chat/completions', { model: 'tiny', messages, n: 2, stream: true }],
  'chat, tools': ['/v1/chat/completions', { model: 'tiny', messages, tools }],
  'chat, tools, streamed': ['/v1/chat/completions', { model: 'tiny', messages, tools, stream: true }],
  'chat, logprobs, streamed': [
    '/v1/chat/completions',
    { model: 'tiny', messages, logprobs: true, stream: true },
  ],
  'chat that asks for ids itself': [
    '/v1/chat/completions',
    { model: 'tiny', messages, return_token_ids: true },
  ],
  'chat that asks for ids itself, streamed': [
    '/v1/chat/completions',
    { model: 'tiny', messages, return_token_ids: true, stream: true },
  ],
  completions: ['/v1/completions', { model: 'tiny', prompt: 'a' }],
  'completions, streamed': ['/v1/completions', { model: 'tiny', prompt: 'a', stream: true }],
  messages: ['/v1/messages', { model: 'tiny', messages, max_tokens: 9 }],
  'messages, streamed': ['/v1/messages', { model: 'tiny', messages, max_tokens: 9, stream: true }],
  'an error': ['/v1/chat/completions', { model: 'too-long', messages }],
  'an error with a status of its own': ['/v1/chat/completions', { model: 'status-418', messages }],
  'JSON that is none': ['/v1/chat/completions', { model: 'odd-json', messages }],
  'another path': ['/tokenize', { model: 'tiny', prompt: 'a' }],
}

/** Headers that belong to a connection or its clock. */
function lasting({ headers }: Answer): object {
  const {
    date,
    connection,
    'keep-alive': _,
    'transfer-encoding': __,
    'content-length': ___,
    ...rest
  } = headers
  const { 'x-agl-call-id': ____, ...others } = rest
  return others
}

function post(port: number, path: string, body: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-mine' }
  return request({ port }, { method: 'POST', path, headers, body })
}

describe('through the gateway as without it', () => {
  it.each(Object.entries(requests))('%s', async (_, [path, value]) => {
    const random = seededRandom(seed)
    const body = JSON.stringify(value)
    const port = Number(new URL(upstream.url).port)
    for (let round = 0; round < 10; round++) {
      const largest = [1e9, 1e9, 400, 60, 7][round % 5] as number
      upstream.chunk = () => Math.ceil(random() * largest)
      const direct = await post(port, path, body)
      const through = await post(server.port, `/gateway${path}`, body)
      expect(through.status).toBe(direct.status)
      expect(through.body.toString()).toBe(direct.body.toString())
      expect(lasting(through)).toEqual(lasting(direct))
    }
  })

  it('also for what is no JSON, and for other methods', async () => {
    upstream.chunk = () => 1e9
    const port = Number(new URL(upstream.url).port)
    for (const [method, path, body] of [
      ['POST', '/v1/chat/completions', '{"model": "tiny", oops'],
      ['PUT', '/files/1', 'bytes'],
      ['DELETE', '/files/1?really=yes', ''],
      ['PATCH', '/x', '[1]'],
    ] as const) {
      const direct = await request({ port }, { method, path, body })
      const through = await request(server, { method, path: `/gateway${path}`, body })
      expect([through.status, through.body.toString()]).toEqual([direct.status, direct.body.toString()])
    }
    const direct = await request({ port }, { path: '/v1/models' })
    expect((await request(server, { path: '/gateway/v1/models' })).body).toEqual(direct.body)
  })

  it('keeps the reply as the upstream sent it, with the ids, in both records', async () => {
    upstream.chunk = () => 1e9
    const body = '{ "model": "tiny",\n "messages": [{"role":"user","content":"kept"}] }'
    const answer = await post(server.port, '/gateway/v1/chat/completions', body)
    expect(answer.body.toString()).toContain('"token_ids":null')
    const callId = answer.headers['x-agl-call-id']
    const { starts, ends } = gatewayRecords(server.dataDir)
    const start = starts.find(({ head }) => head.callId === callId)
    const end = ends.find(({ head }) => head.callId === callId)
    expect(start?.body).toBe(body)
    expect(end?.body).toBe(recording('vllm-0.32.0', 'chat-ids.response.json'))
    expect(end?.header.ref).toBe(start?.position)
    expect(end?.head).toMatchObject({
      outcome: 'complete',
      status: 200,
      backend: 'vllm',
      upstream: 'tiny',
      added: ['return_token_ids'],
      dialect: 'chat',
      model: 'tiny',
      stream: false,
      truncated: false,
    })
    expect(JSON.stringify([start?.head, end?.head])).not.toContain('sk-mine')
    expect(JSON.stringify(end?.head.responseHeaders)).not.toContain('a=1')
  })
})
