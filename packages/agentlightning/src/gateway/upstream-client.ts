// Requests to upstreams: connections that are kept, replies as they come, and no time limit of our own. A kept
// connection may end in the moment in which the next request is sent on it: that is sent again on a fresh one.
import type { Socket } from 'node:net'
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent } from 'undici'
import type { FlatHeaders } from './headers.ts'

const CONNECT_MS = 10_000
/** Silent upstreams are held by TCP: middle boxes forget idle connections after minutes. */
const TCP_KEEP_ALIVE_MS = 30_000
/** Below the 5 s after which uvicorn and Node close an idle connection. */
const IDLE_MS = 4000
const HEADER_BYTES = 128 * 1024
/** Bytes of a reply that wait for who reads it before the upstream is told to wait. */
const WAITING_BYTES = 256 * 1024

/** Of this machine, as `URL.origin` writes it: never through a proxy. */
const localOrigin = /^https?:\/\/(?:localhost(?::|$)|\[::1\]|127\.)/

const proxyVariables = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY']

/** What is sent. */
export interface UpstreamRequest {
  readonly origin: string
  readonly path: string
  readonly method: string
  readonly headers: string[]
  readonly body: Buffer | null
}

/** Who takes the body of a reply. */
export interface ReplySink {
  data(chunk: Buffer): void
  end(): void
  /** The reply broke off. */
  failed(error: Error): void
}

/** A reply whose head has come. */
export interface UpstreamReply {
  readonly status: number
  readonly statusText: string
  readonly headers: FlatHeaders
  /** Hands over the body, from its first byte. Once. */
  read(sink: ReplySink): void
  pause(): void
  resume(): void
}

/** One request under way. */
export interface UpstreamCall {
  /** Rejects when no head came. */
  readonly reply: Promise<UpstreamReply>
  /** Ends it, whatever its state; `reply` and the sink are told. */
  abort(reason: Error): void
}

/** The connections to all upstreams. */
export class UpstreamClient {
  readonly #direct: Lines
  readonly #proxied: Lines | undefined

  constructor(env: Readonly<Record<string, string | undefined>>) {
    const connect = { timeout: CONNECT_MS, keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE_MS }
    const options = {
      connections: null,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_MS,
      maxHeaderSize: HEADER_BYTES,
    }
    const single = { ...options, pipelining: 0 }
    const connector = telling(buildConnector(connect))
    this.#direct = {
      kept: new Agent({ ...options, connect: connector }),
      fresh: new Agent({ ...single, connect }),
    }
    if (proxyVariables.some((name) => env[name]))
      this.#proxied = {
        kept: new EnvHttpProxyAgent({ ...options, connect }),
        fresh: new EnvHttpProxyAgent({ ...single, connect }),
      }
  }

  /** Sends a request. */
  send(request: UpstreamRequest): UpstreamCall {
    const { kept, fresh } = localOrigin.test(request.origin) ? this.#direct : (this.#proxied ?? this.#direct)
    const dispatch = (dispatcher: Dispatcher): void => {
      try {
        dispatcher.dispatch(request, attempt)
      } catch (error) {
        attempt.onResponseError(undefined, error as Error)
      }
    }
    const attempt = new Attempt(() => dispatch(fresh))
    dispatch(kept)
    return attempt
  }

  /** Cuts what is left. */
  async close(): Promise<void> {
    const all = [this.#direct, this.#proxied].flatMap((lines) => (lines ? [lines.kept, lines.fresh] : []))
    await Promise.all(all.map((dispatcher) => dispatcher.destroy()))
  }
}

/** Connections that serve one request after the other, and those that serve one alone. */
interface Lines {
  readonly kept: Dispatcher
  readonly fresh: Dispatcher
}

/** Errors of the system say nothing of their socket: here they do, as undici's own. */
function telling(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...result) => {
      const [, socket] = result as [Error | null, Socket | null]
      socket?.on('error', (error) => Object.assign(error, { socket: { bytesRead: socket.bytesRead } }))
      callback(...result)
    })
}

/**
 * A kept connection that ends within this time of a request ended before the server saw it. Later it is the request
 * that did not go well, which is the program's to see and to decide.
 */
const RACE_MS = 1000

const closings = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']

/** True when a connection ended on which replies had come before. */
function wasKept(error: Error): boolean {
  const { code, socket } = error as { code?: unknown; socket?: { readonly bytesRead?: number } | null }
  return closings.includes(String(code)) && (socket?.bytesRead ?? 0) > 0
}

class Attempt implements Dispatcher.DispatchHandler, UpstreamCall {
  readonly reply: Promise<UpstreamReply>
  readonly #resolve: (reply: UpstreamReply) => void
  readonly #reject: (error: Error) => void
  #controller: Dispatcher.DispatchController | undefined
  #sink: ReplySink | undefined
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #ended = false
  #failure: Error | undefined
  #aborted: Error | undefined
  #headCame = false
  #startMs = 0
  #again: (() => void) | undefined

  constructor(again: () => void) {
    this.#again = again
    const { promise, resolve, reject } = Promise.withResolvers<UpstreamReply>()
    this.reply = promise
    this.#resolve = resolve
    this.#reject = reject
    // Who aborts need not wait for it any more.
    promise.catch(() => undefined)
  }

  abort(reason: Error): void {
    this.#aborted ??= reason
    if (this.#controller) this.#controller.abort(reason)
    else this.#reject(reason)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#startMs = performance.now()
    if (this.#aborted) controller.abort(this.#aborted)
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    statusText?: string,
  ): void {
    // A hint before the reply (103) is not the reply.
    if (status < 200) return
    this.#headCame = true
    this.#resolve({
      status,
      statusText: statusText ?? '',
      headers: flat(controller.rawHeaders),
      read: (sink) => this.#read(sink),
      pause: () => controller.pause(),
      resume: () => controller.resume(),
    })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#sink) {
      this.#sink.data(chunk)
      return
    }
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    if (this.#waitingBytes > WAITING_BYTES) controller.pause()
  }

  onResponseEnd(): void {
    this.#ended = true
    this.#sink?.end()
  }

  onResponseError(_controller: unknown, error: Error): void {
    const again = this.#again
    const isRace = performance.now() - this.#startMs < RACE_MS && wasKept(error)
    if (again && isRace && !this.#headCame && !this.#aborted) {
      this.#again = undefined
      again()
      return
    }
    this.#failure = error
    this.#reject(error)
    this.#sink?.failed(error)
  }

  #read(sink: ReplySink): void {
    this.#sink = sink
    const paused = this.#waitingBytes > WAITING_BYTES
    for (const chunk of this.#waiting) sink.data(chunk)
    this.#waiting = []
    this.#waitingBytes = 0
    if (this.#ended) sink.end()
    else if (this.#failure) sink.failed(this.#failure)
    else if (paused) this.#controller?.resume()
  }
}

function flat(raw: Buffer[] | string[] | object | null | undefined): string[] {
  if (!Array.isArray(raw)) return []
  return raw.map((part: Buffer | string) => (typeof part === 'string' ? part : part.toString('latin1')))
}
