// What a manager and its server process say to each other over the channel between them.
import type { ErrorCode } from '../errors.ts'
import type { Ports, ServerConfig } from '../server/config.ts'

export type ToServer =
  | { readonly type: 'start'; readonly config: ServerConfig; readonly detached: boolean }
  | { readonly type: 'stop' }

/** Where a server listens. */
export interface Ready {
  readonly host: string
  readonly port: number
  readonly ports: Ports
  readonly url: string
  readonly instanceId: string
}

export type FromServer =
  | { readonly type: 'ready'; readonly at: Ready }
  | {
      readonly type: 'failed'
      readonly code: ErrorCode
      readonly details: Readonly<Record<string, string | number>>
    }
