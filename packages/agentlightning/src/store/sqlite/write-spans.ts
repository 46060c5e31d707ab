// Spans into the index: one narrow row each, a second one for what is its own, and what they add to their trace.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { spanTypes } from '../../trace/fields.ts'
import type { SpanRow } from '../contract.ts'
import { storedTime } from './columns.ts'
import type { Counters } from './counters.ts'
import { type Detail, detailColumns, detailOf } from './detail-values.ts'
import { exchangeSpan } from './exchange-span.ts'
import { hourOf } from './hours.ts'
import type { LabelWriter } from './labels.ts'
import type { Projects } from './projects.ts'
import type { Source, Sources } from './sources.ts'
import { BELOW, NAMELESS, OWN_CALL, packBits, statusCodeOf, UNFINISHED, USAGE } from './span-bits.ts'
import type { JoinedCall, StoredSpan, StoredSpans } from './stored-spans.ts'
import type { StringWriter } from './strings.ts'
import { addSpan, addUsage, type Contribution } from './totals.ts'
import type { Trace, Traces } from './traces.ts'
import type { UsageTree } from './usage-tree.ts'

/** What became of a span. */
export type SpanOutcome = 'new' | 'duplicate' | 'dropped'

/** The parts of the writer that spans go through. */
export interface SpanWriterParts {
  readonly strings: StringWriter
  readonly labels: LabelWriter
  readonly projects: Projects
  readonly sources: Sources
  readonly traces: Traces
  readonly stored: StoredSpans
  readonly usage: UsageTree
  readonly counters: Counters
}

/** Told of each client's span that is new or replaced, in the transaction that wrote it. */
export interface SpanListener {
  written(trace: Trace, rowId: number, row: SpanRow, earlier: StoredSpan | undefined): void
}

/** A span on its way into the tables. */
interface Incoming {
  readonly spanId: Buffer
  readonly parent: Buffer | undefined
  readonly source: Source
  readonly detail: Detail
  readonly label: number | null
  /** Without the flag BELOW. */
  readonly bits: number
  readonly contribution: Contribution
  readonly row: SpanRow
}

/** Writes spans within a transaction that the caller holds. */
export class SpanWriter {
  readonly #parts: SpanWriterParts
  readonly #insert: StatementSync
  readonly #insertDetail: StatementSync
  readonly #deleteDetail: StatementSync
  readonly #update: StatementSync
  readonly #lastId: StatementSync
  #nextId: number | undefined
  #listener: SpanListener | undefined

