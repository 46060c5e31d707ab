// The recording gateway: takes the requests under its prefixes from the socket, and knows what is under way.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AglError } from '../errors.ts'
import { ByteBudget } from '../otlp/receive/budget.ts'
import type { Body } from '../otlp/receive/collect.ts'
import { readBody } from '../otlp/receive/read-body.ts'
import type { ServerContext } from '../server/context.ts'
import { checkHost, checkOrigin, isLoopback } from '../server/http/guard.ts'
import { rewriteUrl } from '../server/http/rewrite-url.ts'
import { type CallAddress, parseAddress } from './address.ts'
import { type CallParts, GatewayCall } from './call.ts'
import { cataloguedError, sendGatewayError } from './error-body.ts'
import { INSTANCE_HEADER } from './headers.ts'
import { Recorder } from './recorder.ts'
import { type GatewayRun, type Pause, Registry } from './registry.ts'
import { type GatewaySender, identifyCaller } from './sender.ts'
import {
  configuredUpstreams,
  type GatewaySettings,
  type UpstreamSettings,
  upstreamsOfEnv,
} from './settings.ts'
import { trustAsClients } from './trust.ts'
import { UpstreamClient } from './upstream-client.ts'
import { makeUpstream, type Upstream } from './upstreams.ts'

/** Bytes of requests that may be in memory at once: a prompt of 120,000 ids is 0.75 MB, and 500 may wait. */
const REQUEST_BYTES = 1024 * 1024 * 1024

const mayBeOurs = /^(?:https?:\/\/[^/]*)?\/+(?:gateway|rollout|proxy|k)\//i

/** What a gateway needs of its server. */
export type GatewayContext = Pick<
  ServerContext,
  'identity' | 'config' | 'logger' | 'log' | 'append' | 'nowNs' | 'ensureProject' | 'isDraining'
>

/** One line of the gateway's status per upstream. */
export interface UpstreamStatus {
  readonly name: string
  readonly url: string
  readonly models?: readonly string[]
  readonly backend: string | null
  readonly inFlight: number
  /** Kinds of calls → flags that it refused. */
  readonly refusedFlags?: Readonly<Record<string, readonly string[]>>
}

/** What a gateway says about itself. */
export interface GatewayStatus {
  readonly paused: boolean
  readonly inFlight: number
  readonly recorded: number
  readonly unrecorded: number
  readonly runs: number
  readonly upstreams: readonly UpstreamStatus[]
}

/** A gateway. One per server. */
export class Gateway {
  readonly settings: GatewaySettings
  readonly registry: Registry
  readonly #context: GatewayContext
  readonly #client: UpstreamClient
  readonly #recorder: Recorder
  readonly #upstreams: readonly Upstream[]
  readonly #ofRuns = new Map<string, readonly Upstream[]>()
  readonly #calls = new Set<GatewayCall>()
  readonly #budget = new ByteBudget(REQUEST_BYTES)
  readonly #env: Readonly<Record<string, string | undefined>>
  readonly #parts: CallParts
  #drained: (() => void)[] = []
  #inFlight = 0

  /**
   * @param env of the server's start: keys of upstreams, and the upstreams of a client when none are configured
   * @param secret with which keys of rollouts are signed
   * @throws AGL_BAD_ARGUMENT for a file of upstreams that cannot be used
   */
  constructor(
    context: GatewayContext,
    env: Readonly<Record<string, string | undefined>>,
    dataDir: string,
    secret: Buffer,
  ) {
    const configured = configuredUpstreams(context.config.gateway)
    this.settings = context.config.gateway
    this.registry = new Registry(dataDir, secret, (error) =>
      context.logger.warn({ err: error }, 'The gateway forgot its runs: gateway.json cannot be read'),
    )
    this.#context = context
    this.#env = env
    trustAsClients(env, (variable, err) =>
      context.logger.warn({ err }, `The certificates that ${variable} names cannot be read`),
    )
    this.#client = new UpstreamClient(env)
    this.#recorder = new Recorder(context)
    this.#upstreams = (configured.length > 0 ? configured : upstreamsOfEnv(env)).map(makeUpstream)
    this.#parts = this.#makeParts()
  }

  /** Calls that have begun and are not over. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** Takes a request when its path is the gateway's; returns false for any other. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    if (!mayBeOurs.test(request.url ?? '')) return false
    const address = parseAddress(rewriteUrl(request))
    if (!address) return false
    this.#take(request, response, address).catch((error: unknown) => {
      const catalogued = cataloguedError(error)
      if (catalogued.code === 'AGL_INTERNAL')
        this.#context.logger.error({ err: error }, `Gateway call ${address.path} failed`)
      sendGatewayError(response, catalogued, address.dialect)
      request.resume()
    })
    return true
  }

  /** Refuses new calls until `resume()`; those under way go on. Survives a restart. */
  pause(pause: Pause): void {
    this.registry.pause(pause)
  }

  resume(): void {
    this.registry.pause(undefined)
  }

