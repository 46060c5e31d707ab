// Rows of the table of calls, for the writer.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { verdict } from '../../../token-ids/verdict/codes.ts'
import type { CallRow } from '../../calls.ts'
import type { Address } from '../../contract.ts'
import { blob, optionalNumber, optionalText, storedTime } from '../columns.ts'
import { formatIds, parseIds, type StringWriter } from '../strings.ts'
import { finite } from '../usage-sums.ts'

/** A call as it is stored. Texts are string ids, 0 for none. */
export interface StoredCall {
  readonly id: number
  readonly key: string
  readonly traceId: Buffer
  readonly spanId: Buffer
  readonly parent: Buffer | undefined
  readonly record: number
  readonly received: bigint
  readonly finished: boolean
  readonly start: bigint
  readonly end: bigint
  readonly status: number
  readonly project: number
  readonly dialect: number
  readonly backend: number
  readonly outcome: number
  readonly requestModel: number
  readonly responseModel: number
  readonly verdict: number
  readonly said: number
  readonly responseId: string | undefined
  readonly error: string | undefined
  readonly tags: readonly number[]
  readonly usage: Readonly<Record<(typeof usageColumns)[number], number | undefined>>
  readonly promptIds: number
  readonly responseIds: number
  readonly firstIds: number
  readonly startRecord: Address | undefined
  readonly endRecord: Address | undefined
  /** Row of the span that shows it; `undefined` only while the writer works on it. */
  readonly spanRow: number | undefined
  readonly own: boolean
  readonly via: number
}

const usageColumns = ['input', 'output', 'total', 'cache_read', 'reasoning'] as const

const columns = [
  'key',
  'trace',
  'span',
  'parent',
  'record',
  'received',
  'finished',
  'start',
  'end',
  'status',
  'stream',
  'choices',
  'project',
  'run',
  'rollout',
  'attempt',
  'mode',
  'dialect',
  'upstream',
  'backend',
  'outcome',
  'request_model',
  'response_model',
  'verdict',
  'weight_version',
  'response_id',
  'error',
  ...usageColumns,
  'prompt_ids',
  'response_ids',
  'first_ids',
  'first_token',
  'tags',
  'segment',
] as const

/** Reads and writes rows of `call`. */
export class CallRows {
  readonly #db: DatabaseSync
  readonly #strings: StringWriter
  readonly #statements = new Map<string, StatementSync>()

  constructor(db: DatabaseSync, strings: StringWriter) {
    this.#db = db
    this.#strings = strings
  }

  /** True when there is any call. */
  some(): boolean {
    return this.#statement('SELECT 1 FROM call LIMIT 1').get() !== undefined
  }

  /** The calls that meet a condition, in no order; at most `limit`. */
  where(condition: string, values: readonly (number | string | Buffer)[], limit = -1): StoredCall[] {
    return this.#statement(`SELECT c.* FROM call c WHERE ${condition} LIMIT ${limit}`)
      .all(...values)
      .map(decode)
  }

  one(id: number): StoredCall | undefined {
    return this.where('c.id = ?', [id])[0]
  }

  byKey(key: string): StoredCall | undefined {
    return this.where('c.key = ?', [key])[0]
  }

  bySpanRow(row: number): StoredCall | undefined {
    return this.where('c.span_row = ?', [row])[0]
  }

  /** Writes what a record says; `id` is the row of the call where it has one. Returns the row. */
  put(row: CallRow, id: number | undefined): number {
    const { segment, offset, length } = row.payload
    const which = row.finished ? 'end' : 'start'
    const names = [...columns, 'said', `${which}_segment`, `${which}_offset`, `${which}_length`]
    const values = [...this.#values(row), verdict(row.verdict).number, segment, offset, length]
    if (id !== undefined) {
      this.#run(
        `UPDATE call SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE id = ?`,
        ...values,
        id,
      )
      return id
    }
    const marks = names.map(() => '?').join(', ')
    return this.#run(`INSERT INTO call (${names.join(', ')}, own, via) VALUES (${marks}, 0, 0)`, ...values)
  }

