// OpenAPI 3.1 of the public HTTP API, generated from the schemas that check the requests.
import { z } from 'zod'
import { version } from '../version.ts'
import { afterParameters, changesParameters, listParameters, traceParameters } from './schemas.ts'

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
  '/api/v1/traces/{id}/export': {
    get: {
      summary: 'Every span of a trace as NDJSON, each line as the route of one span answers',
      query: afterParameters,
      answers: { 200: 'application/x-ndjson', ...notFound },
    },
  },
  '/api/v1/traces/{id}/logs': {
    get: {
      summary: 'Console text of a trace',
      query: afterParameters,
      answers: { 200: '{ logs }', ...notFound },
    },
  },
  '/api/v1/changes': {
    get: {
      summary: 'Traces that changed after a change number',
      query: changesParameters,
      answers: { 200: '{ traces: TraceSummary[], change: number }', ...badRequest },
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
