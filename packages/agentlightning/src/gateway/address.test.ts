import { expect, it } from 'vitest'
import { dialectOf, parseAddress, upstreamPath } from './address.ts'

it.each([
  ['/gateway/v1/chat/completions?a=1', { path: '/v1/chat/completions?a=1', dialect: 'chat' }],
  ['/gateway/chat/completions', { path: '/v1/chat/completions', dialect: 'chat' }],
  ['/gateway/generate', { path: '/generate', dialect: 'generate' }],
  ['/gateway/r/a%20b/v1/responses', { run: 'a b', path: '/v1/responses', dialect: 'responses' }],
  [
    '/rollout/r/attempt/a/v1/messages',
    { rollout: 'r', attempt: 'a', path: '/v1/messages', dialect: 'messages' },
  ],
  [
    '/proxy/rollout/r/attempt/a/mode/val/openai/v1/completions',
    { rollout: 'r', attempt: 'a', mode: 'val', path: '/v1/completions', dialect: 'completions' },
  ],
  ['/gateway/v1/messages/count_tokens', { path: '/v1/messages/count_tokens', dialect: 'other' }],
])('%s is read', (url, expected) => {
  expect(parseAddress(url)).toEqual(expected)
})

it.each([
  '/gateway',
  '/gatewayx/v1',
  '/rollout/r/v1',
  '/proxy/pause',
  '/proxy/rollout/r/attempt/a/openai/v1',
  '/v1/traces',
])('%s is none of the gateway', (url) => {
  expect(parseAddress(url)).toBeUndefined()
})

it.each([
  ['http://h:1', '/v1/chat/completions', '/v1/chat/completions'],
  ['http://h:1/', '/v1/models?x', '/v1/models?x'],
  ['http://h:1/v1', '/v1/models', '/v1/models'],
  ['http://h:1/v1/', '/v1/messages', '/v1/messages'],
  ['http://h:1/v1', '/generate', '/generate'],
  ['http://h:1/team/v1', '/v1/models', '/team/v1/models'],
  ['http://h:1/v1beta/openai', '/v1/chat/completions', '/v1beta/openai/chat/completions'],
  ['http://h:1/anthropic', '/v1/messages', '/anthropic/v1/messages'],
  ['http://h:1/v1', '/v10/x', '/v10/x'],
])('on %s the path %s is %s', (base, path, expected) => {
  expect(upstreamPath(base, path)).toEqual({ origin: 'http://h:1', path: expected })
})

it('the dialect does not depend on what stands before or behind it', () => {
  expect(dialectOf('/v1/embeddings/?x=/chat/completions')).toBe('embeddings')
  expect(dialectOf('/v1/images/generate')).toBe('other')
})
