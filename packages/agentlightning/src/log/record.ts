// What one record of the log says about itself. The bytes are laid out in `encode.ts`.

/**
 * A place in the log: segment number × 2³² + byte offset in the segment file. Positions compare as numbers
 * and stay exact (segment numbers are below 2²¹, which at 64 MB a segment is 128 TB).
 */
export type Position = number

const OFFSET_RANGE = 2 ** 32

/** The position of `offset` in segment `segment`. */
export function positionOf(segment: number, offset: number): Position {
  return segment * OFFSET_RANGE + offset
}

/** The segment number of a position. */
export function segmentOf(position: Position): number {
  return Math.floor(position / OFFSET_RANGE)
}

/** The byte offset of a position in its segment file. */
export function offsetOf(position: Position): number {
  return position % OFFSET_RANGE
}

/** A position as it crosses the API: `segment-offset` in decimal, opaque to callers. */
export function formatPosition(position: Position): string {
  return `${segmentOf(position)}-${offsetOf(position)}`
}

/** Reads what `formatPosition` wrote; `undefined` when it is anything else. */
export function parsePosition(text: string): Position | undefined {
  const match = /^(\d{1,7})-(\d{1,10})$/.exec(text)
  if (!match) return undefined
  const [segment, offset] = [Number(match[1]), Number(match[2])]
  return segment < 2 ** 21 && offset < OFFSET_RANGE ? positionOf(segment, offset) : undefined
}

/** Where a record that is appended comes to lie. */
export class Place {
  /** True once the log has taken the record: one that is appended from then on lies behind it. */
  isQueued = false
  /** Known from when the record is written; `undefined` again when that failed. */
  at: Position | undefined
}

/** What a record holds. Numbers are on disk: never renumber, only add. */
export const recordKinds = {
  otlpTraces: 1,
  otlpLogs: 2,
  otlpMetrics: 3,
  legacySession: 10,
  legacyEvents: 11,
  uploadLog: 20,
  uploadObject: 21,
  gatewayStart: 30,
  gatewayEnd: 31,
  rollout: 40,
  reward: 41,
  note: 42,
  project: 50,
  key: 51,
  pin: 52,
  deleteTrace: 53,
  prune: 54,
  requestCounts: 60,
} as const

/** The name of a record kind. */
export type RecordKind = keyof typeof recordKinds

/** How the project of a record was known. */
export type ProjectSource = 'token' | 'key' | 'path' | 'none'

/** Everything that deriving rows from a record needs beside its payload. */
export interface RecordHeader {
  readonly kind: RecordKind
  /** Time of receipt, ns since the Unix epoch. */
  readonly receivedNs: bigint
  /** Project id (UUID), absent when the request named none. */
  readonly project?: string
  readonly projectSource?: ProjectSource
  /** SHA-256 of the API key in hex; never the key, never a bearer token. */
  readonly keyHash?: string
  /** Path of the request as received, without query and without a key in it. */
  readonly route?: string
  /** Media type of the payload without parameters. */
  readonly contentType?: string
  readonly userAgent?: string
  /** 32 hex digits: the `Trace-Id` header of an upload, the target of a command. */
  readonly traceId?: string
  /** Id of a legacy session, or of an uploaded object. */
  readonly sessionId?: string
  readonly run?: string
  readonly rollout?: string
  readonly attempt?: string
  readonly mode?: string
  readonly traceparent?: string
  /** An earlier record that this one belongs to, e.g. the start of a gateway call. */
  readonly ref?: Position
}
