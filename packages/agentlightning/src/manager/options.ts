// What the programmer says, and the complete settings that follow from it.
import { resolve } from 'node:path'
import { defaultGatewaySettings, type UpstreamSettings } from '../gateway/settings.ts'
import { defaultLimits, type LogLevel, type ServerConfig, type StoreKind } from '../server/config.ts'
import { makeMemoryDir, resolveDataDir } from '../server/data-dir/resolve.ts'

/** The port of the original, and of every default. */
export const defaultPort = 8002

const defaultMaxDiskBytes = 10_000_000_000

/** Settings of a server; what is left out has the default of the command `agl agentops`. */
export interface ServerOptions {
  /** Left out: 8002, or a free one when that is taken. 0: a free one. Any other: this one, or an error. */
  readonly port?: number | undefined
  /** One more port, for OTLP/gRPC; left out: none. 0: a free one. */
  readonly grpcPort?: number | undefined
  /** Listen on 4317 (gRPC) and 4318 (HTTP) too, where exporters send by default. */
  readonly otlpPorts?: boolean | undefined
  /** Address to listen on; default loopback (127.0.0.1 and ::1). */
  readonly host?: string | undefined
  /** Default: `AGL_DATA_DIR`, else `.agl` of the current folder when it exists, else the platform's. */
  readonly dataDir?: string | undefined
  /** `memory` keeps everything in a private temporary directory that goes with the server. */
  readonly store?: StoreKind | undefined
  readonly logLevel?: LogLevel | undefined
  /** Demanded from clients; needed when `host` is not loopback. */
  readonly apiKey?: string | undefined
  /** Demand the key on loopback as well. */
  readonly requireKey?: boolean | undefined
  /** Listen beyond loopback without a key. */
  readonly insecure?: boolean | undefined
  /** Further values of the Host header that are answered. */
  readonly allowHosts?: readonly string[] | undefined
  /** Web origins that may read. */
  readonly allowOrigins?: readonly string[] | undefined
  /** Size of the data directory above which the oldest traces go. Bytes; default 10 GB. */
  readonly maxDiskBytes?: number | undefined
  /** Model servers behind the gateway; without any, those of `OPENAI_BASE_URL` and `ANTHROPIC_BASE_URL`. */
  readonly upstreams?: readonly UpstreamSettings[] | undefined
  /** JSON file with more of them. */
  readonly upstreamsFile?: string | undefined
  /** Leave in replies the token ids that only the gateway asked for. Default `false`. */
  readonly keepTokenIds?: boolean | undefined
  /** Seconds of silence after which a stream gets a comment line. Default 0: never. */
  readonly streamComments?: number | undefined
  /** Seconds after which a model call is given up. Default 0: never. */
  readonly upstreamTimeout?: number | undefined
}

/** Options of `AgentOpsServerManager`. */
export interface AgentOpsServerManagerOptions extends ServerOptions {
  /** `true` (default): the server does not keep this program alive. `false`: it does, until `stop()`. */
  readonly daemon?: boolean
  /** The server outlives this program, and logs to `server.log` of its data directory. Default `false`. */
  readonly detached?: boolean
  /** Run the server in this process and not in a child. Default `false`. */
  readonly inProcess?: boolean
  /** How long `start()` waits for the server to answer. Milliseconds; default 30,000. */
  readonly startTimeoutMs?: number
}

/**
 * The complete settings of a server.
 *
 * @param defaults the log level and the store when `options` do not say; makes the private directory of a
 * server with `store: memory`
 */
export function resolveConfig(
  options: ServerOptions,
  defaults: { readonly logLevel: LogLevel } = { logLevel: 'info' },
): ServerConfig {
  const store = options.store ?? 'sqlite'
  return {
    host: options.host ?? 'localhost',
    port: options.port ?? defaultPort,
    portPolicy: options.port === undefined ? 'preferred' : 'exact',
    grpcPort: options.grpcPort,
    otlpPorts: options.otlpPorts ?? false,
    dataDir: store === 'memory' ? makeMemoryDir() : resolveDataDir(options.dataDir),
    store,
    logLevel: options.logLevel ?? defaults.logLevel,
    apiKey: options.apiKey || undefined,
    requireKey: options.requireKey ?? false,
    insecure: options.insecure ?? false,
    allowHosts: options.allowHosts ?? [],
    allowOrigins: options.allowOrigins ?? [],
    maxDiskBytes: options.maxDiskBytes ?? defaultMaxDiskBytes,
    limits: defaultLimits,
    gateway: {
      ...defaultGatewaySettings,
      upstreams: options.upstreams ?? [],
      upstreamsFile: options.upstreamsFile === undefined ? undefined : resolve(options.upstreamsFile),
      keepTokenIds: options.keepTokenIds ?? false,
      commentSeconds: options.streamComments ?? 0,
      timeoutSeconds: options.upstreamTimeout ?? 0,
    },
  }
}
