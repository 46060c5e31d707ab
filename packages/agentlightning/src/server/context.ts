// What the routes are given: the parts of a running server, and nothing global.
import type { KeyProject } from '../agentops/projects.ts'
import type { Tokens } from '../agentops/tokens.ts'
import type { LiveFeed } from '../api/live/feed.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { AppendOptions, Log } from '../log/log.ts'
import type { Position, RecordHeader } from '../log/record.ts'
import type { Logger } from '../logger.ts'
import type { ByteBudget } from '../otlp/receive/budget.ts'
import type { Ports, ServerConfig } from './config.ts'
import type { Health } from './health.ts'
import type { IndexClient } from './threads/index-client.ts'
import type { QueryClient } from './threads/query-client.ts'
import type { ScanClient } from './threads/scan-client.ts'
import type { Watch } from './watch.ts'

/** What tells this server from every other. */
export interface Identity {
  readonly instanceId: string
  readonly dataDirHash: string
  /** Of the state file: who can read it may stop the server. */
  readonly secret: string
}

/** The parts that routes call. */
export interface ServerContext {
  readonly identity: Identity
  readonly config: ServerConfig
  readonly logger: Logger
  readonly log: Log
  readonly index: IndexClient
  readonly query: QueryClient
  readonly live: LiveFeed
  readonly scan: ScanClient
  readonly budget: ByteBudget
  readonly tokens: Tokens
  readonly watch: Watch
  readonly health: Health
  readonly gateway: Gateway
  readonly nowNs: () => bigint
  /** Makes sure that the project of a key is in the log. */
  readonly ensureProject: (key: KeyProject) => Promise<void>
  /** Appends a record and resolves when it is durable. Refuses with 429 while stopping or overloaded. */
  readonly append: (
    header: Omit<RecordHeader, 'receivedNs'>,
    payload: readonly Uint8Array[],
    options?: AppendOptions,
  ) => Promise<{ start: Position; end: Position }>
  /** The ports that are open. */
  readonly ports: () => Ports
  /** True once the server is stopping: connections are not kept then. */
  readonly isDraining: () => boolean
  /** Begins the stop of the server; resolves when it has stopped. */
  readonly stop: () => Promise<void>
  /** Rebuilds the index from the log. */
  readonly reindex: () => Promise<void>
}

/** Seconds after which a refused exporter may come again. */
export const RETRY_AFTER_S = 2
