// The settings of one server, complete: who starts a server resolves flags, environment and defaults first
// (`cli/settings.ts`).
import type { GatewaySettings } from '../gateway/settings.ts'

/** Where derived data goes: `sqlite` in the data directory, `memory` in a private directory removed at the end. */
export type StoreKind = 'sqlite' | 'memory'

export const logLevels = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const
export type LogLevel = (typeof logLevels)[number]

/** Size limits of what is received (design §11). Bytes unless said otherwise. */
export interface Limits {
  /** Body after decoding. */
  readonly bodyBytes: number
  /** Compressed body as sent. */
  readonly compressedBytes: number
  /** Largest decoded size as a multiple of the compressed one, above `ratioFreeBytes`. */
  readonly ratio: number
  readonly ratioFreeBytes: number
  /** `/v4` uploads. */
  readonly uploadBytes: number
  readonly spanBytes: number
  /** Attributes of a span that are looked at and shown, the first ones; the rest is kept, and counted as dropped. */
  readonly spanAttributes: number
  /** Nesting of values: levels of arrays and key-value lists. */
  readonly depth: number
  /** Integers in one array of a value. */
  readonly arrayIntegers: number
  /** Elements of other kinds in one array, entries in one key-value list. */
  readonly arrayElements: number
  /** Bodies being received or waiting for their flush. */
  readonly inFlightBytes: number
  /** Log not yet indexed, above which acknowledgements are delayed. */
  readonly indexLagBytes: number
}

export const defaultLimits: Limits = {
  bodyBytes: 64 * 1024 * 1024,
  compressedBytes: 20 * 1024 * 1024,
  ratio: 100,
  ratioFreeBytes: 1024 * 1024,
  uploadBytes: 25 * 1024 * 1024,
  spanBytes: 20 * 1024 * 1024,
  spanAttributes: 4096,
  depth: 32,
  arrayIntegers: 2_000_000,
  arrayElements: 100_000,
  inFlightBytes: 256 * 1024 * 1024,
  indexLagBytes: 1024 * 1024 * 1024,
}

/** Everything that `startServer` needs to know. */
export interface ServerConfig {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  /** What to do when `port` is busy: `exact` fails, `preferred` takes a free one and says so. */
  readonly portPolicy: 'exact' | 'preferred'
  /** One more port, for OTLP/gRPC; 0 takes a free one, undefined opens none. All ports take HTTP and gRPC. */
  readonly grpcPort: number | undefined
  /** Listen on 4317 (gRPC) and 4318 (HTTP) too, where exporters send by default. */
  readonly otlpPorts: boolean
  readonly dataDir: string
  readonly store: StoreKind
  readonly logLevel: LogLevel
  /** Demanded from every client when set; see `requireKey`. */
  readonly apiKey: string | undefined
  /** Demand `apiKey` on loopback as well. */
  readonly requireKey: boolean
  /** Listen beyond loopback without a key. */
  readonly insecure: boolean
  /** Further values of the Host header that are answered. */
  readonly allowHosts: readonly string[]
  /** Web origins that may read. */
  readonly allowOrigins: readonly string[]
  /** The oldest segments go above this size of the data directory. */
  readonly maxDiskBytes: number
  readonly limits: Limits
  readonly gateway: GatewaySettings
}

/** The ports of OpenTelemetry's exporters and collectors (OTLP specification). */
export const otlpDefaultPorts = { grpc: 4317, http: 4318 } as const

/** The ports that a server listens on. */
export interface Ports {
  /** Its own first. */
  readonly http: readonly number[]
  readonly grpc: readonly number[]
}

/** A server that listens. */
export interface RunningServer {
  readonly host: string
  /** The port really bound. */
  readonly port: number
  /** `port`, and all others. */
  readonly ports: Ports
  /** E.g. `http://localhost:8002`. */
  readonly url: string
  /** Random, new with every start. */
  readonly instanceId: string
  /** Drains (new writes get 429), flushes, closes. Idempotent. */
  stop(): Promise<void>
  /** Resolves when the server has stopped, whoever asked for it; rejects when it broke. */
  readonly stopped: Promise<void>
}
