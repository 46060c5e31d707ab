import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'

const key = '11111111-2222-4333-8444-555555555555'
const withKey = { 'x-agentops-api-key': key }
let next = 0
const newSession = () => `0d56da57-3f0a-4b44-9a52-${String(++next).padStart(12, '0')}`
const traceOf = (session: string) => session.replaceAll('-', '')

interface Answer {
  status: number
  body: unknown
  position: string | null
}

describe('the REST routes of AgentOps before 0.4', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await startServer({ args: ['--store', 'sqlite'] })
  })
  afterAll(() => server?.stop())

  async function send(
    path: string,
    value?: unknown,
    headers: Record<string, string> = {},
    method = 'POST',
  ): Promise<Answer> {
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(value === undefined ? {} : { body: typeof value === 'string' ? value : JSON.stringify(value) }),
    })
    const text = await answer.text()
    const body: unknown = text === '' ? undefined : JSON.parse(text)
    return { status: answer.status, body, position: answer.headers.get('x-agl-position') }
  }

  async function trace(session: string, after: string | null): Promise<Record<string, unknown>> {
    const { body } = await send(`/api/v1/traces/${traceOf(session)}?after=${after}`, undefined, {}, 'GET')
    return (body as { trace: Record<string, unknown> }).trace
  }

  const opening = (session_id: string, more: object = {}) => ({
    session: { session_id, init_timestamp: '2025-01-24T13:30:40.320715+00:00', ...more },
  })
  const open = async (session: string, more: object = {}): Promise<string> => {
    const { body } = await send('/v2/create_session', opening(session, more), withKey)
    return `Bearer ${(body as { jwt: string }).jwt}`
  }

  it('a session is opened, filled, updated and ended; its cost is told', async () => {
    const session = newSession()
    const opened = await send('/v2/create_session', opening(session), withKey)
    expect(opened).toMatchObject({
      status: 200,
      position: expect.stringMatching(/^\d+-\d+$/),
      body: { status: 'Success', session_url: `${server.url}/drilldown?session_id=${session}` },
    })
    const authorization = `Bearer ${(opened.body as { jwt: string }).jwt}`
    expect((await send('/v2/create_agent', { id: 'a', name: 'Ada' }, { authorization })).body).toBe('Success')
    expect((await send('/v2/create_thread', { id: 't', agent_id: 'a' }, { authorization })).body).toBe(
      'Success',
    )
    const events = [
      {
        event_type: 'llms',
        id: 'e1',
        agent_id: 'a',
        model: 'm',
        prompt_tokens: 5,
        completion_tokens: 2,
        cost: 0.0125,
      },
      { event_type: 'tools', id: 'e2', name: 'search' },
    ]
    expect((await send('/v2/create_events', { events }, { authorization })).body).toBe('Success')
    const tagged = await send('/v2/update_session', opening(session, { tags: ['x'] }), { authorization })
    expect(await trace(session, tagged.position)).toMatchObject({
      tags: ['x'],
      agent: 'Ada',
      calls: 1,
      tools: 1,
    })
    const end = { tags: ['y'], end_timestamp: '2025-01-24T13:31:40.320715+00:00', end_state: 'Success' }
    const ended = await send('/v2/update_session', opening(session, end), { authorization })
    expect(ended.body).toMatchObject({ status: 'success', token_cost: '0.0125' })
    const told = await trace(session, ended.position)
    expect(told).toMatchObject({ tags: ['y'], endState: 'Success', spans: 4, cost: 0.0125, totalTokens: 7 })

    const stats = await send(`/v2/sessions/${session}/stats`, undefined, withKey, 'GET')
    expect(stats.body).toEqual({
      events: 3,
      cost: '0.0125',
      prompt_tokens: 5,
      completion_tokens: 2,
      errors: 0,
    })
    const exported = await send(`/v2/sessions/${session}/export`, undefined, withKey, 'GET')
    expect(exported.body).toMatchObject({
      session: { session_id: session, tags: ['y'] },
      llms: [events[0]],
      tools: [events[1]],
      actions: [],
      errors: [],
    })
  })

  it('calls of a session can be travelled back to', async () => {
    const session = newSession()
    const authorization = await open(session)
    const messages = [{ role: 'user', content: 'hi' }]
    const events = [{ event_type: 'llms', id: 'e1', prompt: messages, returns: 'cached' }]
    const { position } = await send('/v2/create_events', { events }, { authorization })
    await trace(session, position)
    const row = { prompt: { type: 'chatml', messages }, returns: 'cached' }
    expect((await send(`/v2/ttd/${session}`, undefined, {}, 'GET')).body).toEqual([row])
    expect((await send('/v2/get_ttd', { ttd_id: session })).body).toEqual([row])
    expect((await send('/v2/ttd/unknown', undefined, {}, 'GET')).body).toEqual([])
  })

  it('console text of a session is attached to its trace', async () => {
    const session = newSession()
    const authorization = await open(session)
    const url = `${server.url}/v4/logs/${traceOf(session)}`
    const first = await send('/v2/update_logs', { logs: 'one\n' }, { authorization }, 'PUT')
    expect(first).toMatchObject({ status: 200, body: { status: 'success', logs_url: url } })
    const { position } = await send('/v2/update_logs', { logs: 'two\n' }, { authorization }, 'PUT')
    await trace(session, position)
    const read = await (await fetch(url)).json()
    expect(read).toMatchObject({ content: 'one\ntwo\n' })
  })

  it('a session may be opened again, and a token of another server still names its session', async () => {
    const session = newSession()
    await open(session)
    expect(await open(session)).toMatch(/^Bearer ey/)
    const again = await send('/v2/reauthorize_jwt', { session_id: session }, withKey)
    expect(again.body).toMatchObject({ jwt: expect.stringMatching(/^ey/) })
    const foreign = [
      '{"alg":"HS256","typ":"JWT"}',
      JSON.stringify({ session_id: session, exp: 1 }),
      'signature',
    ]
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.')
    const events = [{ event_type: 'actions', id: 'e1' }]
    const { status, position } = await send(
      '/v2/create_events',
      { events },
      { authorization: `Bearer ${foreign}` },
    )
    expect(status).toBe(200)
    expect(await trace(session, position)).toMatchObject({ spans: 2 })
  })

  it('an event is updated by sending it again', async () => {
    const session = newSession()
    const authorization = await open(session)
    const event = {
      event_type: 'llms',
      id: 'e1',
      model: 'm',
      init_timestamp: '2025-01-24T13:30:41.000000+00:00',
    }
    await send('/v2/create_events', { events: [event] }, { authorization })
    const update = { ...event, completion_tokens: 9, end_timestamp: '2025-01-24T13:30:42.000000+00:00' }
    const { position } = await send('/v2/update_events', { events: [update] }, { authorization })
    expect(await trace(session, position)).toMatchObject({ spans: 2, outputTokens: 9 })
  })

  it('one event that cannot be taken does not cost the others, and is counted', async () => {
    const session = newSession()
    const authorization = await open(session)
    const deep = `{"event_type":"actions","params":${'['.repeat(10_000)}${']'.repeat(10_000)}}`
    const { status, position } = await send(
      '/v2/create_events',
      `{"events":[${deep},7,{"event_type":"actions","id":"good"}]}`,
      { authorization },
    )
    expect(status).toBe(200)
    expect(await trace(session, position)).toMatchObject({ spans: 2 })
    const report = (await send('/api/v1/status', undefined, {}, 'GET')).body as {
      requests: { refused: { what: string }[] }
    }
    expect(report.requests.refused.map(({ what }) => what)).toContain('AGL_SPAN_REJECTED')
  })

  it('a batch of megabytes is taken whole, and is the same when it comes again', async () => {
    const session = newSession()
    const authorization = await open(session)
    // Without ids, as before 0.1; some are equal.
    const events = Array.from({ length: 3000 }, (_, at) => ({
      event_type: 'step',
      params: { at: at % 1000, text: 'x'.repeat(1000) },
      init_timestamp: '2025-01-24T13:30:41.000Z',
    }))
    await send('/v2/create_events', { session_id: session, events }, { authorization })
    const { position } = await send('/v2/create_events', { session_id: session, events }, { authorization })
    expect(await trace(session, position)).toMatchObject({ spans: 3001 })
  })

  it('errors of the SDK itself are taken', async () => {
    const error = { sdk_version: '0.2.6', type: 'ValueError', message: 'x', stack_trace: '…', host_env: {} }
    expect(await send('/v2/developer_errors', error, withKey)).toMatchObject({ status: 204, body: undefined })
    const old = await send('/developer_errors', error, { 'x-agentops-auth': 'k' })
    expect(old).toMatchObject({ status: 200, body: { status: 'success' } })
  })

  it('errors of the SDK itself are read beside the console text of their session', async () => {
    const session = newSession()
    const authorization = await open(session)
    const error = {
      sdk_version: '0.2.6',
      type: 'ValueError',
      message: 'no clock',
      stack_trace: ['line 1', 'line 2'],
      session_id: session,
    }
    const sent = await send('/v2/developer_errors', error, { authorization })
    const { body } = await send(
      `/api/v1/traces/${traceOf(session)}/console?after=${sent.position}`,
      undefined,
      {},
      'GET',
    )
    expect(body).toMatchObject({
      logs: [{ text: 'agentops 0.2.6 failed itself: ValueError: no clock\nline 1\nline 2' }],
    })
  })

  it.each([
    ['/v2/create_session', opening('x'), {}, 400, 'Invalid API key format'],
    ['/v2/create_session', { session: {} }, withKey, 400, 'Error posting session: Invalid Session Id'],
    ['/v2/create_events', { events: [{}] }, {}, 400, 'Error posting event: Bearer Token is Missing'],
    ['/v2/create_events', { events: [7] }, withKey, 400, 'Error posting event: an event is not an object'],
    ['/v2/create_events', { events: [{}] }, withKey, 400, 'Error posting event: Invalid Session Id'],
    ['/v2/create_agent', { id: 'a' }, withKey, 400, 'Error posting agent: Invalid Session Id'],
    ['/sessions', opening('x'), {}, 400, 'Invalid API key format'],
    ['/events', '{"events":[', { 'x-agentops-auth': 'k' }, 400, /not a valid AgentOps message/],
    ['/events', '[]', { 'x-agentops-auth': 'k' }, 400, /an object was expected/],
  ])(
    '%s with %j is refused in the words of the hosted API',
    async (path, value, headers, status, message) => {
      const answer = await send(path, value, headers as Record<string, string>)
      expect(answer).toMatchObject({
        status,
        body: { path, message: typeof message === 'string' ? message : expect.stringMatching(message) },
      })
    },
  )
})

describe('a server that demands a key', () => {
  it('takes the routes before 0.4 with that key or with a token that it gave for it', async () => {
    const server = await startServer({ args: ['--store', 'memory', '--api-key', key, '--require-key'] })
    const post = (path: string, value: unknown, headers: Record<string, string>) =>
      fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(value) })
    const session = { session: { session_id: newSession(), init_timestamp: '2025-01-24T13:30:40+00:00' } }
    expect((await post('/v2/create_session', session, { 'x-agentops-api-key': 'wrong' })).status).toBe(401)
    expect((await post('/sessions', session, { 'x-agentops-auth': key })).status).toBe(200)
    const opened = await post('/v2/create_session', session, withKey)
    const { jwt } = (await opened.json()) as { jwt: string }
    const events = { events: [{ event_type: 'actions', id: 'e' }] }
    expect((await post('/v2/create_events', events, { authorization: `Bearer ${jwt}` })).status).toBe(200)
    expect((await post('/v2/create_events', events, { authorization: `Bearer ${jwt}x` })).status).toBe(401)
    await server.stop()
  })
})
