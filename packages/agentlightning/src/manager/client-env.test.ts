import { expect, test } from 'vitest'
import { clientEnv, directEnv } from './client-env.ts'

const url = 'http://localhost:8002'

test('a client of an open server gets a key that every SDK version takes', () => {
  const env = clientEnv({ url, config: { apiKey: undefined } }, {})
  expect(env).toEqual({
    AGENTOPS_API_KEY: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    AGENTOPS_API_ENDPOINT: url,
    AGENTOPS_EXPORTER_ENDPOINT: `${url}/v1/traces`,
    AGENTOPS_APP_URL: url,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  })
})

test('a key stands in the path of the exporters, which may send before they have a token', () => {
  const env = clientEnv({ url, config: { apiKey: 'a/b c' } }, {})
  expect(env).toMatchObject({
    AGENTOPS_API_KEY: 'a/b c',
    AGENTOPS_API_ENDPOINT: url,
    AGENTOPS_EXPORTER_ENDPOINT: `${url}/k/a%2Fb%20c/v1/traces`,
    OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/k/a%2Fb%20c`,
  })
})

test('with a proxy, local hosts are added to those that pass it by', () => {
  const direct = 'localhost,127.0.0.1,::1'
  expect(directEnv({})).toEqual({})
  expect(directEnv({ https_proxy: 'http://p' })).toEqual({ NO_PROXY: direct, no_proxy: direct })
  const kept = `intern, localhost`
  const all = 'intern,localhost,127.0.0.1,::1'
  expect(directEnv({ HTTP_PROXY: 'http://p', NO_PROXY: kept })).toEqual({ NO_PROXY: all, no_proxy: all })
  expect(directEnv({ HTTP_PROXY: 'http://p', NO_PROXY: '*' })).toEqual({})
})