  /** True when nothing is under way any more, within `ms`. */
  async drained(ms: number): Promise<boolean> {
    if (this.#inFlight === 0) return true
    let timer: NodeJS.Timeout | undefined
    const empty = new Promise<boolean>((resolve) => {
      this.#drained.push(() => resolve(true))
      timer = setTimeout(() => resolve(false), ms)
    })
    return empty.finally(() => clearTimeout(timer))
  }

  /** Forgets what is kept of a run beside its registration. */
  forgetRun(run: string): void {
    this.#ofRuns.delete(run)
  }

  status(): GatewayStatus {
    return {
      paused: this.registry.paused !== undefined,
      inFlight: this.#inFlight,
      recorded: this.#recorder.recorded,
      unrecorded: this.#recorder.unrecorded,
      runs: this.registry.runs.length,
      upstreams: this.#upstreams.map(statusOf),
    }
  }

  /** Cuts what is under way, records its end, and closes. To be called before the log closes. */
  async close(): Promise<void> {
    for (const call of this.#calls) call.cut()
    await this.drained(5000)
    await this.#recorder.settle()
    await this.#client.close()
  }

  async #take(request: IncomingMessage, response: ServerResponse, address: CallAddress): Promise<void> {
    const startedMs = performance.now()
    const { config, nowNs } = this.#context
    checkHost(config, request.headers.host)
    checkOrigin(config, request.headers)
    const sender = identifyCaller(config, this.registry, request.headers)
    if (request.headers[INSTANCE_HEADER] === this.#context.identity.instanceId)
      throw new AglError('AGL_GATEWAY_LOOP', { url: 'of an earlier hop' })
    const run = address.run === undefined ? undefined : this.#runOf(address.run)
    if (request.method === 'POST' && this.#refuseWhilePaused(response, address)) {
      request.resume()
      return
    }
    if (this.#context.isDraining()) response.setHeader('connection', 'close')
    let call: GatewayCall | undefined
    let left = false
    response.once('close', () => {
      left = !response.writableFinished
      if (left) call?.clientLeft()
    })
    this.#inFlight++
    let body: Body | undefined
    try {
      const startNs = nowNs()
      body = await this.#bodyOf(request)
      const { sender: known } = await this.#known(sender, run)
      const received = { request, response, address, sender: known, body: body.bytes, startNs, startedMs }
      call = new GatewayCall(this.#parts, received)
      if (left) return
      this.#calls.add(call)
      await call.run()
    } finally {
      if (call) this.#calls.delete(call)
      body?.release()
      this.#inFlight--
      if (this.#inFlight === 0) for (const resolve of this.#drained.splice(0)) resolve()
    }
  }

  /** A request without a body is not waited for. */
  #bodyOf(request: IncomingMessage): Promise<Body> {
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers
    if (length === '0' && encoding === undefined)
      return Promise.resolve({ bytes: Buffer.alloc(0), release: () => undefined })
    return readBody(request, this.#context.config.limits, this.#budget)
  }

  /** Adds what a run says of its calls, and records a project that is new. */
  async #known(
    sender: GatewaySender,
    run: GatewayRun | undefined,
  ): Promise<{ readonly sender: GatewaySender }> {
    if (sender.project) await this.#context.ensureProject(sender.project)
    if (!run) return { sender }
    return { sender: { ...sender, owner: { ...run, ...sender.owner } } }
  }

  #runOf(id: string): GatewayRun {
    const run = this.registry.run(id)
    if (run) return run
    throw new AglError('AGL_NOT_FOUND', {
      what: `The run ${id.slice(0, 100)}`,
      todo: 'Register it: POST /api/v1/gateway/runs, or use `agl run`.',
    })
  }

  #refuseWhilePaused(response: ServerResponse, address: CallAddress): boolean {
    const { paused } = this.registry
    if (!paused) return false
    const reason = paused.reason === '' ? '' : `: ${paused.reason}`
    sendGatewayError(response, new AglError('AGL_GATEWAY_PAUSED', { reason }), address.dialect, {
      'retry-after': paused.retryAfterSeconds,
      'x-agl-paused': 'true',
    })
    return true
  }

  #makeParts(): CallParts {
    return {
      settings: this.settings,
      client: this.#client,
      recorder: this.#recorder,
      instanceId: this.#context.identity.instanceId,
      nowNs: this.#context.nowNs,
      isDraining: this.#context.isDraining,
      env: (name: string) => this.#env[name] || undefined,
      upstreamsOf: (run: string | undefined) => this.#upstreamsOf(run),
      tagsOf: (run: string | undefined) => (run === undefined ? [] : (this.registry.run(run)?.tags ?? [])),
      isSelf: (upstream: Upstream, localPort: number | undefined) => this.#isSelf(upstream, localPort),
    }
  }

  /** The upstreams that a run brought along; the server's as well where none of them is for OpenAI's API. */
  #upstreamsOf(id: string | undefined): readonly Upstream[] {
    const run = id === undefined ? undefined : this.registry.run(id)
    if (!run?.upstream.openai && !run?.upstream.anthropic) return this.#upstreams
    let own = this.#ofRuns.get(run.run)
    if (!own) {
      own = settingsOfRun(run).map(makeUpstream)
      if (run.upstream.openai === undefined) own = [...own, ...this.#upstreams]
      this.#ofRuns.set(run.run, own)
    }
    return own
  }

  #isSelf({ url }: Upstream, localPort: number | undefined): boolean {
    const { protocol, hostname, port } = url
    const number = Number(port || (protocol === 'https:' ? 443 : 80))
    const { host } = this.#context.config
    const here = hostname === 'localhost' || hostname === host || isLoopback(hostname.replace(/^\[|\]$/g, ''))
    return here && number === localPort
  }
}

function settingsOfRun({ run, upstream }: GatewayRun): UpstreamSettings[] {
  const { openai, anthropic } = upstream
  return [
    ...(openai === undefined ? [] : [{ name: `${run}/openai`, url: openai }]),
    ...(anthropic === undefined
      ? []
      : [{ name: `${run}/anthropic`, url: anthropic, dialects: ['messages'] as const }]),
  ]
}

function statusOf({ settings, backend, inFlight, refused }: Upstream): UpstreamStatus {
  return {
    name: settings.name,
    url: settings.url,
    ...(settings.models ? { models: settings.models } : {}),
    backend: backend ?? null,
    inFlight,
    ...(refused.size === 0 ? {} : { refusedFlags: Object.fromEntries(refused) }),
  }
}
