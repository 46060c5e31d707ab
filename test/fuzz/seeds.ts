// Where mutation starts: what real clients sent, and small well-formed bodies of every route.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytesOf, type Golden } from '../clients/goldens/golden.ts'
import { jsonBody, newSpanId, protobufBody, someSpan } from '../support/otlp-bodies.ts'

/** A request that a server answers well. */
export interface Seed {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly format: 'protobuf' | 'json' | 'none'
}

const recorded = join(import.meta.dirname, '..', 'clients', 'goldens', 'recorded')
const protobuf = { 'content-type': 'application/x-protobuf' }
const json = { 'content-type': 'application/json' }
const traceId = '0af7651916cd43dd8448eb211c80319c'
const session = '0d56da57-7a4c-4b6a-8d1e-0123456789ab'
const key = '11111111-2222-4333-8444-555555555555'

/** Every path at which a signal is taken. */
export const otlpPaths = ['traces', 'logs', 'metrics'].flatMap((signal) => [
  `/v1/${signal}`,
  `/${signal}`,
  `/api/v1/${signal}`,
  `/v1/${signal}/v1/${signal}`,
  `/k/${key}/v1/${signal}`,
])

const attributes = {
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.prompt.0.content': 'Hello',
  'gen_ai.prompt.0.role': 'user',
  'gen_ai.usage.input_tokens': 12n,
  'agentops.span.kind': 'agent',
  score: 0.5,
  final: true,
  blob: Buffer.from('bytes'),
}
const made = [someSpan({ traceId, attributes }), someSpan({ traceId, parentSpanId: newSpanId(), attributes })]

const log = {
  timeUnixNano: '1700000000000000000',
  severityNumber: 9,
  severityText: 'INFO',
  body: { stringValue: 'a line' },
  attributes: [{ key: 'k', value: { intValue: '1' } }],
  traceId,
  spanId: '144c4d7ad1b19209',
}
const logs = {
  resourceLogs: [{ resource: { attributes: [] }, scopeLogs: [{ scope: { name: 's' }, logRecords: [log] }] }],
}
const point = {
  timeUnixNano: '1700000000000000000',
  startTimeUnixNano: '1690000000000000000',
  attributes: log.attributes,
}
const metrics = {
  resourceMetrics: [
    {
      scopeMetrics: [
        {
          scope: { name: 'm' },
          metrics: [
            { name: 'g', unit: '1', gauge: { dataPoints: [{ ...point, asDouble: 1.5 }] } },
            {
              name: 's',
              sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...point, asInt: '3' }] },
            },
            {
              name: 'h',
              histogram: {
                aggregationTemporality: 2,
                dataPoints: [{ ...point, count: '2', sum: 3, bucketCounts: ['1', '1'], explicitBounds: [1] }],
              },
            },
          ],
        },
      ],
    },
  ],
}
const event = {
  id: session,
  event_type: 'llms',
  init_timestamp: '2024-03-18T10:00:00.000Z',
  end_timestamp: '2024-03-18T10:00:01.000Z',
  prompt: [{ role: 'user', content: 'Hi' }],
  completion: { role: 'assistant', content: 'Hello' },
  model: 'gpt-4',
  prompt_tokens: 3,
  completion_tokens: 4,
  returns: { choices: [] },
}
const legacySession = {
  session: {
    session_id: session,
    init_timestamp: '2024-03-18T10:00:00.000Z',
    end_timestamp: '2024-03-18T10:00:05.000Z',
    end_state: 'Success',
    tags: ['a'],
    host_env: { OS: { OS: 'Linux' } },
  },
}
const keyed = { ...json, 'x-agentops-api-key': key }

const post = (
  path: string,
  value: object | string,
  headers: Readonly<Record<string, string>> = json,
): Seed => ({
  method: 'POST',
  path,
  headers,
  format: 'json',
  body: Buffer.from(JSON.stringify(value)),
})

