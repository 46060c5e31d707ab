import { callExportParameters, callListParameters, rolloutParameters } from '../calls/call-schemas.ts'
import { doctorParameters } from '../doctor/schemas.ts'
import {
  afterParameters,
  changesParameters,
  countParameters,
  facetParameters,
  histogramParameters,
  hoursParameters,
  listParameters,
  messagesParameters,
  traceParameters,
} from '../schemas.ts'
import { logParameters, pointParameters, seriesParameters, traceLogParameters } from '../signal-schemas.ts'
import { badRequest, notFound, type Operations } from './operation.ts'

/** Reading, and the state of the server. */
export const readOperations: Operations = {
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
  '/api/v1/histogram': {
    get: {
      summary:
        'How many of the newest 10,000 traces of a filter began when, in bars of one round width from `since` to `until`, else over all of them; `complete: false`: there are older ones',
      query: histogramParameters,
      answers: {
        200: '{ fromNs, widthNs, bars: { traces, errors }[], complete }, oldest first',
        ...badRequest,
      },
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
  '/api/v1/traces/{id}/messages': {
    get: {
      summary:
        'Messages of many spans, each message once: `input` and `output` of a span are places in `messages`. An answer has 4 MB at most; `cursor` goes on with the same `spans`',
      query: messagesParameters,
      answers: {
        200: '{ traceId, messages: Message[], spans: ({ spanId, input: place[], output: place[] } | { spanId, error })[], cursor: string | null }; an error is that of one span (AGL_NOT_FOUND, AGL_PRUNED, AGL_MESSAGES_TOO_LARGE)',
        ...badRequest,
        ...notFound,
      },
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
}
