// Requests to upstreams: connections that are kept, replies as they come, and no time limit of our own.
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici'
import type { FlatHeaders } from './headers.ts'

const CONNECT_MS = 10_000
/** Silent upstreams are held by TCP: middle boxes forget idle connections after minutes. */
const TCP_KEEP_ALIVE_MS = 30_000
/** Below the 5 s after which uvicorn and Node close an idle connection. */
const IDLE_MS = 4000
const HEADER_BYTES = 128 * 1024
/** Bytes of a reply that wait for who reads it before the upstream is told to wait. */
const WAITING_BYTES = 256 * 1024

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
  readonly #direct: Agent
  readonly #proxied: Dispatcher | undefined

  constructor(env: Readonly<Record<string, string | undefined>>) {
    const options = {
      connections: null,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_MS,
      maxHeaderSize: HEADER_BYTES,
      connect: { timeout: CONNECT_MS, keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE_MS },
    }
    this.#direct = new Agent(options)
    if (proxyVariables.some((name) => env[name])) this.#proxied = new EnvHttpProxyAgent(options)
  }

  /** Sends a request. */
  send(request: UpstreamRequest): UpstreamCall {
    const attempt = new Attempt()
    const { hostname } = new URL(request.origin)
    const local = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
    const dispatcher = local ? this.#direct : (this.#proxied ?? this.#direct)
    try {
      dispatcher.dispatch(request, attempt)
    } catch (error) {
      attempt.onResponseError(undefined, error as Error)
    }
    return attempt
  }

  /** Cuts what is left. */
  async close(): Promise<void> {
    await Promise.all([this.#direct.destroy(), this.#proxied?.destroy()])
  }
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

  constructor() {
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