  constructor(db: DatabaseSync, parts: SpanWriterParts) {
    this.#parts = parts
    this.#insert = db.prepare('INSERT OR IGNORE INTO span VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)')
    this.#insertDetail = db.prepare(
      `INSERT INTO detail (id, ${detailColumns}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)`,
    )
    this.#deleteDetail = db.prepare('DELETE FROM detail WHERE id = ?')
    this.#update = db.prepare(
      `UPDATE span SET parent = ?, source = ?, name = ?, start = ?, duration = ?, offset = ?, length = ?,
         bits = ?, attributes = ?, label = ? WHERE id = ?`,
    )
    this.#lastId = db.prepare('SELECT max(id) AS id FROM span')
  }

  /**
   * Writes one span (design §5, promises 3, 5 and 9).
   * @throws TypeError for ids of a wrong length
   */
  write(row: SpanRow): SpanOutcome {
    const { traces, projects } = this.#parts
    checkIds(row)
    let trace = traces.find(row.traceId)
    if (!trace) {
      if (traces.isDeleted(row.traceId, row.source.receivedNs)) return 'dropped'
      trace = traces.create(row.traceId, row.payload.segment)
    }
    if (!trace.projectNamed && row.source.project !== undefined) {
      trace.project = projects.named(row.source.project).id
      trace.projectNamed = true
      traces.touch(trace)
    }
    const incoming = this.#incoming(row)
    if (this.#add(trace, incoming)) return 'new'
    this.#meet(trace, incoming)
    return 'duplicate'
  }

  listen(listener: SpanListener): void {
    this.#listener = listener
  }

  /** To be called at the end of each batch, also of one that is rolled back. */
  clear(): void {
    this.#nextId = undefined
  }

  #incoming(row: SpanRow): Incoming {
    const { strings, labels, sources } = this.#parts
    const source = sources.of(row.source, row.payload.segment)
    const detail = detailOf(row.fields, strings)
    const type = spanTypes[row.fields.type]
    const nameless = row.fields.responseId === undefined ? NAMELESS : 0
    const bits =
      packBits(row.kind, type, row.statusCode) |
      (detail.usage ? USAGE : 0) |
      (row.fields.unfinished ? UNFINISHED : 0) |
      (row.source.origin === 'gateway' ? OWN_CALL : nameless)
    // A span that names itself as its parent is a root.
    const parent = row.parentSpanId?.equals(row.spanId) ? undefined : row.parentSpanId
    const start = storedTime(row.startNs)
    const contribution: Contribution = {
      root: parent === undefined,
      start,
      hour: hourOf(start),
      end: storedTime(row.endNs),
      span: row.spanId,
      type,
      statusCode: statusCodeOf(bits),
      name: strings.id(row.name),
      service: source.service,
      agent: detail.agent,
      session: detail.session || source.session,
      user: detail.user || source.user,
      endState: detail.endState,
      model: detail.model,
      tags: source.tags.length === 0 ? detail.tags : [...detail.tags, ...source.tags],
      error: detail.error,
      hasIds: detail.hasIds,
      usage: detail.usage,
    }
    const label = detail.labels ? labels.id(detail.labels) : null
    return { spanId: row.spanId, parent, source, detail, label, bits, contribution, row }
  }

  /** Adds a span that is not there yet; false when it is. */
  #add(trace: Trace, span: Incoming): boolean {
    const { traces, usage, counters } = this.#parts
    const { contribution, source, row } = span
    this.#nextId ??= Number(this.#lastId.get()?.id ?? 0) + 1
    const id = this.#nextId
    const below = usage.arrives(trace, span.spanId)
    const inserted = this.#insert.run(
      id,
      trace.id,
      span.spanId,
      span.parent ?? null,
      source.id,
      contribution.name,
      contribution.start,
      contribution.end - contribution.start,
      row.payload.offset,
      row.payload.length,
      below ? span.bits | BELOW : span.bits,
      row.attributeCount,
      span.label,
    )
    if (inserted.changes === 0) return false
    this.#nextId++
    this.#storeShared(trace, span, id)
    addSpan(trace.totals, contribution)
    if (contribution.usage && !below) addUsage(trace.totals, contribution, contribution.usage)
    if (contribution.usage || below) usage.markAbove(trace, span.parent)
    counters.spans++
    traces.touch(trace)
    this.#listener?.written(trace, id, row, undefined)
    return true
  }

  /**
   * A copy of a span that is there already: the later end wins, then more attributes, then the first. A legacy
   * session is updated by sending it again: of its roots with one end the later wins.
   */
  #meet(trace: Trace, span: Incoming): void {
    const { stored, traces } = this.#parts
    const earlier = stored.find(trace, span.spanId)
    if (!earlier) throw new Error('A span row vanished while it was replaced.')
    const { end } = earlier.contribution
    const updates = span.row.source.origin === 'legacy' && span.parent === undefined
    const wins =
      span.contribution.end > end ||
      (span.contribution.end === end && (updates || span.row.attributeCount > earlier.attributes))
    if (!wins) return
    this.#replace(trace, earlier, span)
    traces.touch(trace)
  }

  #replace(trace: Trace, earlier: StoredSpan, incoming: Incoming): void {
    const span = earlier.call ? withCall(incoming, earlier.call) : incoming
    const { contribution, row } = span
    this.#update.run(
      span.parent ?? null,
      span.source.id,
      contribution.name,
      contribution.start,
      contribution.end - contribution.start,
      row.payload.offset,
      row.payload.length,
      span.bits | (earlier.bits & BELOW),
      row.attributeCount,
      span.label,
      earlier.id,
    )
    this.#deleteDetail.run(earlier.id)
    this.#storeShared(trace, span, earlier.id)
    if (!exchangeSpan(trace, this.#parts.usage, earlier, span)) trace.recount = true
    this.#listener?.written(trace, earlier.id, row, earlier)
  }

  #storeShared(trace: Trace, span: Incoming, id: number): void {
    this.#parts.sources.store(span.source)
    if (span.detail.values) this.#insertDetail.run(id, ...span.detail.values)
    const { segment } = span.source
    if (segment < trace.minSegment) trace.minSegment = segment
    if (segment > trace.maxSegment) trace.maxSegment = segment
  }
}

/** A copy of a span that a gateway call is joined to: the call stays, and gives what the copy lacks. */
function withCall(span: Incoming, call: JoinedCall): Incoming {
  const { contribution, bits } = span
  const { hasIds, model, tags, usage } = contribution
  return {
    ...span,
    bits: call.usage ? bits | USAGE : bits,
    contribution: {
      ...contribution,
      hasIds: hasIds || call.hasIds,
      model: model || call.model,
      tags: [...tags, ...call.tags],
      usage: usage ?? call.usage,
    },
  }
}

function checkIds(row: SpanRow): void {
  if (row.traceId.length !== 16) throw new TypeError(`A trace id has 16 bytes, not ${row.traceId.length}.`)
  if (row.spanId.length !== 8) throw new TypeError(`A span id has 8 bytes, not ${row.spanId.length}.`)
  if (row.parentSpanId && row.parentSpanId.length !== 8)
    throw new TypeError(`A parent span id has 8 bytes, not ${row.parentSpanId.length}.`)
}
