import { expect, test } from 'vitest'
import { runEnvironment } from './environment.ts'

const server = { url: 'http://localhost:8002', config: { apiKey: undefined }, dataDir: '/data' }
const identity = { run: 'u-1', rollout: 'r/7', attempt: '0', tags: ['a b'] }
const gateway = {
  upstreams: { openai: 'http://gpu:8000/v1' },
  through: ['openai', 'anthropic'],
  notes: [],
} as const

test('AgentOps of all eras, OpenTelemetry and model clients get addresses of this server', () => {
  const { vars, notes } = runEnvironment(server, identity, {}, { gateway })
  expect(notes).toEqual([])
  expect(vars).toEqual({
    AGENTOPS_API_KEY: '00000000-0000-0000-0000-000000000000',
    AGENTOPS_API_ENDPOINT: 'http://localhost:8002',
    AGENTOPS_EXPORTER_ENDPOINT: 'http://localhost:8002/v1/traces',
    AGENTOPS_APP_URL: 'http://localhost:8002',
    AGENTOPS_DEFAULT_TAGS: 'a b,agl.run=u-1',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:8002',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_RESOURCE_ATTRIBUTES: `agentops.tags=${encodeURIComponent('["a b","agl.run=u-1"]')},agentlightning.run_id=u-1,agentlightning.rollout_id=r%2F7,agentlightning.attempt_id=0`,
    OPENAI_BASE_URL: 'http://localhost:8002/gateway/r/u-1/v1',
    OPENAI_API_BASE: 'http://localhost:8002/gateway/r/u-1/v1',
    ANTHROPIC_BASE_URL: 'http://localhost:8002/gateway/r/u-1',
    ANTHROPIC_API_BASE: 'http://localhost:8002/gateway/r/u-1',
    AGL_OPENAI_UPSTREAM: 'http://gpu:8000/v1',
    AGL_SERVER_URL: 'http://localhost:8002',
    AGL_DATA_DIR: '/data',
    AGL_RUN_ID: 'u-1',
    AGL_ROLLOUT_ID: 'r/7',
    AGL_ATTEMPT_ID: '0',
  })
})

test('a key that is demanded stands in the path of whatever can take only a URL', () => {
  const keyed = { ...server, config: { apiKey: 'k/1' } }
  const { vars } = runEnvironment(keyed, identity, {}, { gateway })
  expect(vars.OPENAI_BASE_URL).toBe('http://localhost:8002/k/k%2F1/gateway/r/u-1/v1')
  expect(vars.OTEL_EXPORTER_OTLP_ENDPOINT).toBe('http://localhost:8002/k/k%2F1')
  expect(vars.AGL_SERVER_URL).toBe('http://localhost:8002/k/k%2F1')
})

test('an endpoint at another port of this server, such as the one for gRPC, stays without a word', () => {
  const several = { ...server, ports: { http: [8002, 4318], grpc: [4317] } }
  for (const url of ['http://localhost:4317', '127.0.0.1:4317', 'http://[::1]:4318']) {
    const { vars, notes } = runEnvironment(several, identity, { OTEL_EXPORTER_OTLP_ENDPOINT: url }, {})
    expect(Object.keys(vars).filter((key) => key.startsWith('OTEL_EXPORTER'))).toEqual([])
    expect(notes).toEqual([])
  }
  const other = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' }
  expect(runEnvironment(several, identity, other, {}).notes).toHaveLength(1)
})

test('an own collector keeps all of its variables; it is said without its credentials', () => {
  for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) {
    const { vars, notes } = runEnvironment(
      server,
      identity,
      { [name]: 'https://u:secret@c.io/x?k=secret' },
      {},
    )
    expect(Object.keys(vars).filter((key) => key.startsWith('OTEL_EXPORTER'))).toEqual([])
    expect(notes).toEqual([
      `${name} stays as it is (https://c.io): spans of OpenTelemetry go there and not to this server.`,
    ])
  }
  const ours = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:8002/' }
  expect(runEnvironment(server, identity, ours, {}).notes).toEqual([])
})

test('gRPC that was set for a signal does not go to a port of HTTP', () => {
  const env = { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'grpc' }
  const logs = { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://collector:4317' }
  const { vars } = runEnvironment(server, identity, { ...env, ...logs }, {})
  expect(vars.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL).toBe('http/protobuf')
  expect(vars).not.toHaveProperty('OTEL_EXPORTER_OTLP_LOGS_PROTOCOL')
})

test('a cloud of AgentOps is replaced, and it is said', () => {
  const env = { AGENTOPS_API_ENDPOINT: 'https://api.agentops.ai', AGENTOPS_EXPORTER_ENDPOINT: 'nonsense' }
  expect(runEnvironment(server, identity, env, {}).notes).toEqual([
    'AGENTOPS_API_ENDPOINT (https://api.agentops.ai) and AGENTOPS_EXPORTER_ENDPOINT (not a URL) are replaced: AgentOps sends to this server.',
  ])
})

test('tags and resource attributes that were there are kept, also broken ones of others', () => {
  const env = {
    AGENTOPS_DEFAULT_TAGS: 'x,y',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=a%20b, odd ,agentops.tags=%5B%22t%22%2C1%5D,k==v',
  }
  const { vars } = runEnvironment(server, identity, env, {})
  expect(vars.AGENTOPS_DEFAULT_TAGS).toBe('x,y,a b,agl.run=u-1')
  const attributes = vars.OTEL_RESOURCE_ATTRIBUTES?.split(',').map(decodeURIComponent)
  expect(attributes?.slice(0, 2)).toEqual(['service.name=a b', 'odd='])
  expect(attributes).toContain('agentops.tags=["t","a b","agl.run=u-1"]')
  expect(attributes).toContain('k==v')
  const broken = { OTEL_RESOURCE_ATTRIBUTES: 'agentops.tags=%E0%A4%A' }
  expect(runEnvironment(server, identity, broken, {}).vars.OTEL_RESOURCE_ATTRIBUTES).toContain('agl.run')
})
