// What the first pass over a body finds: one row of offsets per accepted span, and what was rejected.
import type { Rejection, ScanLimits } from './span-view.ts'

/**
 * Columns of a row: byte offsets into the body, lengths, counts and small numbers. 0 stands for absent,
 * since nothing of a span can lie at offset 0 of a request.
 */
export const columns = {
  start: 0,
  end: 1,
  trace: 2,
  traceLength: 3,
  span: 4,
  spanLength: 5,
  parent: 6,
  parentLength: 7,
  name: 8,
  nameLength: 9,
  kind: 10,
  startTime: 11,
  startTimeLength: 12,
  endTime: 13,
  endTimeLength: 14,
  statusCode: 15,
  message: 16,
  messageLength: 17,
  attributes: 18,
  attributeCount: 19,
  events: 20,
  eventCount: 21,
  linkCount: 22,
  context: 23,
} as const

const ROW = 24
const FIRST_ROWS = 64
const SHOWN_NAME = 80

/** Nesting that is never allowed, whatever the configuration says: readers recurse once a level. */
const DEEPEST = 250

/** The nesting of values that `limits` allows. */
export function allowedDepth(limits: ScanLimits): number {
  return Math.max(0, Math.min(limits.depth, DEEPEST))
}

interface Cause {
  readonly cause: string
  /** Number of the first span in the request, from 1, and its name. */
  readonly first: number
  readonly name: string
  readonly attribute: string
  count: number
}

/** A state of the table that it can go back to. */
export interface TableMark {
  readonly seen: number
  readonly accepted: number
  readonly contexts: number
  readonly causes: readonly Cause[]
}

/** Rows of the accepted spans of one body. Rows are kept only where someone will visit them. */
export class SpanTable<Context> {
  rows = new Int32Array(ROW * FIRST_ROWS)
  readonly contexts: Context[] = []
  accepted = 0
  #seen = 0
  #opened = 0
  #causes: Cause[] = []
  readonly #keep: boolean

  constructor(keep: boolean) {
    this.#keep = keep
  }

  /** Starts the row of the next span, all 0, and returns its offset in `rows`. */
  begin(): number {
    const base = this.#keep ? this.accepted * ROW : 0
    if (base + ROW > this.rows.length) {
      const larger = new Int32Array(this.rows.length * 2)
      larger.set(this.rows)
      this.rows = larger
    }
    this.rows.fill(0, base, base + ROW)
    this.#seen++
    return base
  }

  /** Starts the spans of one resource and scope. */
  openContext(context: Context): void {
    this.contexts.push(context)
    this.#opened = this.accepted
  }

  /** Ends them. A context without spans, or that nobody will visit, is forgotten. */
  closeContext(): void {
    if (!this.#keep || this.accepted === this.#opened) this.contexts.pop()
  }

  /** Keeps the row begun last. */
  accept(): void {
    const base = this.#keep ? this.accepted * ROW : 0
    this.rows[base + columns.context] = this.contexts.length - 1
    this.accepted++
  }

  /** Gives up the row begun last. Only the first span of each cause is named, and the attribute at fault. */
  reject(cause: string, name: () => string, attribute: () => string = nothing): void {
    this.#count(cause, 1, name, attribute)
  }

  /** Gives up every span accepted since `mark`, for a cause that they share. */
  rejectSince(mark: TableMark, cause: string): void {
    const count = this.accepted - mark.accepted
    this.accepted = mark.accepted
    if (count > 0) this.#count(cause, count, nothing, nothing)
  }

  mark(): TableMark {
    return {
      seen: this.#seen,
      accepted: this.accepted,
      contexts: this.contexts.length,
      causes: this.#causes.map((cause) => ({ ...cause })),
    }
  }

  /** Forgets everything since `mark`. */
  restore(mark: TableMark): void {
    this.#seen = mark.seen
    this.accepted = mark.accepted
    this.contexts.length = mark.contexts
    this.#causes = mark.causes.map((cause) => ({ ...cause }))
  }

  /** Calls `visit` with the offset of each kept row, in the order of the body. */
  forEach(visit: (base: number) => void): void {
    if (!this.#keep) return
    for (let row = 0; row < this.accepted; row++) visit(row * ROW)
  }

  rejections(): Rejection[] {
    return this.#causes.map(({ cause, first, name, attribute, count }) => {
      const span = `${count > 1 ? 'first: ' : ''}span ${first}${name === '' ? '' : ` ${quoted(name)}`}`
      const at = attribute === '' ? '' : `, attribute ${quoted(attribute)}`
      return { reason: `${cause} (${span}${at})`, count }
    })
  }

  #count(cause: string, count: number, name: () => string, attribute: () => string): void {
    const known = this.#causes.find((other) => other.cause === cause)
    if (known) known.count += count
    else {
      const first = this.#seen - count + 1
      this.#causes.push({ cause, first, name: name(), attribute: attribute(), count })
    }
  }
}

function nothing(): string {
  return ''
}

function quoted(text: string): string {
  return `"${text.length > SHOWN_NAME ? `${text.slice(0, SHOWN_NAME)}…` : text}"`
}
