import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'

const key = '11111111-2222-4333-8444-555555555555'
const traceId = '5b8efff798038103d269b633813fc60c'
const [root, call] = ['00f067aa0ba902b7', '144c4d7ad1b19209']

const text = (name: string, stringValue: string) => ({ key: name, value: { stringValue } })
const body = {
  resourceSpans: [
    {
      resource: { attributes: [text('service.name', 'svc')] },
      scopeSpans: [
        {
          scope: { name: 'agentops' },
          spans: [
            {
              traceId,
              spanId: root,
              name: 'run.session',
              kind: 1,
              startTimeUnixNano: '1755264786000000000',
              endTimeUnixNano: '1755264788500000000',
              attributes: [
                text('agentops.span.kind', 'session'),
                text('agentops.tags', '["a","b"]'),
                text('agentops.session.end_state', 'Success'),
              ],
            },
            {
              traceId,
              spanId: call,
              parentSpanId: root,
              name: 'openai.chat.completion',
              kind: 3,
              startTimeUnixNano: '1755264786210634039',
              endTimeUnixNano: '1755264786210750732',
              status: { code: 1 },
              attributes: [
                text('gen_ai.request.model', 'gpt-4'),
                text('gen_ai.prompt.0.role', 'user'),
                text('gen_ai.prompt.0.content', 'hi'),
                text('gen_ai.prompt.1.role', 'assistant'),
                text('gen_ai.prompt', 'a leaf where a branch is'),
                { key: 'gen_ai.usage.prompt_tokens', value: { intValue: '3' } },
                { key: 'gen_ai.usage.completion_tokens', value: { intValue: '4' } },
                { key: 'gen_ai.usage.reasoning_tokens', value: { intValue: '2' } },
                { key: 'gen_ai.usage.total_cost', value: { doubleValue: 0.00125 } },
                { key: 'gen_ai.usage.prompt_cost', value: { doubleValue: 0.001 } },
                { key: 'gen_ai.usage.completion_cost', value: { stringValue: '0.00025' } },
                { key: '__proto__.polluted', value: { boolValue: true } },
              ],
            },
          ],
        },
      ],
    },
  ],
}

describe('the public read API of AgentOps', () => {
  let server: TestServer
  let bearer: string

  const post = (path: string, value: unknown, headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof value === 'string' ? value : JSON.stringify(value),
    })
  const get = (path: string, authorization = `Bearer ${bearer}`) =>
    fetch(`${server.url}/public/v1${path}`, { headers: authorization === '' ? {} : { authorization } })
  const tokenOf = async (api_key: string) =>
    ((await (await post('/public/v1/auth/access_token', { api_key })).json()) as { bearer: string }).bearer

  beforeAll(async () => {
    server = await startServer({ args: ['--store', 'sqlite'] })
    bearer = await tokenOf(key)
    const answer = await post('/v1/traces', body, { authorization: `Bearer ${bearer}` })
    expect(answer.status).toBe(200)
    await fetch(`${server.url}/api/v1/position?wait=1`)
  })
  afterAll(() => server?.stop())

  it('names the project of the token', async () => {
    expect(await (await get('/project')).json()).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: expect.stringMatching(/^project-/),
    })
  })

  it('gives a trace with the nested attributes of its spans', async () => {
    const answer = (await (await get(`/traces/${traceId}`)).json()) as {
      tags: string[]
      spans: Record<string, unknown>[]
    }
    expect(answer).toMatchObject({ trace_id: traceId, tags: ['a', 'b'] })
    expect(answer.spans).toMatchObject([
      {
        span_id: root,
        parent_span_id: '',
        span_kind: 'Internal',
        start_time: '2025-08-15T13:33:06+00:00',
        end_time: '2025-08-15T13:33:08.500000+00:00',
        duration: 2_500_000_000,
        status_code: 'UNSET',
        span_attributes: { agentops: { span: { kind: 'session' } } },
      },
      {
        span_id: call,
        parent_span_id: root,
        span_kind: 'Client',
        start_time: '2025-08-15T13:33:06.210634+00:00',
        duration: 116_693,
        status_code: 'OK',
        span_attributes: {
          gen_ai: {
            prompt: [{ role: 'user', content: 'hi' }, { role: 'assistant' }],
            usage: { prompt_tokens: '3' },
          },
          'gen_ai.prompt': 'a leaf where a branch is',
        },
      },
    ])
  })

  it('gives sums with costs as texts of seven decimals', async () => {
    expect(await (await get(`/traces/${traceId}/metrics`)).json()).toMatchObject({
      span_count: 2,
      success_count: 1,
      fail_count: 0,
      prompt_tokens: 3,
      completion_tokens: 4,
      reasoning_tokens: 2,
      total_tokens: 7,
      prompt_cost: '0.0010000',
      completion_cost: '0.0002500',
      total_cost: '0.0012500',
    })
    expect(await (await get(`/spans/${call}/metrics`)).json()).toMatchObject({
      total_tokens: 7,
      success_tokens: 7,
      fail_tokens: 0,
      prompt_cost: '0.0010000',
      completion_cost: '0.0002500',
      total_cost: '0.0012500',
    })
    expect(await (await get(`/spans/${root}/metrics`)).json()).toMatchObject({ total_tokens: 0 })
  })

  it('gives a span by its id alone', async () => {
    expect(await (await get(`/spans/${call}`)).json()).toMatchObject({
      span_id: call,
      service_name: 'svc',
      resource_attributes: { service: { name: 'svc' } },
      span_attributes: { gen_ai: { request: { model: 'gpt-4' } } },
    })
  })

  it.each([
    ['/project', '', 400, 'Missing or invalid Authorization header'],
    ['/project', 'Bearer nonsense', 400, 'Invalid Bearer token'],
    ['/traces/ffffffffffffffffffffffffffffffff', undefined, 404, 'Trace not found'],
    ['/traces/nonsense/metrics', undefined, 404, 'Trace not found'],
    ['/spans/ffffffffffffffff', undefined, 404, 'Span not found'],
  ])('%s with «%s» is answered with %i', async (path, authorization, status, detail) => {
    const answer = await get(path, authorization)
    expect([answer.status, await answer.json()]).toEqual([status, { detail }])
  })

  it('shows nothing to the key of another project', async () => {
    const other = await tokenOf('99999999-2222-4333-8444-555555555555')
    for (const path of [`/traces/${traceId}`, `/traces/${traceId}/metrics`, `/spans/${call}`])
      expect((await get(path, `Bearer ${other}`)).status).toBe(404)
  })

  it('asks for a key', async () => {
    const answer = await post('/public/v1/auth/access_token', { api_key: ' ' })
    expect([answer.status, await answer.json()]).toEqual([400, { detail: 'api_key is required' }])
    expect((await post('/public/v1/auth/access_token', '')).status).toBe(422)
    expect((await post('/public/v1/auth/access_token', '{"broken')).status).toBe(400)
  })
})
