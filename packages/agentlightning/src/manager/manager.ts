// The life of one server as an object: for test suites and programs, and for the command itself.
import { EventEmitter } from 'node:events'
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { AglError } from '../errors.ts'
import { createLogger, type Logger } from '../logger.ts'
import type { Ports, ServerConfig } from '../server/config.ts'
import { isMemoryDir } from '../server/data-dir/resolve.ts'
import { flushServer } from './ask.ts'
import { startChild } from './child-server.ts'
import { clientEnv } from './client-env.ts'
import type { HostedServer, ServerExit, Starting } from './hosted-server.ts'
import { startInProcess } from './in-process-server.ts'
import { type AgentOpsServerManagerOptions, resolveConfig } from './options.ts'
import { stopGraceMs } from './stop-server.ts'

/** The process in which a manager's server runs or ran. */
export interface ServerProcess {
  readonly pid: number
  /** Null while it runs, and after a signal. */
  readonly exitCode: number | null
}

/** How a server ended; `crashed` when nobody asked it to. */
export interface ManagerExit extends ServerExit {
  readonly crashed: boolean
}

/** The events of a manager. */
export interface ManagerEvents {
  exit: [ManagerExit]
}

/**
 * Starts, watches and stops one AgentOps server. By default the server is a child process that ends with this
 * one, however this one ends.
 *
 * ```ts
 * await using server = new AgentOpsServerManager({ store: 'memory', port: 0 })
 * await server.start()
 * spawn('python', ['agent.py'], { env: { ...process.env, ...server.env() } })
 * ```
 *
 * Emits `exit` when the server has ended, also when it was killed from outside.
 */
export class AgentOpsServerManager extends EventEmitter<ManagerEvents> {
  /** False when the server keeps this program alive. */
  readonly daemon: boolean
  readonly #options: AgentOpsServerManagerOptions
  #port: number | undefined
  #grpcPort: number | undefined
  #config: ServerConfig | undefined
  #server: HostedServer | undefined
  #exit: ServerExit | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  #asked = false
  #logger: Logger | undefined

  constructor(options: AgentOpsServerManagerOptions = {}) {
    super()
    checkOptions(options)
    this.#options = options
    this.daemon = options.daemon ?? true
    this.#port = options.port === 0 ? undefined : options.port
  }

  /**
   * Starts the server and resolves when it answers. On a live server it warns and returns. Rejects with a
   * catalogued error, e.g. AGL_PORT_IN_USE, AGL_DATA_DIR_IN_USE, AGL_START_TIMEOUT. Can be called again after
   * `stop()` and after a crash, and then takes the same port.
   */
  async start(): Promise<void> {
    await this.#stopping
    if (this.#starting) return this.#starting
    if (this.isAlive()) {
      this.#log.warn(`the server is already running at ${this.url}`)
      return
    }
    this.#starting = this.#start().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  /** True while the server runs. Never throws. */
  isAlive(): boolean {
    return this.#server !== undefined && this.#exit === undefined
  }

  /**
   * Asks the server to drain and end, waits up to 5 s, then kills it; resolves when it is gone. Never rejects;
   * calling it again, or without a server, does nothing.
   */
  async stop(): Promise<void> {
    await this.#starting?.catch(() => undefined)
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined
    })
    return this.#stopping
  }

