// One call through the gateway, from its request to the end of its reply.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { AglError, isAglError } from '../errors.ts'
import { Place } from '../log/record.ts'
import type { CallAddress } from './address.ts'
import { upstreamPath } from './address.ts'
import { flagsOfClient } from './asked-flags.ts'
import { type Attribution, attribute } from './attribution.ts'
import { detectBackend } from './backend.ts'
import type { Backend, RequestMembers } from './bytes/index.ts'
import { cataloguedError, sendGatewayError } from './error-body.ts'
import { headerOf, recordedHeaders, recordedPath, upstreamHeaders } from './headers.ts'
import { type Asked, ask, isAsked, membersOf, namesFlag, rulesFor } from './question.ts'
import { readError } from './read-error.ts'
import type { CallEnd, CallIdentity, CallOutcome } from './record.ts'
import type { Recorder, RecordOwner } from './recorder.ts'
import { Relay, type RelayEnd } from './relay.ts'
import { mayPass, retryDelayMs } from './retry.ts'
import type { GatewaySender } from './sender.ts'
import type { GatewaySettings } from './settings.ts'
import type { UpstreamCall, UpstreamClient, UpstreamReply } from './upstream-client.ts'
import { chooseUpstream, noteRefusal, type Upstream } from './upstreams.ts'

/** The parts of a gateway that calls need. */
export interface CallParts {
  readonly settings: GatewaySettings
  readonly client: UpstreamClient
  readonly recorder: Recorder
  readonly instanceId: string
  readonly nowNs: () => bigint
  /** The value of a variable with a key. */
  readonly env: (name: string) => string | undefined
  /** Upstreams that a call may go to, by the run that it names. */
  readonly upstreamsOf: (run: string | undefined) => readonly Upstream[]
  /** Tags that a run was registered with; none where it is not. */
  readonly tagsOf: (run: string | undefined) => readonly string[]
  /** True once the server is stopping. */
  readonly isDraining: () => boolean
  /** True for an address of this very server. */
  readonly isSelf: (upstream: Upstream, localPort: number | undefined) => boolean
}

/** A call as it came. */
export interface Received {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly address: CallAddress
  readonly sender: GatewaySender
  readonly body: Buffer
  readonly startNs: bigint
  /** `performance.now()` at its receipt. */
  readonly startedMs: number
}

/** Sends a call on; resolves when its reply is sent or its client is gone. */
export class GatewayCall {
  readonly #parts: CallParts
  readonly #from: Received
  readonly #members: RequestMembers | undefined
  readonly #attribution: Attribution
  readonly #owner: RecordOwner
  /** Whether the call is recorded: what only asks (`GET /v1/models`) is not. */
  readonly #kept: boolean
  readonly #gone = new AbortController()
  #identity: CallIdentity
  #current: UpstreamCall | undefined
  #relay: Relay | undefined
  #timedOut = false
  /** Resolves when the announcement is durable, or failed. */
  #start: Promise<unknown> = Promise.resolve()
  readonly #startPlace = new Place()
  #startError: unknown
  #refused: readonly string[] = []
  #retries = 0

