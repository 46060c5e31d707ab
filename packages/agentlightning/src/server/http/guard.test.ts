import { expect, test } from 'vitest'
import { projectOfKey } from '../../agentops/projects.ts'
import { createTokens } from '../../agentops/tokens.ts'
import { defaultGatewaySettings } from '../../gateway/settings.ts'
import { defaultLimits, type ServerConfig } from '../config.ts'
import { checkHost, checkOrigin, identify } from './guard.ts'
import { PATH_KEY_HEADER, rewriteUrl } from './rewrite-url.ts'

const base: ServerConfig = {
  host: 'localhost',
  port: 8002,
  portPolicy: 'exact',
  grpcPort: undefined,
  otlpPorts: false,
  dataDir: '',
  store: 'sqlite',
  logLevel: 'info',
  apiKey: undefined,
  requireKey: false,
  insecure: false,
  allowHosts: [],
  allowOrigins: [],
  maxDiskBytes: 0,
  limits: defaultLimits,
  gateway: defaultGatewaySettings,
}
const tokens = createTokens(Buffer.alloc(32, 1), Date.now)

test.each(['localhost:8002', '127.0.0.1:8002', '[::1]:8002', '192.168.1.7', 'a.localhost'])(
  'Host %s is answered',
  (host) => {
    expect(() => checkHost(base, host)).not.toThrow()
  },
)

test.each(['evil.example', 'evil.example:8002', 'localhost.evil.example'])(
  'Host %s is refused, and the flag named',
  (host) => {
    expect(() => checkHost(base, host)).toThrow(expect.objectContaining({ code: 'AGL_HOST_REFUSED' }))
    expect(() => checkHost({ ...base, allowHosts: [host] }, host)).not.toThrow()
  },
)

test('a page of another origin is refused, our own and an allowed one are not', () => {
  const host = 'localhost:8002'
  expect(checkOrigin(base, { host, origin: 'http://localhost:8002' })).toBeUndefined()
  expect(() => checkOrigin(base, { host, origin: 'http://localhost:3000' })).toThrow(/localhost:3000/)
  expect(() => checkOrigin(base, { host, origin: 'null' })).toThrow()
  const allowed = { ...base, allowOrigins: ['http://localhost:3000'] }
  expect(checkOrigin(allowed, { host, origin: 'http://localhost:3000' })).toBe('http://localhost:3000')
})

test('without a configured key every sender is taken, and known where it says who it is', () => {
  const key = '6b7a1469-bdcb-4d47-85ba-c4824bc8486e'
  const { project, keyHash } = projectOfKey(key)
  expect(identify(base, tokens, {})).toEqual({ project: undefined, source: 'none', keyHash: undefined })
  expect(identify(base, tokens, { authorization: 'Bearer None' }).source).toBe('none')
  const authorization = `Bearer ${tokens.issue(project, keyHash)}`
  expect(identify(base, tokens, { authorization })).toEqual({ project, source: 'token', keyHash })
  expect(identify(base, tokens, { 'x-api-key': key })).toEqual({ project, source: 'key', keyHash })
  expect(identify(base, tokens, { [PATH_KEY_HEADER]: key })).toEqual({ project, source: 'path', keyHash })
})

test('with a demanded key only that key, or a token for it, is taken', () => {
  const config = { ...base, apiKey: 'secret', requireKey: true }
  for (const headers of [{}, { authorization: 'Bearer wrong' }, { 'x-api-key': 'secre' }]) {
    expect(() => identify(config, tokens, headers)).toThrow(
      expect.objectContaining({ code: 'AGL_UNAUTHORIZED' }),
    )
  }
  expect(identify(config, tokens, { 'x-api-key': 'secret' }).source).toBe('key')
  expect(identify(config, tokens, { authorization: 'Bearer secret' }).source).toBe('key')
  expect(identify(config, tokens, { [PATH_KEY_HEADER]: 'secret' }).source).toBe('path')
})

test.each([
  ['//v3/auth/token', '/v3/auth/token'],
  ['/v1//traces/', '/v1/traces/'],
  ['http://localhost:8002/v1/traces?x=//1', '/v1/traces?x=//1'],
  ['', '/'],
])('the URL %s is read as %s', (url, expected) => {
  expect(rewriteUrl({ url, headers: {} })).toBe(expected)
})

test('a key in the path is taken out of the URL; one from outside is not believed', () => {
  const headers = { [PATH_KEY_HEADER]: 'forged' }
  expect(rewriteUrl({ url: '/k/my%20key/v1/traces', headers })).toBe('/v1/traces')
  expect(headers[PATH_KEY_HEADER]).toBe('my key')
  const forged: Record<string, string> = { [PATH_KEY_HEADER]: 'forged' }
  rewriteUrl({ url: '/v1/traces', headers: forged })
  expect(forged[PATH_KEY_HEADER]).toBeUndefined()
})
