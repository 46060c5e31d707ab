// OpenAPI 3.1 of the public HTTP API, generated from the schemas that check the requests.
import { z } from 'zod'
import { version } from '../version.ts'
import { callExportParameters, callListParameters, rolloutParameters } from './calls/call-schemas.ts'
import { doctorParameters } from './doctor/schemas.ts'
import {
  afterParameters,
  changesParameters,
  countParameters,
  facetParameters,
  hoursParameters,
  listParameters,
  traceParameters,
} from './schemas.ts'
import { logParameters, pointParameters, seriesParameters, traceLogParameters } from './signal-schemas.ts'

interface Operation {
  readonly summary: string
  readonly query?: z.ZodObject
  readonly answers: Readonly<Record<string, string>>
}

const notFound = { 404: 'No such trace (AGL_NOT_FOUND)' }
const badRequest = { 400: 'A parameter is wrong; the error names it (AGL_BAD_REQUEST)' }

/** Path → method → operation. Path parameters are read from the braces. */
const operations: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  '/health': { get: { summary: 'Who this server is', answers: { 200: 'It runs' } } },
  '/api/v1/status': {
    get: {
      summary: 'Sizes, positions, counts, refused and unknown requests',
      answers: { 200: 'The status' },
    },
  },
  '/api/v1/doctor': {
    get: {
      summary: 'What is wrong with the server and with the calls of a trace, a rollout, a run or a time',
      query: doctorParameters,
      answers: {
        200: '{ scope, calls: { total, withIds, failed }, hasMoreCalls, findings: Finding[], server }',
        ...badRequest,
        ...notFound,
      },
    },
  },
  '/api/v1/position': {
    get: {
      summary: 'How far log and index are; `wait=1` waits for the index',
      answers: { 200: 'Positions' },
    },
  },
  '/api/v1/traces': {
    get: {
      summary: 'Traces, newest first, in keyset pages',
      query: listParameters,
      answers: { 200: '{ traces: TraceSummary[], cursor: string | null }', ...badRequest },
    },
  },
  '/api/v1/count': {
    get: {
      summary:
        'How many of the newest 10,000 traces a filter finds; `complete: false` means at least so many',
      query: countParameters,
      answers: { 200: '{ traces, errors, running, complete }', ...badRequest },
    },
  },
  '/api/v1/facets': {
    get: {
      summary: 'Values of a field among the newest 10,000 traces, the most frequent first',
      query: facetParameters,
      answers: { 200: '{ field, values: { value, count }[], complete }', ...badRequest },
    },
  },
  '/api/v1/traces/{id}': {
    get: {
      summary: 'A trace and a page of its spans without payloads; the id may be a unique beginning',
      query: traceParameters,
      answers: {
        200: '{ trace: TraceSummary, spans: TreeSpan[], cursor: string | null }',
        ...badRequest,
        ...notFound,
      },
    },
    delete: { summary: 'Hide a trace at once', answers: { 200: '{ deleted: id }', ...notFound } },
  },
  '/api/v1/traces/{id}/spans/{spanId}': {
    get: {
      summary: 'One span with resource and scope, lossless, in OTLP JSON form',
      query: afterParameters,
      answers: {
        200: '{ span, resource, scope, origin, receivedNs }',
        ...notFound,
        410: 'Pruned (AGL_PRUNED)',
      },
    },
  },
  '/api/v1/traces/{id}/spans/{spanId}/messages': {
    get: {
      summary: 'Messages of one span, in one form for every dialect',
      query: afterParameters,
      answers: { 200: '{ input: Message[], output: Message[], tools, inputFrom, outputFrom }', ...notFound },
    },
  },
  '/api/v1/live': {
    get: {
      summary: 'Server-Sent Events: `traces` with what changed and ids that went, `pulse`, `reset`',
      answers: { 200: 'text/event-stream' },
    },
  },
  '/api/v1/traces/{id}/export': {
    get: {
      summary: 'Every span of a trace as NDJSON, each line as the route of one span answers',
      query: afterParameters,
      answers: { 200: 'application/x-ndjson', ...notFound },
    },
  },
  '/api/v1/traces/{id}/logs': {
    get: {
      summary: 'OTLP log records of a trace, or of one span of it, oldest first',
      query: traceLogParameters,
      answers: {
        200: '{ traceId, records: LogRecord[], cursor: string | null }',
        ...badRequest,
        ...notFound,
      },
    },
  },
  '/api/v1/logs': {
    get: {
      summary:
        'OTLP log records, newest first; a page may hold few or none and still have a cursor, since searches are bounded',
      query: logParameters,
      answers: { 200: '{ records: LogRecord[], cursor: string | null }', ...badRequest },
    },
  },
  '/api/v1/logs/{id}': {
    get: {
      summary: 'One log record with resource and scope, lossless, in OTLP JSON form',
      query: afterParameters,
      answers: {
        200: '{ record, resource, scope, receivedNs }',
        404: 'No such log record (AGL_NOT_FOUND)',
        410: 'Pruned (AGL_PRUNED)',
      },
    },
  },
  '/api/v1/metrics': {
    get: {
      summary: 'Metric series by name, each with its newest point',
      query: seriesParameters,
      answers: { 200: '{ series: MetricSeries[], cursor: string | null }', ...badRequest },
    },
  },
  '/api/v1/metrics/points': {
    get: {
      summary: 'Points of one series, oldest first; where there are many, neighbours are put together',
      query: pointParameters,
      answers: {
        200: '{ series: MetricSeries, points: MetricPoint[], complete: boolean }',
        ...badRequest,
        404: 'No such series (AGL_NOT_FOUND)',
      },
    },
  },
  '/api/v1/traces/{id}/console': {
    get: {
      summary: 'Console text of a trace, as AgentOps SDKs upload it',
      query: afterParameters,
      answers: { 200: '{ logs }', ...notFound },
    },
  },
  '/api/v1/traces/{id}/spans/{spanId}/tokens': {
    get: {
      summary:
        'Token ids of the call that a span stands for, the verdict on them, and the call that it continues',
      query: afterParameters,
      answers: {
        200: '{ call, promptTokenIds, choices, verdict, shapes, problems, other?, previous }',
        ...notFound,
        410: 'Pruned (AGL_PRUNED)',
      },
    },
  },
  '/api/v1/calls': {
    get: {
      summary: 'Model calls, newest first: of the gateway, and of spans that no gateway call is joined to',
      query: callListParameters,
      answers: { 200: '{ calls: CallSummary[], cursor: string | null }', ...badRequest },
    },
  },
  '/api/v1/calls/export': {
    get: {
      summary: 'Model calls with their token ids as NDJSON',
      query: callExportParameters,
      answers: { 200: 'application/x-ndjson', ...badRequest },
    },
  },
  '/api/v1/calls/{id}': {
    get: {
      summary:
        'A model call with token ids, logprobs, request, reply and timings; the id may be a unique beginning',
      query: afterParameters,
      answers: { 200: '{ call, promptTokenIds, choices, verdict, request, reply, … }', ...notFound },
    },
  },
  '/api/v1/rollouts': {
    get: {
      summary: 'Rollouts with calls through the gateway, the newest first',
      query: rolloutParameters,
      answers: { 200: '{ rollouts: RolloutSummary[] }', ...badRequest },
    },
  },
  '/api/v1/gateway/state': {
    get: {
      summary: 'Whether the gateway is paused, and calls under way; also /proxy/state',
      answers: { 200: '{ paused, retry_after_seconds, reason, inflight }' },
    },
  },
  '/api/v1/gateway/pause': {
    post: {
      summary: 'Refuse new model calls, and wait for those under way if asked to; also /proxy/pause',
      answers: { 200: 'As /api/v1/gateway/state', ...badRequest },
    },
  },
  '/api/v1/gateway/resume': {
    post: {
      summary: 'Take model calls again; also /proxy/resume',
      answers: { 200: 'As /api/v1/gateway/state' },
    },
  },
  '/api/v1/gateway/runs': {
    get: { summary: 'Registered runs', answers: { 200: '{ runs }' } },
    post: {
      summary: 'Register a run, with upstreams of its own or those of the server',
      answers: { 201: '{ run, path, openaiPath, anthropicPath, … }', ...badRequest },
    },
  },
  '/api/v1/gateway/runs/{id}': {
    delete: { summary: 'End a run', answers: { 200: '{ ended }', 404: 'No such run (AGL_NOT_FOUND)' } },
  },
  '/api/v1/gateway/keys': {
    post: {
      summary: 'A key that stands for a rollout in model calls',
      answers: { 201: '{ key, rollout, attempt }', ...badRequest },
    },
  },
  '/api/v1/changes': {
    get: {
      summary: 'Traces that changed or went after a change number; `complete: false` means read anew',
      query: changesParameters,
      answers: {
        200: '{ traces: TraceSummary[], removed: id[], change: number, complete: boolean }',
        ...badRequest,
      },
    },
  },
  '/api/v1/hours': {
    get: {
      summary: 'Sums by hour, service and model, with a latency histogram; newest first, at most 10,000 rows',
      query: hoursParameters,
      answers: { 200: '{ hours: HourRow[] }', ...badRequest },
    },
  },
  '/v1/traces': {
    post: {
      summary: 'OTLP/HTTP traces, protobuf or JSON; also /traces and /api/v1/traces',
      answers: {
        200: 'Flushed to the disk; `partial_success` names spans that were not taken',
        400: 'Malformed (AGL_BAD_BODY, AGL_BAD_ENCODING)',
        401: 'A key is demanded (AGL_UNAUTHORIZED)',
        413: 'Too large (AGL_BODY_TOO_LARGE, AGL_BODY_BOMB)',
        415: 'Media type or content encoding (AGL_MEDIA_TYPE, AGL_CONTENT_ENCODING)',
        429: 'Not now; Retry-After says when (AGL_OVERLOADED, AGL_DISK_FULL, AGL_FLUSH_FAILED, AGL_DRAINING)',
      },
    },
  },
  '/v1/logs': {
    post: {
      summary: 'OTLP/HTTP logs, as /v1/traces; also /logs and /api/v1/logs',
      answers: {
        200: 'Flushed to the disk; `partial_success` names log records that were not taken',
        400: 'Malformed (AGL_BAD_BODY, AGL_BAD_ENCODING)',
      },
    },
  },
  '/v1/metrics': {
    post: {
      summary: 'OTLP/HTTP metrics, as /v1/traces; also /api/v1/metrics',
      answers: {
        200: 'Flushed to the disk; `partial_success` names data points that were not taken',
        400: 'Malformed (AGL_BAD_BODY, AGL_BAD_ENCODING)',
      },
    },
  },
  '/sessions': {
    post: {
      summary: 'AgentOps 0.0 and 0.1: open, update or end a session',
      answers: { 200: '{ status, token_cost }' },
    },
  },
  '/events': { post: { summary: 'AgentOps 0.0 and 0.1: events', answers: { 200: '{ status }' } } },
  '/agents': { post: { summary: 'AgentOps 0.1: an agent', answers: { 200: '{ status }' } } },
  '/v2/create_session': {
    post: {
      summary: 'AgentOps 0.2 and 0.3: open a session; also /v2/sessions',
      answers: { 200: '{ status, jwt, session_url }', 400: '{ path, message }' },
    },
  },
  '/v2/update_session': {
    post: { summary: 'AgentOps: update or end it', answers: { 200: '{ status, token_cost, session_url }' } },
  },
  '/v2/create_events': {
    post: {
      summary: 'AgentOps: events; also /v2/update_events',
      answers: { 200: '"Success"', 400: '{ path, message }' },
    },
  },
  '/v2/create_agent': { post: { summary: 'AgentOps: an agent', answers: { 200: '"Success"' } } },
  '/v2/sessions/{id}/export': {
    get: {
      summary: 'AgentOps: a session with its events as they came',
      answers: { 200: '{ session, actions, llms, tools, errors }' },
    },
  },
  '/v2/sessions/{id}/stats': {
    get: { summary: 'AgentOps: sums of a session', answers: { 200: '{ events, cost, prompt_tokens, … }' } },
  },
  '/v2/ttd/{id}': {
    get: {
      summary: 'AgentOps 0.3: calls of a session, for time travel',
      answers: { 200: '[{ prompt, returns }]' },
    },
  },
  '/public/v1/auth/access_token': {
    post: { summary: 'AgentOps: a token for reading', answers: { 200: '{ bearer }', 400: '{ detail }' } },
  },
  '/public/v1/traces/{id}': {
    get: {
      summary: 'AgentOps: a trace with nested attributes; /metrics for its sums',
      answers: { 200: '{ trace_id, project_id, tags, spans }', ...notFound },
    },
  },
  '/public/v1/spans/{id}': {
    get: {
      summary: 'AgentOps: a span by its id alone; /metrics for its counts',
      answers: { 200: 'The span', ...notFound },
    },
  },
  '/v3/auth/token': {
    post: {
      summary: 'AgentOps: a token for a key',
      answers: { 200: '{ token, project_id, project_prem_status }' },
    },
    get: {
      summary: 'AgentOps: what a token says',
      answers: { 200: '{ message, payload, expires_at }', 401: 'Why not' },
    },
  },
  '/v4/logs/upload/': {
    post: { summary: 'AgentOps: console text of a trace', answers: { 200: '{ url, size }' } },
  },
  '/v4/objects/upload/': { post: { summary: 'AgentOps: an object', answers: { 200: '{ url, size }' } } },
}

let built: object | undefined

/** The document, built when first asked for. */
export function openApi(): object {
  built ??= {
    openapi: '3.1.0',
    info: { title: 'Agent Lightning', version, license: { name: 'MIT', identifier: 'MIT' } },
    paths: Object.fromEntries(
      Object.entries(operations).map(([path, methods]) => [path, pathItem(path, methods)]),
    ),
  }
  return built
}

function pathItem(path: string, methods: Readonly<Record<string, Operation>>): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  return Object.fromEntries(
    Object.entries(methods).map(([method, { summary, query, answers }]) => [
      method,
      {
        summary,
        parameters: [...inPath, ...(query ? queryParameters(query) : [])],
        responses: Object.fromEntries(
          Object.entries(answers).map(([status, description]) => [status, { description }]),
        ),
      },
    ]),
  )
}

function queryParameters(schema: z.ZodObject): object[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' }) as {
    properties?: Record<string, { description?: string }>
  }
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: 'query',
    required: false,
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }))
}
