import { expect, it } from 'vitest'
import { isSecretHeader, recordedHeaders, recordedPath, replyHeaders, upstreamHeaders } from './headers.ts'

const own = { instanceId: 'me', authorize: undefined, keepEncoding: true } as const
const always = ['accept-encoding', 'identity', 'x-agl-instance', 'me']

it('what belongs to one connection, or to this server, stays here', () => {
  const raw = ['Host', 'here', 'Connection', 'keep-alive, X-Once', 'X-Once', '1', 'Content-Length', '3']
  const more = [
    'X-Agl-Run',
    'r',
    'Accept-Encoding',
    'gzip',
    'Authorization',
    'Bearer a',
    'X-Two',
    '1',
    'X-Two',
    '2',
  ]
  expect(upstreamHeaders([...raw, ...more], own)).toEqual([
    ...always,
    ...['Authorization', 'Bearer a', 'X-Two', '1', 'X-Two', '2'],
  ])
})

it('credentials are replaced whichever way they came', () => {
  const raw = ['authorization', 'Bearer ours', 'X-API-Key', 'ours', 'Content-Encoding', 'gzip']
  const authorize = [['authorization', 'Bearer theirs']] as const
  expect(upstreamHeaders(raw, { ...own, authorize, keepEncoding: false })).toEqual([
    ...always,
    'authorization',
    'Bearer theirs',
  ])
})

it('a reply keeps its headers, in order and doubled ones too', () => {
  const raw = [
    'Date',
    'now',
    'Set-Cookie',
    'a',
    'Content-Length',
    '1',
    'set-cookie',
    'b',
    'Content-Encoding',
    'gzip',
  ]
  expect(replyHeaders(raw)).toEqual(['Set-Cookie', 'a', 'set-cookie', 'b', 'Content-Encoding', 'gzip'])
  expect(replyHeaders(['content-encoding', 'identity', 'Transfer-Encoding', 'chunked'])).toEqual([])
})

it.each([
  ...[
    'authorization',
    'proxy-authorization',
    'cookie',
    'set-cookie',
    'x-api-key',
    'api-key',
    'x-goog-api-key',
  ],
  ...['x-auth-token', 'x-agentops-api-key', 'x-agl-path-key', 'x-agl-secret', 'x-amz-security-token'],
])('%s is not kept', (name) => {
  expect(isSecretHeader(name)).toBe(true)
  expect(recordedHeaders([name.toUpperCase(), 'v', 'X-Other', 'w'])).toEqual([['x-other', 'w']])
})

it('a key in the query is not kept', () => {
  expect(recordedPath('/v1/x?key=abc&a=1&api-key=d')).toBe('/v1/x?key=-&a=1&api-key=-')
  expect(recordedPath('/v1/x?monkey=abc')).toBe('/v1/x?monkey=abc')
})
