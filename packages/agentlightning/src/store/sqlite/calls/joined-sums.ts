// What a call adds to the sums through the span that it is joined to: ids, and the usage and model that the span
// itself lacks (stored-spans.ts reads both as one).
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { exchangeSpan } from '../exchange-span.ts'
import { USAGE } from '../span-bits.ts'
import type { StoredSpans } from '../stored-spans.ts'
import type { Trace, Traces } from '../traces.ts'
import type { UsageTree } from '../usage-tree.ts'

/** The parts of the writer that keep sums. */
export interface JoinedSumsParts {
  readonly traces: Traces
  readonly stored: StoredSpans
  readonly usage: UsageTree
}

/** Keeps the sums of traces when calls are joined to spans and parted from them. */
export class JoinedSums {
  readonly #parts: JoinedSumsParts
  readonly #traceOf: StatementSync
  readonly #flag: StatementSync

  constructor(db: DatabaseSync, parts: JoinedSumsParts) {
    this.#parts = parts
    this.#traceOf = db.prepare('SELECT trace FROM span WHERE id = ?')
    this.#flag = db.prepare(`UPDATE span SET bits = bits & ~${USAGE} | ? WHERE id = ?`)
  }

  /** Makes a change of which call is joined to a client's span, and what the sums make of it. */
  follow(spanRow: number, change: () => void): void {
    const { stored, usage, traces } = this.#parts
    const earlier = stored.row(spanRow)
    change()
    const later = earlier && stored.row(spanRow)
    if (!later) return
    const trace = this.#trace(spanRow)
    const carries = later.contribution.usage !== undefined
    if (carries !== (earlier.contribution.usage !== undefined)) this.#flag.run(carries ? USAGE : 0, spanRow)
    if (!exchangeSpan(trace, usage, earlier, later)) trace.recount = true
    traces.touch(trace)
  }

  #trace(spanRow: number): Trace {
    const trace = this.#parts.traces.byRow(Number(this.#traceOf.get(spanRow)?.trace))
    if (!trace) throw new Error('The trace of a joined span vanished.')
    return trace
  }
}
