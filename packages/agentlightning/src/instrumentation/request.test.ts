import { describe, expect, it } from 'vitest'
import { flagAfter } from './flag.ts'
import {
  goesToGateway,
  type ModelRequest,
  modelRequest,
  refusalKey,
  withFlag,
  withTraceparent,
} from './request.ts'

const post = (body: unknown, more: RequestInit = {}): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  ...more,
})
const chat = 'http://127.0.0.1:8000/v1/chat/completions'

function flagged(url: string, init: RequestInit): unknown {
  const request = modelRequest(url, init)
  return request && withFlag(request, init, 'return_token_ids')?.body
}

describe('modelRequest', () => {
  it.each([
    [chat, 'chat'],
    ['https://host/openai/deployments/d/chat/completions?api-version=1', 'chat'],
    ['http://h/v1/completions', 'completions'],
    ['http://h/v1/responses', 'responses'],
    ['http://h/v1/embeddings', undefined],
    ['http://h/v1/chat/completions/extra', undefined],
    ['/v1/chat/completions', undefined],
  ])('%s is %s', (url, api) => {
    expect(modelRequest(url, post({}))?.api).toBe(api)
  })

  it('is made by POST alone, with a URL of any kind', () => {
    expect(modelRequest(chat, undefined)).toBeUndefined()
    expect(modelRequest(new URL(chat), post({}))?.url.port).toBe('8000')
    const request = new Request(chat, post({}, { headers: { 'User-Agent': 'Agents/JavaScript 1' } }))
    expect(modelRequest(request, undefined)).toMatchObject({ api: 'chat', userAgent: 'Agents/JavaScript 1' })
  })

  it.each(['', '{', '[]', 'null', '3'])('reads nothing out of the body %j', (body) => {
    expect(modelRequest(chat, post({}, { body }))?.body).toEqual({})
  })
})

describe('withFlag', () => {
  it('writes the flag at the end of the body, which is otherwise as it was', () => {
    expect(flagged(chat, post({}, { body: '{ "model": "m",\n "x": "}" }\n' }))).toBe(
      '{ "model": "m",\n "x": "}" ,"return_token_ids":true}',
    )
  })

  it.each([
    ['https://api.openai.com/v1/chat/completions'],
    ['https://mine.openai.azure.com/openai/deployments/d/chat/completions'],
    ['https://api.groq.com/openai/v1/chat/completions'],
  ])('asks nothing of %s', (url) => {
    expect(flagged(url, post({ model: 'm' }))).toBeUndefined()
    expect(flagged(url.replace('.com', '.com.local'), post({ model: 'm' }))).toContain('return_token_ids')
  })

  it('leaves a body alone that is no text', () => {
    expect(flagged(chat, { method: 'POST', body: new TextEncoder().encode('{"model":"m"}') })).toBeUndefined()
  })
})

describe('a refusal', () => {
  it('is about the flag when it names it', () => {
    const unexpected = "Unexpected fields in the request: {'return_token_ids'}"
    expect(flagAfter('return_token_ids', 422, unexpected)).toBeUndefined()
    expect(flagAfter('return_token_ids', 400, 'too long')).toBe('return_token_ids')
    expect(flagAfter('return_token_ids', 500, 'return_token_ids')).toBe('return_token_ids')
  })

  it('of SGLang’s chat streams is answered in its own way, unless that is refused, too', () => {
    const said = 'return_token_ids is not supported with streaming on /v1/chat/completions.'
    expect(flagAfter('return_token_ids', 400, said)).toBe('sglext')
    expect(flagAfter('sglext', 400, said)).toBe('sglext')
    expect(flagAfter('sglext', 422, 'unknown: return_output_ids_in_sglext')).toBeUndefined()
  })

  it('counts for streams and plain calls apart', () => {
    const keys = [true, false].map((stream) => {
      const request = modelRequest(chat, post({ stream }))
      return request && refusalKey(request)
    })
    expect(keys).toEqual([`${chat} streamed`, `${chat} plain`])
  })
})

describe('the header that names the span', () => {
  it.each([
    ['http://localhost:8002/gateway/r/run-1/v1/chat/completions', true],
    ['http://10.0.0.1:9/rollout/r%2F1/attempt/0/v1/responses', true],
    ['http://h/gateway/v1/completions', true],
    [chat, false],
    ['https://api.openai.com/v1/chat/completions', false],
  ])('belongs to a call of %s: %s', (url, expected) => {
    const request = modelRequest(url, post({})) as ModelRequest
    expect(goesToGateway(request, 'http://localhost:8002')).toBe(expected)
  })

  it('is put beside the headers of the program, whose own it never replaces', () => {
    const header = '00-1-2-01'
    for (const headers of [{ X: '1' }, new Headers({ X: '1' }), [['X', '1']] as [string, string][]])
      expect(withTraceparent({ headers }, header)).toEqual({ headers: { x: '1', traceparent: header } })
    const own = { headers: { Traceparent: 'mine' } }
    expect(withTraceparent(own, header)).toBe(own)
    expect(withTraceparent(undefined, header)).toBeUndefined()
  })
})