/** A read of `path`, in which names in braces stand for ids. */
export const readSeed = (path: string, headers: Readonly<Record<string, string>> = {}): Seed => ({
  method: 'GET',
  path,
  headers,
  format: 'none',
  body: Buffer.alloc(0),
})

/** What the clients of every era sent. */
export const goldenSeeds: readonly Seed[] = readdirSync(recorded)
  .toSorted()
  .flatMap((file) => (JSON.parse(readFileSync(join(recorded, file), 'utf8')) as Golden).requests)
  .map((request) => ({
    method: request.method,
    path: request.url,
    headers: request.headers,
    body: bytesOf(request),
    format: request.base64 ? 'protobuf' : 'json',
  }))

/** Small bodies for the routes that no recording has, or has once. */
export const madeSeeds: readonly Seed[] = [
  {
    method: 'POST',
    path: '/v1/traces',
    headers: protobuf,
    body: protobufBody(made, { 'service.name': 's' }),
    format: 'protobuf',
  },
  {
    method: 'POST',
    path: '/v1/traces',
    headers: json,
    body: jsonBody(made, { 'service.name': 's' }),
    format: 'json',
  },
  post('/v1/logs', logs),
  post('/v1/metrics', metrics),
  ...['/sessions', '/v2/create_session', '/v2/sessions', '/v2/update_session'].map((path) =>
    post(path, legacySession, keyed),
  ),
  ...['/events', '/v2/create_events', '/v2/update_events'].map((path) =>
    post(path, { session_id: session, events: [event] }, keyed),
  ),
  ...['/agents', '/v2/create_agent', '/v2/create_thread'].map((path) =>
    post(path, { id: session, name: 'a', session_id: session }, keyed),
  ),
  ...['/developer_errors', '/v2/developer_errors'].map((path) =>
    post(
      path,
      { sdk_version: '0.2.6', type: 'E', message: 'm', stack_trace: 't', session_id: session },
      keyed,
    ),
  ),
  { ...post('/v2/update_logs', { logs: 'console' }, keyed), method: 'PUT' },
  post('/v2/reauthorize_jwt', { session_id: session }, keyed),
  post('/v2/get_ttd', { ttd_id: session }),
  post('/v3/auth/token', { api_key: key }),
  post('/v4/logs/upload/', 'console text', { ...json, 'trace-id': traceId }),
  post('/v4/objects/upload/', { any: 'thing' }, { ...json, 'trace-id': traceId }),
  post('/public/v1/auth/access_token', { api_key: key }),
  post('/v2/no_such_route', { api_key: key }, keyed),
]

/** Reads. `{trace}` and `{span}` stand for ids that the server has, or could have. */
export const readSeeds: readonly Seed[] = [
  ...[
    '/',
    '/health',
    '/api/v1/status',
    '/api/v1/position',
    '/api/v1/openapi.json',
    '/api/v1/traces',
    '/api/v1/hours',
    '/api/v1/histogram?bars=7&since=1h',
    '/api/v1/changes',
  ],
  ...['', '/export', '/logs', '/spans/{span}', '/spans/{span}/messages', '/messages?spans={span}'].map(
    (end) => `/api/v1/traces/{trace}${end}`,
  ),
  ...[
    '/sessions',
    '/drilldown',
    '/v2/ttd/{trace}',
    '/v4/logs/{trace}',
    '/v4/objects/{trace}',
    '/v3/auth/token',
    '/assets/x.js',
  ],
  ...[
    '/public/v1/project',
    '/public/v1/traces/{trace}',
    '/public/v1/traces/{trace}/metrics',
    '/public/v1/spans/{span}',
    '/public/v1/spans/{span}/metrics',
  ],
  ...['/v2/sessions/{trace}/stats', '/v2/sessions/{trace}/export', '/traces/{trace}', '/nothing/here'],
].map((path) =>
  readSeed(
    path,
    /^\/(public|v2)/.test(path) ? { authorization: 'Bearer {token}', 'x-agentops-api-key': key } : {},
  ),
)