  /** Writes where a record lies, and nothing else of it. */
  putAddress({ payload, finished }: CallRow, id: number): void {
    const which = finished ? 'end' : 'start'
    this.#run(
      `UPDATE call SET ${which}_segment = ?, ${which}_offset = ?, ${which}_length = ? WHERE id = ?`,
      payload.segment,
      payload.offset,
      payload.length,
      id,
    )
  }

  /** Says which span shows a call. */
  show(id: number, spanRow: number | null, own: boolean, via: number): void {
    this.#run('UPDATE call SET span_row = ?, own = ?, via = ? WHERE id = ?', spanRow, own ? 1 : 0, via, id)
  }

  say(id: number, verdict: number): void {
    this.#run('UPDATE call SET said = ? WHERE id = ?', verdict, id)
  }

  remove(id: number): void {
    this.#run('DELETE FROM call WHERE id = ?', id)
  }

  #values(row: CallRow): (number | bigint | string | Buffer | null)[] {
    const text = (value: string | undefined): number => this.#strings.idOrNone(value)
    const { usage } = row
    return [
      row.callId,
      row.traceId,
      row.spanId,
      row.parentSpanId ?? null,
      row.record,
      storedTime(row.receivedNs),
      row.finished ? 1 : 0,
      storedTime(row.startNs),
      storedTime(row.endNs),
      row.status,
      row.stream ? 1 : 0,
      row.choices,
      text(row.project),
      text(row.run),
      text(row.rollout),
      text(row.attempt),
      text(row.mode),
      text(row.dialect),
      text(row.upstream),
      text(row.backend),
      text(row.outcome),
      text(row.requestModel),
      text(row.responseModel),
      verdict(row.verdict).number,
      text(row.weightVersion),
      row.responseId ?? null,
      row.error ?? null,
      finite(usage?.input),
      finite(usage?.output),
      finite(usage?.total),
      finite(usage?.cacheRead),
      finite(usage?.reasoning),
      finite(row.promptIds),
      finite(row.responseIds),
      finite(row.firstChoiceIds),
      finite(row.firstTokenMs),
      formatIds(row.tags.map((tag) => this.#strings.id(tag))),
      row.payload.segment,
    ]
  }

  #run(sql: string, ...values: (number | bigint | string | Buffer | null)[]): number {
    return Number(this.#statement(sql).run(...values).lastInsertRowid)
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.#db.prepare(sql)
      statement.setReadBigInts(true)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

/** An address in three columns; `undefined` where they are NULL. */
export function addressIn(row: Record<string, unknown>, name: 'start' | 'end'): Address | undefined {
  if (row[`${name}_segment`] === null) return undefined
  return {
    segment: Number(row[`${name}_segment`]),
    offset: Number(row[`${name}_offset`]),
    length: Number(row[`${name}_length`]),
  }
}

function decode(row: Record<string, unknown>): StoredCall {
  const number = (name: string): number => Number(row[name] ?? 0)
  const { input, output, total, cache_read, reasoning } = row
  return {
    id: number('id'),
    key: String(row.key),
    traceId: blob(row.trace),
    spanId: blob(row.span),
    parent: row.parent === null ? undefined : blob(row.parent),
    record: number('record'),
    received: row.received as bigint,
    finished: row.finished === 1n,
    start: row.start as bigint,
    end: row.end as bigint,
    status: number('status'),
    project: number('project'),
    dialect: number('dialect'),
    backend: number('backend'),
    outcome: number('outcome'),
    requestModel: number('request_model'),
    responseModel: number('response_model'),
    verdict: number('verdict'),
    said: number('said'),
    responseId: optionalText(row.response_id),
    error: optionalText(row.error),
    tags: parseIds(row.tags),
    usage: {
      input: optionalNumber(input),
      output: optionalNumber(output),
      total: optionalNumber(total),
      cache_read: optionalNumber(cache_read),
      reasoning: optionalNumber(reasoning),
    },
    promptIds: number('prompt_ids'),
    responseIds: number('response_ids'),
    firstIds: number('first_ids'),
    startRecord: addressIn(row, 'start'),
    endRecord: addressIn(row, 'end'),
    spanRow: optionalNumber(row.span_row),
    own: row.own === 1n,
    via: number('via'),
  }
}
