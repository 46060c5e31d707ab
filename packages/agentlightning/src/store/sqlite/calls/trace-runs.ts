// The run that the tags of a trace name, as the client's own spans tell them: a joined call adds the tag of its run to
// its trace, which must not decide where the call belongs.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { isRunTag, runOfTags } from '../../../trace/run-tag.ts'
import { LruMap } from '../lru-map.ts'
import { OWN_CALL } from '../span-bits.ts'
import { parseIds, type StringWriter } from '../strings.ts'

const KEPT = 1_000

/** Runs of traces, for the writer. */
export class TraceRuns {
  readonly #strings: StringWriter
  readonly #tags: StatementSync
  readonly #known = new LruMap<number, { readonly run: string | undefined }>(KEPT)

  constructor(db: DatabaseSync, strings: StringWriter) {
    this.#strings = strings
    this.#tags = db.prepare(
      `SELECT DISTINCT l.tags AS own, o.tags AS shared FROM span s JOIN source o ON o.id = s.source
         LEFT JOIN label l ON l.id = s.label
         WHERE s.trace = ? AND s.bits & ${OWN_CALL} = 0 AND coalesce(l.tags, o.tags) IS NOT NULL`,
    )
  }

  /** The run of the trace of a row. */
  of(traceRow: number): string | undefined {
    let known = this.#known.get(traceRow)
    if (!known) {
      const ids = this.#tags.all(traceRow).flatMap((row) => [...parseIds(row.own), ...parseIds(row.shared)])
      known = { run: runOfTags(ids.map((id) => this.#strings.text(id))) }
      this.#known.set(traceRow, known)
    }
    return known.run
  }

  /** A span came with these tags, or lost some (`replaces`); false where the run of its trace is as it was. */
  change(traceRow: number, tags: readonly string[], replaces: boolean): boolean {
    if (!replaces) {
      if (!tags.some(isRunTag)) return false
      const known = this.#known.get(traceRow)?.run
      if (known !== undefined && known === runOfTags(tags)) return false
    }
    this.#known.delete(traceRow)
    return true
  }

  clear(): void {
    this.#known.clear()
  }
}
