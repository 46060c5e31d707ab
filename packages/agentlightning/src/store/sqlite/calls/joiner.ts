// Gateway calls into the index, and which span stands for each: decided anew, by assign.ts, for what a change
// touches. Done with each change, so that it does not matter how changes are cut into batches.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { verdict } from '../../../token-ids/verdict/codes.ts'
import type { CallRow } from '../../calls.ts'
import type { Command, SpanRow } from '../../contract.ts'
import { storedTime, traceIdBytes } from '../columns.ts'
import { isNameless } from '../span-bits.ts'
import type { StoredSpan } from '../stored-spans.ts'
import type { StringWriter } from '../strings.ts'
import type { Trace } from '../traces.ts'
import type { SpanListener } from '../write-spans.ts'
import {
  callByContext,
  idsDiffer,
  type JoinableCall,
  joinWays,
  MOST_SHARING,
  pairByResponse,
} from './assign.ts'
import { CallRows, type StoredCall } from './call-rows.ts'
import { type CandidateSpan, JoinSpans } from './join-spans.ts'
import { JoinedSums, type JoinedSumsParts } from './joined-sums.ts'
import type { OwnSpans } from './own-spans.ts'
import { TimeJoins } from './time-joins.ts'

/** Retries of one request whose `traceparent` is the same. */
const MOST_RETRIES = 1_000

const ofParent = `c.trace = ? AND c.parent = ? LIMIT ${MOST_RETRIES}`
const ofResponse = `c.response_id = ? LIMIT ${MOST_SHARING + 1}`

/** The parts of the writer that calls go through. */
export interface CallJoinerParts extends JoinedSumsParts {
  readonly strings: StringWriter
  readonly ownSpans: OwnSpans
}

interface Place {
  readonly traceId: Buffer
  readonly spanId: Buffer
}

/** Writes calls and keeps their joins, within a transaction that the caller holds. */
export class CallJoiner implements SpanListener {
  readonly #parts: CallJoinerParts
  readonly #rows: CallRows
  readonly #spans: JoinSpans
  readonly #sums: JoinedSums
  readonly #times: TimeJoins
  readonly #sharedIds: StatementSync
  /** Whether there is any call; `undefined` until somebody asks. */
  #some: boolean | undefined
  /** Spans that calls may name by their `traceparent`, by their ids as text. */
  #places = new Map<string, Place>()
  #responses = new Set<string>()
  /** Calls to be shown again. */
  #open = new Set<number>()

