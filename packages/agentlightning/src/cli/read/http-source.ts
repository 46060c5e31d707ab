// Reads from a running server.
import { request } from 'node:http'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { AglError, type ErrorCode, errorKinds, RelayedError } from '../../errors.ts'
import { flushServer, keyHeaders } from '../../manager/ask.ts'
import { type Parameters, parseAnswer, type TraceSource } from './source.ts'

const SETTLE_MS = 30_000

/** The source that asks the server at `url`. */
export function httpSource(url: string, apiKey: string | undefined): TraceSource {
  const get = async <T>(path: string, parameters: Parameters = {}): Promise<T> =>
    parseAnswer<T>(await textOf(await send('GET', path, parameters)))
  const trace = (id: string) => `/api/v1/traces/${encodeURIComponent(id)}`
  return {
    list: (parameters) => get('/api/v1/traces', parameters),
    trace: (id, parameters) => get(trace(id), parameters),
    span: async (id, spanId) => textOf(await send('GET', `${trace(id)}/spans/${encodeURIComponent(spanId)}`)),
    async *export(id) {
      const lines = createInterface({ input: await send('GET', `${trace(id)}/export`), crlfDelay: Infinity })
      for await (const line of lines) if (line !== '') yield line
    },
    logs: (id) => get(`${trace(id)}/console`),
    traceLogs: (id, parameters) => get(`${trace(id)}/logs`, parameters),
    allLogs: (parameters) => get('/api/v1/logs', parameters),
    metrics: (parameters) => get('/api/v1/metrics', parameters),
    metricPoints: (parameters) => get('/api/v1/metrics/points', parameters),
    calls: (parameters) => get('/api/v1/calls', parameters),
    doctor: (parameters) => get('/api/v1/doctor', { ...parameters, probe: '1' }),
    call: async (id) => textOf(await send('GET', `/api/v1/calls/${encodeURIComponent(id)}`)),
    async *exportCalls(parameters) {
      const input = await send('GET', '/api/v1/calls/export', parameters)
      for await (const line of createInterface({ input, crlfDelay: Infinity })) if (line !== '') yield line
    },
    changes: (parameters) => get('/api/v1/changes', parameters),
    remove: async (id) =>
      parseAnswer<{ deleted: string }>(await textOf(await send('DELETE', trace(id)))).deleted,
    settle: () => flushServer(url, apiKey, SETTLE_MS),
    close: async () => {},
  }

  function send(method: string, path: string, parameters: Parameters = {}): Promise<Readable> {
    const query = new URLSearchParams(parameters).toString()
    const { promise, resolve, reject } = Promise.withResolvers<Readable>()
    // `agent: false` keeps a proxy of the environment out.
    const sent = request(`${url}${path}${query && `?${query}`}`, {
      method,
      headers: keyHeaders(apiKey),
      agent: false,
    })
    sent.on('error', (error) => reject(new AglError('AGL_NOT_RUNNING', { dataDir: url }, error)))
    sent.on('response', (reply) => {
      if ((reply.statusCode ?? 500) < 300) return resolve(reply)
      textOf(reply).then((text) => reject(errorOf(text)), reject)
    })
    sent.end()
    return promise
  }
}

async function textOf(stream: Readable): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

/** The server's error, with its own words: they are already filled in. */
function errorOf(text: string): Error {
  try {
    const { error } = JSON.parse(text) as { error: { code: ErrorCode; message: string; action: string } }
    if (Object.hasOwn(errorKinds, error.code)) {
      return new RelayedError(error.code, error.message, error.action)
    }
  } catch {
    // Not an answer of our server.
  }
  return new AglError('AGL_SERVER_SAID', {
    message: `The server answered: ${text.slice(0, 200)}`,
    action: '',
  })
}
