import { describe, expect, it } from 'vitest'
import { clientEnv } from '../../manager/client-env.ts'
import type { Environment } from '../facts.ts'
import { checkEnvironment, type Target } from './environment.ts'

const server: Target = {
  url: 'http://localhost:8002',
  config: { apiKey: undefined },
  ports: [8002, 4318, 4317],
  hasUpstream: true,
  demandsKey: false,
}
const right = clientEnv(server, {})
const found = (env: Environment) => checkEnvironment(env, server)
const codes = (env: Environment) => found(env).map(({ code }) => code)

describe('a shell', () => {
  it('with the variables of this server is in order, without any it is told how to get them', () => {
    expect(codes(right)).toEqual(['env.ok'])
    expect(codes({})).toEqual(['env.unset'])
    expect(codes({ ...right, AGENTOPS_API_ENDPOINT: 'http://127.0.0.1:4318/' })).toEqual(['env.ok'])
  })

  it('without a server is only told what needs none', () => {
    expect(checkEnvironment({ AGENTOPS_API_ENDPOINT: 'http://localhost:1' }, undefined)).toEqual([])
    expect(checkEnvironment({ OTEL_SDK_DISABLED: 'true' }, undefined)).toMatchObject([
      { code: 'env.switched_off' },
    ])
  })

  it.each([
    ['AGENTOPS_API_ENDPOINT', 'https://api.agentops.ai', 'http://localhost:8002'],
    ['AGENTOPS_EXPORTER_ENDPOINT', 'http://localhost:9999/v1/traces', 'http://localhost:8002/v1/traces'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4318', 'http://localhost:8002'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'localhost:8002', 'http://localhost:8002/v1/traces'],
  ])('that sends %s to %s is told where to send', (name, value, wanted) => {
    expect(found({ ...right, [name]: value })).toMatchObject([
      { code: 'env.elsewhere', subject: name, todo: expect.stringContaining(`${wanted} or`) },
    ])
  })

  it('is told that an exporter endpoint is a whole URL, and that there must be one', () => {
    expect(found({ ...right, AGENTOPS_EXPORTER_ENDPOINT: 'http://localhost:8002' })).toMatchObject([
      { code: 'env.exporter_path', subject: 'AGENTOPS_EXPORTER_ENDPOINT' },
    ])
    expect(codes({ AGENTOPS_API_ENDPOINT: server.url })).toEqual(['env.exporter_missing'])
  })

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', '/v1/traces', 'info', 'only spans arrive'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', '/v1/metrics/', 'warn', 'not there'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', '/k/secret/v1/traces', 'info', 'only spans arrive'],
    ['AGENTOPS_API_ENDPOINT', '/v3', 'warn', 'not there'],
  ])('is told of %s with the path %s, which clients add to', (name, path, level, effect) => {
    expect(found({ ...right, [name]: server.url + path })[0]).toMatchObject({
      code: 'env.endpoint_path',
      level,
      sentence: expect.stringContaining(effect),
      todo: 'Set it to http://localhost:8002',
    })
    expect(codes({ ...right, [name]: `${server.url}/k/secret` })).toEqual(['env.ok'])
  })

  it('is told that there is no TLS', () => {
    const names = ['AGENTOPS_API_ENDPOINT', 'AGENTOPS_EXPORTER_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT']
    for (const name of [...names, 'OPENAI_BASE_URL'])
      expect(found({ ...right, [name]: 'https://localhost:8002/gateway/v1' })).toMatchObject([
        { code: 'env.tls', subject: name, todo: expect.stringContaining('http://localhost:8002') },
      ])
  })

  it('is told that its key is another one, where one is demanded', () => {
    const locked = { ...server, config: { apiKey: 'secret' }, demandsKey: true }
    const env = clientEnv(locked, {})
    const codesOf = (more: Environment) =>
      checkEnvironment({ ...env, ...more }, locked).map(({ code }) => code)
    expect(codesOf({})).toEqual(['env.ok'])
    expect(codesOf({ AGENTOPS_API_KEY: 'other' })).toEqual(['env.key'])
    expect(codes({ ...right, AGENTOPS_API_KEY: 'other' })).toEqual(['env.ok'])
    const elsewhere = { AGENTOPS_API_KEY: 'other', AGENTOPS_API_ENDPOINT: 'https://api.agentops.ai' }
    expect(codesOf(elsewhere)).toEqual(['env.elsewhere'])
  })

  it('may use either protocol at every port, but gRPC has no path for a key', () => {
    const protocol = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }
    for (const port of server.ports) {
      const there = { ...right, OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${port}` }
      expect(codes(there)).toEqual(['env.ok'])
      expect(codes({ ...there, ...protocol })).toEqual(['env.ok'])
    }
    const withKey = { ...right, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:8002/k/secret', ...protocol }
    expect(found(withKey)).toMatchObject([
      { code: 'env.protocol', todo: 'Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf' },
    ])
    expect(JSON.stringify(found(withKey))).not.toContain('secret')
    const own = { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' }
    expect(codes({ ...withKey, ...own })).toEqual(['env.ok'])
    expect(codes({ ...protocol, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' })).toEqual([
      'env.elsewhere',
    ])
  })

  it('with a proxy needs exceptions for this machine, and the password stays hidden', () => {
    const proxy = { http_proxy: 'http://me:secret@proxy:3128' }
    const [first] = found({ ...right, ...proxy })
    expect(first?.code).toBe('env.proxy')
    expect(JSON.stringify(first)).not.toContain('secret')
    expect(codes({ ...right, ...proxy, NO_PROXY: 'localhost,127.0.0.1' })).toEqual(['env.ok'])
    expect(codes({ ...right, ...proxy, no_proxy: '*' })).toEqual(['env.ok'])
    expect(codes({ ...right, ...proxy, NO_PROXY: 'localhost' })).toEqual(['env.ok'])
    const byNumber = { ...right, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:8002' }
    expect(found({ ...byNumber, ...proxy, NO_PROXY: 'localhost' })[0]?.sentence).toMatch(
      /except 127\.0\.0\.1\.$/,
    )
    const noServer = checkEnvironment({ ...proxy, NO_PROXY: 'localhost' }, undefined)
    expect(noServer[0]?.sentence).toMatch(/except 127\.0\.0\.1\.$/)
    expect(codes({ ...right, HTTPS_PROXY: 'http://proxy:3128' })).toEqual(['env.ok'])
  })

  it('whose model calls pass the gateway by is told so where there is something behind it', () => {
    const env = { ...right, OPENAI_BASE_URL: 'http://localhost:8000/v1' }
    expect(codes(env)).toEqual(['env.past_gateway', 'env.ok'])
    expect(codes({ ...right, OPENAI_BASE_URL: 'http://localhost:8002/gateway/v1' })).toEqual(['env.ok'])
    expect(checkEnvironment(env, { ...server, hasUpstream: false })).toMatchObject([{ code: 'env.ok' }])
  })

  it.each([
    ['OPENAI_BASE_URL', '/v1', ['env.model_path']],
    ['ANTHROPIC_BASE_URL', '', ['env.model_path']],
    ['ANTHROPIC_BASE_URL', '/gateway', ['env.ok']],
    ['OPENAI_BASE_URL', '/k/secret/gateway/v1', ['env.ok']],
    ['OPENAI_BASE_URL', '/rollout/r1/attempt/a1/v1', ['env.ok']],
  ])('whose %s is this server with the path %s', (name, path, wanted) => {
    expect(codes({ ...right, [name]: server.url + path })).toEqual(wanted)
  })

  it('that switches something off or limits attributes is told', () => {
    expect(codes({ ...right, AGENTOPS_INSTRUMENT_LLM_CALLS: 'False' })).toEqual(['env.switched_off'])
    expect(codes({ ...right, AGENTOPS_INSTRUMENT_LLM_CALLS: 'true' })).toEqual(['env.ok'])
    expect(codes({ ...right, OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '64' })).toEqual(['env.attribute_limit'])
    expect(codes({ ...right, OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '10000' })).toEqual(['env.ok'])
  })
})