  constructor(db: DatabaseSync, parts: CallJoinerParts) {
    this.#parts = parts
    this.#rows = new CallRows(db, parts.strings)
    this.#spans = new JoinSpans(db, (row) => parts.traces.byRow(row)?.key ?? '')
    this.#sums = new JoinedSums(db, parts)
    this.#times = new TimeJoins(db, parts)
    this.#sharedIds = db.prepare(
      `SELECT DISTINCT d.response_id FROM span s JOIN detail d ON d.id = s.id
         JOIN call c ON c.response_id = d.response_id WHERE s.trace = ?`,
    )
  }

  /** Writes one record of a call; false when it is of a trace deleted less than 24 h before. */
  write(row: CallRow): boolean {
    checkIds(row)
    const { traces } = this.#parts
    if (!traces.find(row.traceId) && traces.isDeleted(row.traceId, row.receivedNs)) return false
    const known = this.#rows.byKey(row.callId)
    // The end says everything again: of the announcement it lacks only where it lies.
    if (
      known &&
      (known.finished ? !row.finished || row.record <= known.record : row.record === known.record)
    ) {
      if (known.finished && !row.finished) this.#addStart(known, row)
      return true
    }
    if (known) {
      this.#touchTime(known)
      this.#release(known, false)
    }
    this.#some = true
    this.#touch(this.#load(this.#rows.put(row, known?.id)))
    this.settle()
    return true
  }

  /** A client's span was written; to be followed by `settle`. */
  written(trace: Trace, rowId: number, row: SpanRow, earlier: StoredSpan | undefined): void {
    if (row.source.origin === 'gateway' || !this.#hasCalls()) return
    const { type, responseId, tags = [] } = row.fields
    if (responseId === undefined && (type === 'llm' || type === 'embedding'))
      this.#times.touchSpan(storedTime(row.endNs))
    if (earlier && isNameless(earlier.bits)) this.#times.touchSpan(earlier.contribution.end)
    const { tags: shared = [] } = row.source.resourceFields
    const hadTags = earlier !== undefined && earlier.contribution.tags.length > 0
    this.#times.tagged(trace, [...tags, ...shared], hadTags)
    if (earlier || responseId !== undefined || type === 'llm' || type === 'embedding')
      this.#addPlace(trace.traceId, row.spanId)
    for (const id of [responseId, earlier?.responseId]) if (id !== undefined) this.#responses.add(id)
    for (const id of this.#spans.watchers(trace.id, row.spanId)) this.#responses.add(id)
    const joined = earlier && this.#rows.bySpanRow(rowId)
    if (joined) this.#open.add(joined.id)
  }

  /** Before a command: takes out the calls that a trace shows that is to be deleted. */
  before(command: Command): void {
    if (command.do !== 'deleteTrace' || !this.#hasCalls()) return
    const traceId = traceIdBytes(command.traceId)
    const trace = traceId && this.#parts.traces.find(traceId)
    if (!trace) return
    this.#times.touchTrace(trace)
    for (const row of this.#sharedIds.all(trace.id)) this.#responses.add(String(row.response_id))
    for (const call of this.#rows.where('c.span_row IN (SELECT id FROM span WHERE trace = ?)', [trace.id])) {
      // Its own span goes with the trace.
      if (!call.own) this.#release(call, false)
      this.#drop(call)
    }
  }

  /** After a command: calls whose spans went with removed segments go, or are shown by a span of their own. */
  after(command: Command): void {
    if (command.do === 'project') return
    this.#times.forget()
    if (command.do === 'prune') {
      this.#rows.partLost()
      this.#times.touchAll()
      for (const call of this.#rows.where('c.span_row IS NULL', [])) {
        const { segment } = call.endRecord ?? call.startRecord ?? { segment: 0 }
        if (segment <= command.segment) this.#drop(call)
        else this.#touch(call)
      }
    }
    this.#spans.sweep()
    this.settle()
  }

  /** Decides what the changes since the last time touched. */
  settle(): void {
    while (this.#places.size + this.#responses.size > 0 || this.#times.touched) {
      for (const place of this.#places.values()) this.#joinByContext(place)
      this.#places.clear()
      for (const id of this.#responses) this.#joinByResponse(id)
      this.#responses.clear()
      this.#joinByTime()
    }
    for (const id of this.#open) this.#show(this.#load(id))
    this.#open.clear()
  }

  /** Forgets what was not settled: after a rollback. */
  clear(): void {
    this.#places.clear()
    this.#responses.clear()
    this.#open.clear()
    this.#times.clear()
    this.#some = undefined
    this.#rows.clear()
    this.#spans.clear()
  }

  #hasCalls(): boolean {
    if (this.#some === undefined) {
      this.#some = this.#rows.some()
      // Without calls nobody tells it what changes.
      if (!this.#some) this.#times.clear()
    }
    return this.#some
  }

  #addStart(known: StoredCall, row: CallRow): void {
    if (known.startRecord) return
    this.#rows.putAddress(row, known.id)
    this.#open.add(known.id)
    this.settle()
  }

  #load(id: number): StoredCall {
    const call = this.#rows.one(id)
    if (!call) throw new Error('The row of a call vanished.')
    return call
  }

  #touch(call: StoredCall): void {
    if (call.parent) this.#addPlace(call.traceId, call.parent)
    if (call.responseId !== undefined) this.#responses.add(call.responseId)
    this.#touchTime(call)
    this.#open.add(call.id)
  }

  #touchTime(call: StoredCall, joined = false): void {
    if (call.finished) this.#times.touchCall(call.end, joined)
  }

  #drop(call: StoredCall): void {
    if (call.parent) this.#addPlace(call.traceId, call.parent)
    if (call.responseId !== undefined) this.#responses.add(call.responseId)
    this.#touchTime(call)
    this.#open.delete(call.id)
    this.#rows.remove(call.id)
    this.#some = undefined
  }

  #addPlace(traceId: Buffer, spanId: Buffer): void {
    const key = `${traceId.toString('latin1')}${spanId.toString('latin1')}`
    if (!this.#places.has(key))
      this.#places.set(key, { traceId: Buffer.from(traceId), spanId: Buffer.from(spanId) })
  }

  #joinByContext({ traceId, spanId }: Place): void {
    const calls = this.#rows.where(ofParent, [traceId, spanId])
    if (calls.length === 0) return
    const trace = this.#parts.traces.find(traceId)
    const span = trace && this.#spans.at(trace.id, spanId)
    const best =
      span &&
      callByContext(
        span,
        calls.map((call) => this.#joinable(call)),
      )
    if (span?.responseId !== undefined) this.#responses.add(span.responseId)
    for (const call of calls) {
      this.#open.add(call.id)
      if (call.id === best?.call.id) continue
      if (call.via === joinWays.context) this.#release(call, false)
      if (call.responseId !== undefined) this.#responses.add(call.responseId)
    }
    if (!best || !span) return
    const { call } = best
    if (call.responseId !== undefined) this.#responses.add(call.responseId)
    if (call.via !== joinWays.context || call.spanRow !== span.row) this.#join(call, span, joinWays.context)
  }

  #joinByResponse(responseId: string): void {
    const calls = this.#rows.where(ofResponse, [responseId]).map((call) => this.#joinable(call))
    if (calls.length === 0) return
    const free = calls.filter(({ call }) => call.via !== joinWays.context)
    const spans = this.#spans
      .withResponse(responseId)
      .filter(({ row }) => this.#rows.bySpanRow(row)?.via !== joinWays.context)
    const pairs = calls.length > MOST_SHARING ? [] : pairByResponse(free, spans)
    const chosen = new Map(pairs.map(({ call, span }) => [call.call.id, span]))
    const moving = free.filter(({ call }) => {
      this.#open.add(call.id)
      const span = chosen.get(call.id)
      return call.via === joinWays.responseId ? call.spanRow !== span?.row : span !== undefined
    })
    for (const { call } of moving) if (call.via === joinWays.responseId) this.#release(call, false)
    for (const { call } of moving) {
      const span = chosen.get(call.id)
      if (span) this.#join(this.#load(call.id), span, joinWays.responseId)
    }
  }

  /** Calls of spans that tell no response id: only those that nothing else joins. */
  #joinByTime(): void {
    if (!this.#times.touched) return
    const moves = this.#times.moves()
    for (const { call, spanRow } of moves) {
      const stored = this.#load(call)
      if (stored.via === joinWays.time) this.#release(stored, false)
      // Before others are withdrawn: its trace may be there with them alone.
      if (spanRow === undefined) this.#show(this.#load(call))
      else this.#open.add(call)
    }
    for (const { call, spanRow } of moves) {
      const span = spanRow === undefined ? undefined : this.#spans.row(spanRow)
      if (span) this.#join(this.#load(call), span, joinWays.time)
    }
  }

  #join(call: StoredCall, span: CandidateSpan, via: number): void {
    const holder = this.#rows.bySpanRow(span.row)
    if (holder && holder.id !== call.id) {
      this.#release(holder, false)
      this.#touch(holder)
    }
    this.#release(call, true)
    if (via !== joinWays.time) {
      this.#touchTime(call, true)
      if (span.nameless) this.#times.touchSpan(span.end)
    }
    this.#sums.follow(span.row, () => this.#rows.show(call.id, span.row, false, via))
  }

  /** Parts a call from the span that shows it; `withdraw`: its own span goes, too. */
  #release(call: StoredCall, withdraw: boolean): void {
    if (call.spanRow === undefined || (call.own && !withdraw)) return
    const part = (): void => this.#rows.show(call.id, null, false, joinWays.none)
    if (call.own) {
      this.#parts.ownSpans.remove(call.traceId, call.spanRow)
      part()
      return
    }
    this.#sums.follow(call.spanRow, part)
    if (call.via === joinWays.time) return
    // What it frees may be another call's.
    if (call.responseId !== undefined) this.#responses.add(call.responseId)
    this.#touchTime(call, true)
    const span = this.#spans.row(call.spanRow)
    if (span?.nameless) this.#times.touchSpan(span.end)
  }

  /** Gives a call that no span stands for its own, and says what the join adds to its verdict. */
  #show(call: StoredCall): void {
    const span = call.spanRow !== undefined && !call.own ? this.#spans.row(call.spanRow) : undefined
    if (span) {
      const said = joinedVerdict(call, span)
      if (said !== call.said) this.#rows.say(call.id, said)
      // The tree of the trace shows the call.
      const trace = this.#parts.traces.byRow(span.traceRow)
      if (trace) this.#parts.traces.touch(trace)
      return
    }
    const row = this.#parts.ownSpans.write(call)
    if (row === undefined) this.#drop(call)
    else this.#rows.show(call.id, row, true, joinWays.none)
    if (call.said !== call.verdict) this.#rows.say(call.id, call.verdict)
  }

  #joinable(call: StoredCall): JoinableCall & { readonly call: StoredCall } {
    const { strings, traces } = this.#parts
    return {
      call,
      key: call.key,
      start: call.start,
      traceRow: traces.find(call.traceId)?.id ?? 0,
      finished: call.finished,
      status: call.status,
      dialect: strings.text(call.dialect),
      project: call.project === 0 ? undefined : strings.text(call.project),
      responseId: call.responseId,
    }
  }
}

/** A call that a span stands for belongs to the trace of that span. */
function joinedVerdict(call: StoredCall, span: CandidateSpan): number {
  if (idsDiffer(call, span)) return verdict('ids.conflict').number
  return call.verdict === verdict('call.not_attributed').number
    ? verdict('ids.complete').number
    : call.verdict
}

function checkIds(row: CallRow): void {
  if (row.traceId.length !== 16) throw new TypeError(`A trace id has 16 bytes, not ${row.traceId.length}.`)
  for (const id of [row.spanId, row.parentSpanId])
    if (id && id.length !== 8) throw new TypeError(`A span id has 8 bytes, not ${id.length}.`)
}
