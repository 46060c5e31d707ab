import { badRequest, type Operations } from './operation.ts'

/** Control of the gateway. The model APIs that it passes on are their servers' own. */
export const gatewayOperations: Operations = {
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
    delete: {
      summary: 'End a run; with `serve=true` its address goes on for what its program left behind',
      answers: { 200: '{ ended }', 404: 'No such run (AGL_NOT_FOUND)' },
    },
  },
  '/api/v1/gateway/keys': {
    post: {
      summary: 'A key that stands for a rollout in model calls',
      answers: { 201: '{ key, rollout, attempt }', ...badRequest },
    },
  },
}
