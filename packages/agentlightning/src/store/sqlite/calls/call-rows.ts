// Rows of the table of calls, for the writer.
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'
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

/** What `StoredCall` is read from. */
const storedColumns = [
  'id',
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
  'project',
  'dialect',
  'backend',
  'outcome',
  'request_model',
  'response_model',
  'verdict',
  'said',
  'response_id',
  'error',
  'tags',
  ...usageColumns,
  'prompt_ids',
  'response_ids',
  'first_ids',
  'start_segment',
  'start_offset',
  'start_length',
  'end_segment',
  'end_offset',
  'end_length',
  'span_row',
  'own',
  'via',
] as const
type StoredColumn = (typeof storedColumns)[number]
const places = Object.fromEntries(storedColumns.map((name, at) => [name, at])) as Record<StoredColumn, number>

/** Writes what a record says, and where it lies. */
const putSql = { start: putStatements('start'), end: putStatements('end') } as const

/** Reads and writes rows of `call`. */
export class CallRows {
  readonly #db: DatabaseSync
  readonly #strings: StringWriter
  readonly #reads = new Map<string, StatementSync>()
  readonly #writes = new Map<string, StatementSync>()
  /** The call that was read last, until any is written: one record has its call read again and again. */
  #recent: StoredCall | undefined

  constructor(db: DatabaseSync, strings: StringWriter) {
    this.#db = db
    this.#strings = strings
  }

  /** True when there is any call. */
  some(): boolean {
    return this.where('true LIMIT 1', []).length > 0
  }

  /** The calls that meet a condition, which may end with a `LIMIT`; in no order. */
  where(condition: string, values: readonly SQLInputValue[]): StoredCall[] {
    let statement = this.#reads.get(condition)
    if (!statement) {
      const names = storedColumns.map((name) => `c.${name}`).join(', ')
      statement = this.#db.prepare(`SELECT ${names} FROM call c WHERE ${condition}`)
      statement.setReadBigInts(true)
      // Objects of so many members take most of the time.
      statement.setReturnArrays(true)
      this.#reads.set(condition, statement)
    }
    return (statement.all(...values) as unknown as SQLOutputValue[][]).map(decode)
  }

  one(id: number): StoredCall | undefined {
    if (this.#recent?.id !== id) this.#recent = this.where('c.id = ?', [id])[0]
    return this.#recent
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
    const { insert, update } = putSql[row.finished ? 'end' : 'start']
    const values = [...this.#values(row), verdict(row.verdict).number, segment, offset, length]
    if (id === undefined) return this.#run(insert, ...values)
    this.#run(update, ...values, id)
    return id
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

  /** Parts all calls from spans that are not there any more. */
  partLost(): void {
    this.#run(
      `UPDATE call SET span_row = NULL, own = 0, via = 0
         WHERE span_row IS NOT NULL AND span_row NOT IN (SELECT id FROM span)`,
    )
  }

  remove(id: number): void {
    this.#run('DELETE FROM call WHERE id = ?', id)
  }

  /** Forgets what is kept in memory: after a rollback. */
  clear(): void {
    this.#recent = undefined
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

  #run(sql: string, ...values: readonly SQLInputValue[]): number {
    let statement = this.#writes.get(sql)
    if (!statement) {
      statement = this.#db.prepare(sql)
      this.#writes.set(sql, statement)
    }
    this.#recent = undefined
    return Number(statement.run(...values).lastInsertRowid)
  }
}

function putStatements(which: 'start' | 'end'): { readonly insert: string; readonly update: string } {
  const names = [...columns, 'said', `${which}_segment`, `${which}_offset`, `${which}_length`]
  const marks = names.map(() => '?').join(', ')
  return {
    insert: `INSERT INTO call (${names.join(', ')}, own, via) VALUES (${marks}, 0, 0)`,
    update: `UPDATE call SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE id = ?`,
  }
}

function decode(row: readonly SQLOutputValue[]): StoredCall {
  const value = (name: StoredColumn): SQLOutputValue | undefined => row[places[name]]
  const number = (name: StoredColumn): number => Number(value(name) ?? 0)
  const address = (which: 'start' | 'end'): Address | undefined =>
    value(`${which}_segment`) === null
      ? undefined
      : {
          segment: number(`${which}_segment`),
          offset: number(`${which}_offset`),
          length: number(`${which}_length`),
        }
  return {
    id: number('id'),
    key: String(value('key')),
    traceId: blob(value('trace')),
    spanId: blob(value('span')),
    parent: value('parent') === null ? undefined : blob(value('parent')),
    record: number('record'),
    received: value('received') as bigint,
    finished: number('finished') === 1,
    start: value('start') as bigint,
    end: value('end') as bigint,
    status: number('status'),
    project: number('project'),
    dialect: number('dialect'),
    backend: number('backend'),
    outcome: number('outcome'),
    requestModel: number('request_model'),
    responseModel: number('response_model'),
    verdict: number('verdict'),
    said: number('said'),
    responseId: optionalText(value('response_id')),
    error: optionalText(value('error')),
    tags: parseIds(value('tags')),
    usage: {
      input: optionalNumber(value('input')),
      output: optionalNumber(value('output')),
      total: optionalNumber(value('total')),
      cache_read: optionalNumber(value('cache_read')),
      reasoning: optionalNumber(value('reasoning')),
    },
    promptIds: number('prompt_ids'),
    responseIds: number('response_ids'),
    firstIds: number('first_ids'),
    startRecord: address('start'),
    endRecord: address('end'),
    spanRow: optionalNumber(value('span_row')),
    own: number('own') === 1,
    via: number('via'),
  }
}
