// Small requests to our own server: no proxy, no kept connection, always an end.
import { request } from 'node:http'
import { AglError } from '../errors.ts'

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Milliseconds for the whole exchange; default 2,000. */
  readonly timeoutMs?: number
}

export interface Answer {
  readonly status: number
  readonly body: string
}

const longestAnswer = 4 * 1024 * 1024

/** Sends one request; rejects when no whole answer comes in time. */
export function ask(url: string, options: Ask = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const signal = AbortSignal.timeout(options.timeoutMs ?? 2_000)
  // `agent: false` is also what keeps a proxy of the environment out (NODE_USE_ENV_PROXY).
  const sent = request(url, {
    method: options.method ?? 'GET',
    headers: options.headers,
    agent: false,
    signal,
  })
  sent.on('error', reject)
  sent.on('response', (reply) => {
    const parts: Buffer[] = []
    let length = 0
    reply.on('error', reject)
    reply.on('data', (part: Buffer) => {
      length += part.length
      if (length > longestAnswer) reply.destroy(new Error(`the answer of ${url} is too long`))
      else parts.push(part)
    })
    reply.on('end', () =>
      resolve({ status: reply.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') }),
    )
  })
  sent.end(options.body)
  return promise
}

/** The headers that carry the key of a server that demands one. */
export function keyHeaders(apiKey: string | undefined): Record<string, string> {
  return apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }
}

/** Resolves when everything that was written so far can be read back. Rejects with AGL_POSITION_TIMEOUT. */
export async function flushServer(url: string, apiKey: string | undefined, timeoutMs: number): Promise<void> {
  const end = Date.now() + timeoutMs
  for (;;) {
    const left = Math.max(1, end - Date.now())
    const reply = await ask(`${url}/api/v1/position?wait=1`, {
      headers: keyHeaders(apiKey),
      timeoutMs: left,
    }).catch((error: unknown) => {
      throw new AglError('AGL_POSITION_TIMEOUT', { position: 'now' }, error)
    })
    if (reply.status < 300) return
    // The server itself waits for a few seconds only, and then says that it is not there yet.
    if (reply.status !== 503 || Date.now() >= end)
      throw new AglError('AGL_POSITION_TIMEOUT', { position: 'now' }, new Error(reply.body))
  }
}
