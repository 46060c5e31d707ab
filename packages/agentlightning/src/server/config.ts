// The settings of one server, complete: who starts a server resolves flags, environment and defaults first
// (`cli/settings.ts`).

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
  readonly depth: number
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
  depth: 32,
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
}

/** A server that listens. */
export interface RunningServer {
  readonly host: string
  /** The port really bound. */
  readonly port: number
  /** E.g. `http://localhost:8002`. */
  readonly url: string
  /** Random, new with every start. */
  readonly instanceId: string
  /** Drains (new writes get 429), flushes, closes. Idempotent. */
  stop(): Promise<void>
  /** Resolves when the server has stopped, whoever asked for it; rejects when it broke. */
  readonly stopped: Promise<void>
}
