// Where a manager's server runs: in this process, or in a child of its own.
import type { Ready } from './messages.ts'

/** How a server ended. */
export interface ServerExit {
  /** Exit status of its process; null after a signal. 0 or 1 for a server in this process. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A server that answers, wherever it runs. */
export interface HostedServer {
  readonly at: Ready
  readonly pid: number
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<ServerExit>
  /** Asks it to drain and end. Does not wait. */
  ask(): void
  /** Ends it at once. */
  kill(): void
  /** Lets this program end while the server runs (`false`), or keeps it alive (`true`). */
  hold(keep: boolean): void
}

/** A start that is under way; `kill` gives it up. */
export interface Starting {
  readonly ready: Promise<HostedServer>
  kill(): void
}