  /** Resolves when everything acknowledged so far can be read back. */
  async flush(timeoutMs = 30_000): Promise<void> {
    const { at } = this.#alive()
    await flushServer(at.url, this.#config?.apiKey, timeoutMs)
  }

  /** The port really bound; before the first start the wanted one, after an end the last one. */
  getPort(): number | undefined {
    return this.#port
  }

  /** The port of OTLP/gRPC really bound, also one of `otlpPorts`; undefined where there is none. */
  get grpcPort(): number | undefined {
    return this.#grpcPort
  }

  /** As `getPort()`. */
  get serverPort(): number | undefined {
    return this.#port
  }

  /** E.g. `http://localhost:8002`; undefined before the first start. */
  get url(): string | undefined {
    return this.#server?.at.url
  }

  /** All ports that the running or last server listens on; undefined before the first start. */
  get ports(): Ports | undefined {
    return this.#server?.at.ports
  }

  /** The id of the process in which the server runs; undefined when none runs. */
  get pid(): number | undefined {
    return this.isAlive() ? this.#server?.pid : undefined
  }

  /** The data directory of the running or last server. */
  get dataDir(): string | undefined {
    return this.#config?.dataDir
  }

  /** The process of the running or last server; undefined before the first start. */
  get serverProcess(): ServerProcess | undefined {
    return this.#server && { pid: this.#server.pid, exitCode: this.#exit?.code ?? null }
  }

  /**
   * The environment variables that make a client process send to this server. Throws AGL_NOT_RUNNING before the
   * first start.
   */
  env(): Record<string, string> {
    if (!this.#server || !this.#config) throw this.#notRunning()
    return clientEnv({ url: this.#server.at.url, config: this.#config })
  }

  /** Resolves when the running server has ended, whoever ended it. */
  async ended(): Promise<ServerExit> {
    return this.#alive().ended
  }

  /** Lets this program end while a detached server goes on; any other server ends with it. */
  release(): void {
    this.#server?.hold(false)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #start(): Promise<void> {
    const config = this.#nextConfig()
    this.#config = config
    this.#asked = false
    const timeoutMs = this.#options.startTimeoutMs ?? 30_000
    try {
      const starting = this.#options.inProcess
        ? startInProcess(config)
        : startChild(config, { detached: this.#options.detached ?? false })
      const server = await withTimeout(starting, timeoutMs)
      this.#server = server
      this.#exit = undefined
      this.#port = server.at.port
      this.#grpcPort = server.at.ports.grpc[0]
      server.hold(!this.daemon)
      void server.ended.then((exit) => this.#onEnd(server, exit))
    } catch (error) {
      removeMemoryDir(config)
      throw error
    }
  }

  async #stop(): Promise<void> {
    const server = this.#server
    if (!server || !this.isAlive()) return
    this.#asked = true
    server.hold(true)
    server.ask()
    const late = Symbol()
    const first = await Promise.race([server.ended, sleep(stopGraceMs, late, { ref: false })])
    if (first !== late) return
    this.#log.warn(
      `the server (pid ${server.pid}) did not stop within ${stopGraceMs / 1000} s: it had to be killed`,
    )
    server.kill()
    await Promise.race([server.ended, sleep(stopGraceMs)])
  }

  #onEnd(server: HostedServer, exit: ServerExit): void {
    if (this.#server !== server) return
    this.#exit = exit
    if (this.#config) removeMemoryDir(this.#config)
    const crashed = !this.#asked && exit.code !== 0
    if (crashed)
      this.#log.error(`the server (pid ${server.pid}) ended by itself: ${exit.signal ?? exit.code}`)
    this.emit('exit', { ...exit, crashed })
  }

  // A port once bound is kept, since clients know it; a free one replaces it only where none was asked for.
  #nextConfig(): ServerConfig {
    const resolved = resolveConfig(this.#options, { logLevel: 'warn' })
    const bound = resolved.grpcPort === undefined ? undefined : this.#grpcPort
    const config = bound === undefined ? resolved : { ...resolved, grpcPort: bound }
    if (this.#port === undefined) return config
    return { ...config, port: this.#port, portPolicy: this.#options.port ? 'exact' : 'preferred' }
  }

  #alive(): HostedServer {
    if (!this.#server || !this.isAlive()) throw this.#notRunning()
    return this.#server
  }

  #notRunning(): AglError {
    return new AglError('AGL_NOT_RUNNING', { dataDir: this.#config?.dataDir ?? 'any data directory' })
  }

  get #log(): Logger {
    this.#logger ??= createLogger(this.#options.logLevel ?? 'warn')
    return this.#logger
  }
}

function checkOptions(options: AgentOpsServerManagerOptions): void {
  for (const port of [options.port, options.grpcPort]) {
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) throw badPort(port)
  }
  if (options.inProcess && options.detached) {
    throw new AglError('AGL_BAD_ARGUMENT', {
      what: 'A server cannot be both inProcess and detached.',
      todo: 'Choose one of them.',
    })
  }
}

/** The error for a port that is none. */
export function badPort(value: unknown): AglError {
  return new AglError('AGL_BAD_ARGUMENT', {
    what: `${value} is not a port.`,
    todo: 'Give a number from 0 to 65535; 0 takes a free port.',
  })
}

async function withTimeout(starting: Starting, timeoutMs: number): Promise<HostedServer> {
  const late = new AbortController()
  const timeout = sleep(timeoutMs, undefined, { signal: late.signal }).then(() => {
    starting.kill()
    throw new AglError('AGL_START_TIMEOUT', { seconds: timeoutMs / 1000 })
  })
  try {
    return await Promise.race([starting.ready, timeout])
  } finally {
    timeout.catch(() => undefined)
    starting.ready.catch(() => undefined)
    late.abort()
  }
}

function removeMemoryDir({ dataDir }: ServerConfig): void {
  if (isMemoryDir(dataDir)) rmSync(dataDir, { recursive: true, force: true })
}
