// Calls through the gateway, and what tells the gateway what to do.
import type { Seed } from './seeds.ts'
import { modelRequests } from './upstream.ts'

const run = 'fuzz-run'

const prefixes = [
  '/gateway',
  '/gateway/v1',
  `/gateway/r/${run}/v1`,
  '/gateway/r/no-such-run/v1',
  '/rollout/ro-1/attempt/at-1/v1',
  '/proxy/rollout/ro-1/attempt/at-1/mode/train/openai/v1',
]
const ends = [
  '/chat/completions',
  '/completions',
  '/messages',
  '/responses',
  '/embeddings',
  '/generate',
  '/x',
]

const json = { 'content-type': 'application/json', authorization: 'Bearer sk-none' }

const post = (path: string, body: Buffer | object): Seed => ({
  method: 'POST',
  path,
  headers: json,
  format: 'json',
  body: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)),
})

const endOf = (request: Buffer): string =>
  /"messages"/.test(request.toString()) ? '/chat/completions' : '/completions'

/** A call of each recorded request, at an address that suits it, and of some at any. */
export const callSeeds: readonly Seed[] = [
  ...modelRequests.map((body, at) => post(`${prefixes[at % prefixes.length]}${endOf(body)}`, body)),
  ...prefixes.flatMap((prefix, at) =>
    ends.map((end, and) =>
      post(`${prefix}${end}`, modelRequests[(at * ends.length + and) % modelRequests.length] as Buffer),
    ),
  ),
]

const get = (path: string): Seed => ({
  method: 'GET',
  path,
  headers: {},
  format: 'none',
  body: Buffer.alloc(0),
})

/** Runs, keys, pauses. Every pause has its resume: calls are to arrive. */
export const controlSeeds: readonly Seed[] = [
  post('/api/v1/gateway/runs', { run, rollout: 'ro-2', attempt: 'at-2', tags: ['a'] }),
  post('/api/v1/gateway/runs', { upstream: {} }),
  post('/api/v1/gateway/keys', { rollout: 'ro-3', attempt: 'at-3' }),
  post('/api/v1/gateway/pause', { retry_after_seconds: 1, reason: 'weights', wait_seconds: 0 }),
  ...Array.from({ length: 4 }, () => post('/api/v1/gateway/resume', {})),
  ...Array.from({ length: 4 }, () => post('/proxy/resume', {})),
  { ...get(`/api/v1/gateway/runs/${run}-gone`), method: 'DELETE' },
  ...['/api/v1/gateway/state', '/proxy/state', '/api/v1/gateway/runs', '/gateway/v1/models', '/gateway/'].map(
    get,
  ),
]
