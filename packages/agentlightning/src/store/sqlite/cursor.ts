// Opaque places in lists: the sort key of the last item, in base64url. Nothing of the database shows in them,
// so they outlive a rebuilt index.
import { AglError } from '../../errors.ts'

/** The sort key of an item: start time, then id bytes. */
export interface Place {
  readonly start: bigint
  readonly id: Buffer
}

/** Lists that have cursors, with the length of their ids. A cursor of one is refused by the other. */
export const cursorKinds = {
  traces: { tag: 't', idBytes: 16 },
  spans: { tag: 's', idBytes: 8 },
  logs: { tag: 'l', idBytes: 16 },
} as const

/** A kind of list. */
export type CursorKind = keyof typeof cursorKinds

/** The cursor that continues after an item. */
export function formatCursor(kind: CursorKind, place: Place): string {
  return Buffer.from(`${cursorKinds[kind].tag}${place.start}.${place.id.toString('hex')}`).toString(
    'base64url',
  )
}

/** @throws AglError `AGL_BAD_REQUEST` for anything that `formatCursor` did not write */
export function parseCursor(kind: CursorKind, cursor: string): Place {
  const { tag, idBytes } = cursorKinds[kind]
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  const match = /^([tsl])(\d{1,19})\.([0-9a-f]+)$/.exec(text)
  const start = BigInt(match?.[2] ?? 0)
  const id = match?.[3] ?? ''
  if (match?.[1] !== tag || id.length !== idBytes * 2 || start >= 2n ** 63n)
    throw new AglError('AGL_BAD_REQUEST', { what: 'The cursor is not one that this list has given.' })
  return { start, id: Buffer.from(id, 'hex') }
}

/** @throws AglError `AGL_BAD_REQUEST` when `limit` is not a whole number from 1 to `most` */
export function checkLimit(limit: number, most: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return
  throw new AglError('AGL_BAD_REQUEST', { what: `The limit must be from 1 to ${most}.` })
}
