// Plain HTTP for tests, with a hand on everything that `fetch` decides itself: Host, chunks, early answers.
import { type Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect, type Socket } from 'node:net'

/** Where a server listens on 127.0.0.1. */
export interface Target {
  readonly port: number
}

/** A whole answer. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface RequestOptions {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
  /** Send the body without a Content-Length. */
  readonly chunked?: boolean
  readonly agent?: Agent
  /** Rejects after this long; default 60,000 ms. */
  readonly timeoutMs?: number
}

/** Sends a request; resolves with the answer, also one that comes before the body is sent. */
export function request(target: Target, options: RequestOptions = {}): Promise<Answer> {
  const { method = 'GET', path = '/', headers = {}, body, chunked = false, timeoutMs = 60_000 } = options
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      host: '127.0.0.1',
      port: target.port,
      method,
      path,
      headers: chunked ? { ...headers, 'transfer-encoding': 'chunked' } : headers,
      ...(options.agent === undefined ? {} : { agent: options.agent }),
    })
    const timer = setTimeout(() => {
      outgoing.destroy(new Error(`${method} ${path}: no answer within ${timeoutMs} ms`))
    }, timeoutMs)
    // Also after an answer that came before the body was sent.
    outgoing.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    outgoing.once('response', (incoming) => {
      const parts: Buffer[] = []
      incoming.on('data', (part: Buffer) => parts.push(part))
      incoming.once('error', reject)
      incoming.once('end', () => {
        clearTimeout(timer)
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(parts) })
      })
    })
    outgoing.end(body)
  })
}

/** Posts an OTLP body, protobuf unless `headers` say otherwise. */
export function postTraces(
  target: Target,
  body: Buffer | string,
  options: Omit<RequestOptions, 'body' | 'method'> = {},
): Promise<Answer> {
  const headers = { 'content-type': 'application/x-protobuf', ...options.headers }
  return request(target, { path: '/v1/traces', ...options, method: 'POST', headers, body })
}

/** An open connection that sends what it is told and notes what comes. */
export interface RawConnection {
  readonly socket: Socket
  /** Everything received so far, as Latin-1. */
  received(): string
  /** Resolves once the data is handed to the system, or the connection has ended. */
  send(data: Buffer | string): Promise<void>
  /** Resolves when both sides have ended. */
  readonly closed: Promise<void>
}

/** Connects to 127.0.0.1. Resets do not reject: they show in `closed`. */
export function openConnection({ port }: Target): Promise<RawConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port })
    const parts: Buffer[] = []
    socket.on('data', (part) => parts.push(part))
    socket.once('error', reject)
    const closed = new Promise<void>((done) => socket.once('close', () => done()))
    socket.once('connect', () => {
      socket.on('error', () => {})
      resolve({
        socket,
        closed,
        received: () => Buffer.concat(parts).toString('latin1'),
        send: (data) => Promise.race([closed, new Promise<void>((done) => socket.write(data, () => done()))]),
      })
    })
  })
}
