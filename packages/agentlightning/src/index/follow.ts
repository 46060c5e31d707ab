// Follows the log: reads what is flushed, derives, writes the index. Runs in the index thread; `agl reindex`
// runs it in the foreground.

import type { LogReader, ReadRecord } from '../log/reader.ts'
import type { Position } from '../log/record.ts'
import type { Change, StoreWriter, WriteResult } from '../store/contract.ts'
import { StoreChangeError } from '../store/store-errors.ts'
import type { DeriveRecord } from './derive-record.ts'

/** Bytes of log per transaction: large enough to be fast, small enough to be visible soon. */
const BATCH_BYTES = 4 * 1024 * 1024
/** In place of a record's position: none is being derived. */
const NO_RECORD = -1
/** Changes per transaction, for logs of many small records. */
const BATCH_CHANGES = 8192

/** How much one transaction takes. */
export interface BatchLimits {
  /** Of the log. */
  readonly bytes: number
  readonly changes: number
}

/** What a transaction takes while the disk is nearly full: it needs room for every page that it touches. */
export const smallBatch: BatchLimits = { bytes: 256 * 1024, changes: 256 }

const wholeBatch: BatchLimits = { bytes: BATCH_BYTES, changes: BATCH_CHANGES }

/** What following needs. */
export interface Following {
  readonly reader: LogReader
  readonly writer: StoreWriter
  readonly derive: DeriveRecord
  /** Told before each record is derived, so that a crash can be laid at its door; with -1 when all are. */
  readonly enter?: (record: Position) => void
  /** Records that brought the thread down before: set aside without being looked at. */
  readonly poisoned?: ReadonlySet<Position>
}

/** What one step did. */
export interface Step extends WriteResult {
  /** The position reached. */
  readonly position: Position
  readonly setAside: number
}

/**
 * One transaction: derives the records from `from`, at most a batch of them and none at or after `upTo`.
 * A record that cannot be derived or stored is set aside; the step itself fails only when the store does.
 */
export async function step(
  following: Following,
  from: Position,
  upTo: Position,
  batch: BatchLimits = wholeBatch,
): Promise<Step> {
  const changes: Change[] = []
  const owners: ReadRecord[] = []
  let setAside = 0
  const aside = (record: ReadRecord, error: unknown): Change => {
    setAside++
    const text = error instanceof Error ? error.message : String(error)
    const kind = record.header?.kind ?? `unknown (${record.kindNumber})`
    return { type: 'setAside', row: { record: record.start, kind, error: text } }
  }
  const position = following.reader.read(
    from,
    upTo,
    (record) => {
      const first = changes.length
      const keep = { ...record, payload: Buffer.alloc(0) }
      try {
        deriveInto(following, record, changes)
      } catch (error) {
        changes.length = first
        changes.push(aside(record, error))
      }
      while (owners.length < changes.length) owners.push(keep)
      return changes.length < batch.changes
    },
    batch.bytes,
  )
  // What fails from here on is the store's doing, e.g. on a full disk, and no record is to blame.
  following.enter?.(NO_RECORD)
  let pending = changes
  for (;;) {
    try {
      const result = await following.writer.write({ changes: pending, position })
      return { ...result, position, setAside }
    } catch (error) {
      const culprit = error instanceof StoreChangeError ? owners[error.index] : undefined
      if (!culprit) throw error
      // The whole record goes aside, not the one row: half a record is not what was acknowledged.
      const kept: Change[] = []
      const keptOwners: ReadRecord[] = []
      pending.forEach((change, at) => {
        if (owners[at] === culprit) return
        kept.push(change)
        keptOwners.push(owners[at] as ReadRecord)
      })
      kept.push(aside(culprit, error))
      keptOwners.push(culprit)
      pending = kept
      owners.splice(0, owners.length, ...keptOwners)
    }
  }
}

function deriveInto(following: Following, record: ReadRecord, changes: Change[]): void {
  following.enter?.(record.start)
  if (following.poisoned?.has(record.start)) throw new Error('Deriving this record brought the index down.')
  const { header } = record
  if (!header) throw new Error(`Record kind ${record.kindNumber} is not known to this version.`)
  following.derive({ ...record, header }, (change) => changes.push(change))
}