  constructor(parts: CallParts, from: Received) {
    const { request, address, sender, body } = from
    const project = sender.project?.project
    this.#parts = parts
    this.#from = from
    this.#kept = request.method === 'POST'
    this.#members = this.#kept ? membersOf(address.dialect, body) : undefined
    this.#attribution = attribute(address, request.headers, sender.owner, project)
    const path = recordedPath(address.path)
    const { run, rollout, attempt, mode, traceparent, traceId, spanId, parentSpanId } = this.#attribution
    this.#owner = {
      traceId,
      ...(run === undefined ? {} : { run }),
      ...(rollout === undefined ? {} : { rollout }),
      ...(attempt === undefined ? {} : { attempt }),
      ...(mode === undefined ? {} : { mode }),
      ...(traceparent === undefined ? {} : { traceparent }),
      project,
      route: path.split('?', 1)[0] as string,
      userAgent: request.headers['user-agent'],
    }
    const { model, n, stream } = this.#members ?? {}
    const tags = parts.tagsOf(run)
    this.#identity = {
      callId: randomUUID(),
      traceId,
      spanId,
      ...(parentSpanId === undefined ? {} : { parentSpanId }),
      dialect: address.dialect,
      method: request.method ?? 'GET',
      path,
      upstream: '',
      ...(model === undefined ? {} : { model }),
      stream: stream === true,
      ...(n === undefined ? {} : { n }),
      added: [],
      ...(this.#members && { asked: flagsOfClient(this.#members, address.dialect, request.rawHeaders) }),
      ...(tags.length === 0 ? {} : { tags }),
      startNs: String(from.startNs),
    }
  }

  /** Tells that the client is gone. */
  clientLeft(): void {
    this.#gone.abort()
    // First the relay: a reply that breaks off because of it is not the upstream's doing.
    const reason = this.#leftBecause()
    this.#relay?.clientLeft(reason)
    this.#current?.abort(new Error(reason))
  }

  /** Gives the call up because the server ends. */
  cut(): void {
    this.#from.response.destroy()
  }

  async run(): Promise<void> {
    const { address, request, body } = this.#from
    const { rollout, traceId } = this.#attribution
    const call = { dialect: address.dialect, path: address.path, model: this.#members?.model }
    const upstream = chooseUpstream(this.#parts.upstreamsOf(this.#attribution.run), call, rollout ?? traceId)
    if (!upstream) return this.#refuse(noUpstream(call.model))
    this.#identity = { ...this.#identity, upstream: upstream.settings.name }
    if (this.#parts.isSelf(upstream, request.socket.localPort))
      return this.#refuse(new AglError('AGL_GATEWAY_LOOP', { url: upstream.settings.url }))
    const timer = this.#limitTime()
    upstream.inFlight++
    try {
      const plain = { body, headers: [], added: [] }
      const asking = this.#members !== undefined && isAsked(address.dialect, upstream)
      const backend = asking ? await this.#backendOf(upstream) : (upstream.backend ?? 'unknown')
      const asked = asking
        ? ask(upstream, backend, address.dialect, this.#members, body, request.rawHeaders)
        : plain
      this.#identity = {
        ...this.#identity,
        ...(backend === 'unknown' ? {} : { backend }),
        added: asked.added,
      }
      await this.#announce()
      await this.#exchange(upstream, backend, asked)
    } catch (error) {
      await this.#fail(upstream, error)
    } finally {
      upstream.inFlight--
      clearTimeout(timer)
    }
  }

  #backendOf(upstream: Upstream): Promise<Backend> {
    const known = upstream.backend
    if (known !== undefined && known !== 'unknown') return Promise.resolve(known)
    return detectBackend(this.#parts.client, upstream, this.#headers(upstream, []))
  }

  /** Begins the record of the call, which the request to the upstream need not wait for while the log is well. */
  async #announce(): Promise<void> {
    if (!this.#kept) return
    const { recorder } = this.#parts
    const { request, body } = this.#from
    const head = { ...this.#identity, requestHeaders: recordedHeaders(request.rawHeaders) }
    // A stream's first token is to wait for nothing.
    const options = { place: this.#startPlace, lingers: !head.stream && !recorder.refused }
    this.#start = recorder.start(this.#owner, head, body, options).catch((error: unknown) => {
      this.#startError = error
      this.#current?.abort(error as Error)
    })
    if (recorder.refused) await this.#start
  }

  /** Sends the request, again where that is due, and relays the reply. */
  async #exchange(upstream: Upstream, backend: Backend, first: Asked): Promise<void> {
    let asked = first
    const allowed = upstream.settings.retries ?? 0
    for (let attempt = 1; ; attempt++) {
      this.#throwIfOver()
      let reply: UpstreamReply
      try {
        this.#current = this.#send(upstream, asked)
        reply = await this.#current.reply
      } catch (error) {
        this.#throwIfOver()
        if (attempt > allowed) throw error
        await this.#pauseBefore(attempt, undefined)
        continue
      }
      this.#throwIfOver()
      if (mayPass(reply.status) && attempt <= allowed) {
        this.#current.abort(new Error('The call is repeated.'))
        await this.#pauseBefore(attempt, headerOf(reply.headers, 'retry-after'))
        continue
      }
      if (asked.added.length > 0 && (reply.status === 400 || reply.status === 422)) {
        const refusal = await readError(reply)
        this.#throwIfOver()
        if (refusal.text !== undefined && namesFlag(refusal.text, asked.added)) {
          const added = asked.added
          asked = { body: this.#from.body, headers: [], added: [] }
          this.#refused = added
          this.#retries++
          this.#current = this.#send(upstream, asked)
          reply = await this.#current.reply
          // A request that is wrong in itself proves nothing about the flag.
          if (reply.status < 400) noteRefusal(upstream, this.#identity.dialect, this.#identity.stream, added)
        } else reply = refusal.reply
      }
      return this.#pass(upstream, backend, asked, reply)
    }
  }

  async #pass(upstream: Upstream, backend: Backend, asked: Asked, reply: UpstreamReply): Promise<void> {
    const { response, request, startedMs } = this.#from
    const { settings } = this.#parts
    const streamed = /^text\/event-stream\b/i.test(headerOf(reply.headers, 'content-type') ?? '')
    const { dialect, callId } = this.#identity
    const relay = new Relay({
      reply,
      response,
      method: request.method ?? 'GET',
      callId: this.#kept ? callId : undefined,
      rules: settings.keepTokenIds
        ? undefined
        : rulesFor(backend, dialect, streamed, asked.added, this.#members),
      startedMs,
      replyBytes: settings.replyBytes,
      commentSeconds: settings.commentSeconds,
      announced: this.#start.then(() => this.#startError === undefined),
      record: (end) => this.#recordEnd(upstream, reply, end),
      cutBecause: () => (this.#timedOut ? 'timeout' : undefined),
    })
    if (!relay.leavesWhole) {
      this.#parts.recorder.hurry()
      await this.#start
    }
    if (this.#startError !== undefined) throw this.#startError
    this.#relay = relay
    if (this.#gone.signal.aborted) relay.clientLeft(this.#leftBecause())
    else relay.start()
    await relay.done
    if (this.#startError !== undefined && !response.headersSent) throw this.#startError
  }

  #send(upstream: Upstream, asked: Asked): UpstreamCall {
    const { address, request } = this.#from
    const method = request.method ?? 'GET'
    const body = method === 'GET' || method === 'HEAD' ? null : asked.body
    return this.#parts.client.send({
      ...upstreamPath(upstream.url, address.path),
      method,
      headers: this.#headers(upstream, asked.headers),
      body: body?.length === 0 && method !== 'POST' ? null : body,
    })
  }

  #headers(upstream: Upstream, added: readonly (readonly [string, string])[]): string[] {
    const { request, sender } = this.#from
    const { apiKeyEnv, keyUse = 'always' } = upstream.settings
    const key = apiKeyEnv === undefined ? undefined : this.#parts.env(apiKeyEnv)
    let authorize: [string, string][] | undefined
    if (key !== undefined && (keyUse === 'always' || sender.ours)) {
      const { authorization, 'x-api-key': apiKey } = request.headers
      const asHeader = apiKey !== undefined || (!authorization && this.#identity.dialect === 'messages')
      authorize = asHeader ? [['x-api-key', key]] : [['authorization', `Bearer ${key}`]]
    } else if (sender.ours) authorize = []
    const headers = upstreamHeaders(request.rawHeaders, {
      instanceId: this.#parts.instanceId,
      authorize,
      keepEncoding: false,
    })
    for (const [name, value] of added) headers.push(name, value)
    return headers
  }

  #throwIfOver(): void {
    if (this.#startError !== undefined) throw this.#startError
    if (this.#gone.signal.aborted) throw new Error(this.#leftBecause())
    if (this.#timedOut) throw new Error('The time for the call is over.')
  }

  #leftBecause(): string {
    return this.#parts.isDraining() ? 'The server was stopped.' : 'The client closed the connection.'
  }

  async #pauseBefore(attempt: number, retryAfter: string | undefined): Promise<void> {
    this.#retries++
    const ms = retryDelayMs(attempt, retryAfter, Date.now(), Math.random())
    await sleep(ms, undefined, { signal: this.#gone.signal }).catch(() => undefined)
  }

  #limitTime(): NodeJS.Timeout | undefined {
    const seconds = this.#parts.settings.timeoutSeconds
    if (seconds <= 0) return undefined
    return setTimeout(() => {
      this.#timedOut = true
      this.#current?.abort(new Error(`No end within ${seconds} s.`))
    }, seconds * 1000)
  }

  /** The call came to no reply: the client is told why, after the log. */
  async #fail(upstream: Upstream, cause: unknown): Promise<void> {
    const { response } = this.#from
    if (this.#startError !== undefined) {
      const reason = isAglError(this.#startError) ? this.#startError.message : 'the log cannot be written.'
      this.#reply(new AglError('AGL_GATEWAY_NOT_RECORDED', { reason }, this.#startError))
      return
    }
    const { outcome, error } = this.#failureOf(upstream, cause)
    await this.#recordFailure(outcome, error)
    if (outcome === 'client_left') response.destroy()
    else this.#reply(error)
  }

  #failureOf(upstream: Upstream, cause: unknown): { outcome: CallOutcome; error: AglError } {
    const { name } = upstream.settings
    const reason = reasonOf(cause)
    const failed = new AglError('AGL_GATEWAY_UPSTREAM_FAILED', { name, reason }, cause)
    if (this.#gone.signal.aborted) return { outcome: 'client_left', error: failed }
    if (this.#timedOut) {
      const seconds = this.#parts.settings.timeoutSeconds
      return { outcome: 'timeout', error: new AglError('AGL_GATEWAY_TIMEOUT', { name, seconds }, cause) }
    }
    if (isAglError(cause)) return { outcome: 'refused', error: cause }
    return { outcome: 'upstream_failed', error: failed }
  }

  /** Refuses a call before any upstream was asked. */
  async #refuse(error: AglError): Promise<void> {
    await this.#announce()
    await this.#recordFailure('refused', error)
    this.#reply(error)
  }

  #reply(error: AglError): void {
    const extra: Record<string, string> = this.#kept ? { 'x-agl-call-id': this.#identity.callId } : {}
    sendGatewayError(this.#from.response, cataloguedError(error), this.#identity.dialect, extra)
  }

  async #recordFailure(outcome: CallOutcome, error: AglError): Promise<void> {
    if (!this.#kept) return
    const status = outcome === 'client_left' ? 0 : error.kind.http
    const why = outcome === 'client_left' ? this.#leftBecause() : oneLine(error.message)
    const end = { outcome, error: why, status, responseHeaders: [], gaps: [] }
    await this.#writeEnd({ ...this.#endOf(), ...end, truncated: false }, [])
  }

  #recordEnd(upstream: Upstream, reply: UpstreamReply, relayed: RelayEnd): Promise<unknown> | undefined {
    if (!this.#kept) return undefined
    const { body, error, ...seen } = relayed
    const weightVersion = upstream.settings.weightVersion ?? headerOf(reply.headers, 'x-weight-version')
    const end: CallEnd = {
      ...this.#endOf(),
      ...seen,
      ...(error === undefined ? {} : { error: oneLine(error) }),
      status: reply.status,
      responseHeaders: recordedHeaders(reply.headers),
      ...(weightVersion === undefined ? {} : { weightVersion }),
    }
    return this.#writeEnd(end, body)
  }

  #endOf(): CallIdentity & Pick<CallEnd, 'refusedFlags' | 'retries' | 'endNs'> {
    return {
      ...this.#identity,
      refusedFlags: this.#refused,
      retries: this.#retries,
      endNs: String(this.#parts.nowNs()),
    }
  }

  async #writeEnd(end: CallEnd, body: readonly Uint8Array[]): Promise<void> {
    // The start may still wait to be admitted, and the end of a call comes behind it.
    if (!this.#startPlace.isQueued) await this.#start
    if (this.#startError !== undefined) return
    await Promise.all([this.#start, this.#parts.recorder.end(this.#owner, end, body, this.#startPlace)])
  }
}

function noUpstream(model: string | undefined): AglError {
  return new AglError('AGL_GATEWAY_NO_UPSTREAM', { model: model === undefined ? '' : ` for ${model}` })
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as { code?: unknown; message?: string }
  return oneLine(typeof code === 'string' ? `${code}: ${message ?? ''}` : (message ?? String(cause)))
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 500)
}
