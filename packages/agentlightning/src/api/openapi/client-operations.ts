import { notFound, type Operations } from './operation.ts'

/** What clients send: OpenTelemetry, and the SDKs of AgentOps by version. */
export const clientOperations: Operations = {
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
