// Spans of a trace by start time: as tree nodes, or as the addresses of their payloads.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { payloadEncodings, type StoredEncoding } from '../../otlp/scan/span-view.ts'
import { verdictCode } from '../../token-ids/verdict/codes.ts'
import type { SpanFields, Usage } from '../../trace/fields.ts'
import type { SpanCall } from '../calls.ts'
import type { Address, Origin, Page, SpanAddress, TreeSpan } from '../contract.ts'
import { callFieldColumns, fieldsOfCall, type GivenFields } from './calls/call-fields.ts'
import { spanVerdictSql } from './calls/call-filter.ts'
import { blob, optionalNumber, optionalText, spanIdBytes, traceIdBytes } from './columns.ts'
import { checkLimit, formatCursor, parseCursor } from './cursor.ts'
import { originNumbers } from './sources.ts'
import { isCounted, kindOf, statusCodeOf, typeOf, UNFINISHED } from './span-bits.ts'
import type { StringReader } from './strings.ts'

const MAX_SPANS = 10_000

const originByNumber = new Map<number, Origin>(
  Object.entries(originNumbers).map(([name, number]) => [number, name as Origin]),
)
const encodingByNumber = new Map<number, StoredEncoding>(
  Object.entries(payloadEncodings).map(([name, number]) => [number, name as StoredEncoding]),
)

const treeColumns = `s.span, s.parent, s.name, s.start, s.duration, s.bits, s.attributes, s.length, o.service, o.origin,
  s.label, d.id AS detail, l.provider, l.request_model, l.response_model, d.response_id, l.agent, l.tool, l.session, l.user,
  l.end_state, l.tags, d.input, d.output, d.total, d.cache_read, d.cache_write, d.reasoning, d.cost, d.prompt_ids,
  d.response_ids, d.error, c.key AS call, c.own AS call_own, c.said AS call_said, c.choices AS call_choices,
  c.prompt_ids AS call_prompt, c.response_ids AS call_response, c.run AS call_run,
  c.rollout AS call_rollout, c.attempt AS call_attempt, o.rollout AS source_rollout, o.attempt AS source_attempt, ${callFieldColumns}, ${spanVerdictSql} AS span_said`
const addressColumns = `s.span, s.start, o.segment, s.offset, s.length, o.encoding, o.origin, o.received,
  o.resource_segment, o.resource_offset, o.resource_length, o.scope_segment, o.scope_offset, o.scope_length`

type Row = Record<string, unknown>

/** Which spans: of one trace, from a cursor on. */
export interface SpanPage {
  readonly limit: number
  readonly cursor?: string
}

/** Reads spans. */
export class SpanReader {
  readonly #strings: StringReader
  readonly #tree: StatementSync
  readonly #addresses: StatementSync
  readonly #address: StatementSync
  readonly #traceOf: StatementSync

  constructor(db: DatabaseSync, strings: StringReader) {
    this.#strings = strings
    this.#tree = prepare(
      db,
      pageSql(
        treeColumns,
        `LEFT JOIN label l ON l.id = s.label LEFT JOIN detail d ON d.id = s.id
           LEFT JOIN call c ON c.span_row = s.id`,
      ),
    )
    this.#addresses = prepare(db, pageSql(addressColumns, ''))
    this.#address = prepare(
      db,
      `SELECT ${addressColumns} FROM trace t JOIN span s ON s.trace = t.id JOIN source o ON o.id = s.source
         WHERE t.trace = ? AND s.span = ?`,
    )
    // CROSS JOIN fixes the order: the newest traces first, each asked by its own index of spans.
    this.#traceOf = prepare(
      db,
      `SELECT t.trace FROM trace t CROSS JOIN span s ON s.trace = t.id AND s.span = ?
         ORDER BY t.start DESC, t.trace LIMIT 1`,
    )
  }

  /** @throws AglError `AGL_BAD_REQUEST` for a bad limit or cursor */
  tree(traceId: string, page: SpanPage): Page<TreeSpan> {
    return readPage(this.#tree, traceId, page, (row) => this.#treeSpan(row))
  }

  /** @throws AglError `AGL_BAD_REQUEST` for a bad limit or cursor */
  addresses(traceId: string, page: SpanPage): Page<SpanAddress> {
    const id = traceId.toLowerCase()
    return readPage(this.#addresses, traceId, page, (row) => spanAddress(id, row))
  }

  address(traceId: string, spanId: string): SpanAddress | undefined {
    const [trace, span] = [traceIdBytes(traceId), spanIdBytes(spanId)]
    const row = trace && span && this.#address.get(trace, span)
    return row && spanAddress(traceId.toLowerCase(), row)
  }

  /** The newest trace that has a span of this id. */
  traceOf(spanId: string): string | undefined {
    const span = spanIdBytes(spanId)
    const row = span && this.#traceOf.get(span)
    return row && blob(row.trace).toString('hex')
  }

  #treeSpan(row: Row): TreeSpan {
    const bits = Number(row.bits)
    const isPlain = row.detail === null && row.label === null && (bits & UNFINISHED) === 0
    const own = isPlain ? { type: typeOf(bits) } : this.#fields(row, bits)
    const given = row.call_own === 0n ? fieldsOfCall(row, own, this.#strings) : undefined
    return {
      spanId: blob(row.span).toString('hex'),
      parentSpanId: row.parent === null ? undefined : blob(row.parent).toString('hex'),
      name: this.#strings.text(Number(row.name)),
      kind: kindOf(bits),
      type: typeOf(bits),
      startNs: row.start as bigint,
      endNs: (row.start as bigint) + (row.duration as bigint),
      statusCode: statusCodeOf(bits),
      service: this.#strings.optional(row.service),
      origin: originByNumber.get(Number(row.origin)) ?? 'client',
      attributeCount: Number(row.attributes),
      payloadBytes: Number(row.length),
      fields: given ? { ...own, ...given.fields } : own,
      usageCounted: isCounted(bits),
      ...this.#call(row, bits, given?.gives ?? []),
    }
  }

  #call(row: Row, bits: number, gives: GivenFields['gives']): { call?: SpanCall } {
    const ids = { promptIds: optionalNumber(row.prompt_ids), responseIds: optionalNumber(row.response_ids) }
    if (row.call !== null) {
      const [promptIds, responseIds] = [optionalNumber(row.call_prompt), optionalNumber(row.call_response)]
      return {
        call: {
          id: String(row.call),
          source: row.call_own === 1n ? 'gateway' : 'both',
          verdict: verdictCode(Number(row.call_said)) ?? 'ids.none',
          choices: Number(row.call_choices),
          ...(promptIds || responseIds ? { promptIds, responseIds } : ids),
          ...this.#owner(row, row.call_run === 0n && row.call_rollout === 0n ? 'source' : 'call'),
          ...(gives.length > 0 ? { gives } : {}),
        },
      }
    }
    if (typeOf(bits) !== 'llm') return {}
    return {
      call: {
        id: `${blob(row.trace_id).toString('hex')}-${blob(row.span).toString('hex')}`,
        source: 'span',
        verdict: verdictCode(Number(row.span_said)) ?? 'ids.not_on_span',
        choices: undefined,
        ...ids,
        ...this.#owner(row, 'source'),
      },
    }
  }

  #owner(row: Row, from: 'call' | 'source'): Pick<SpanCall, 'rollout' | 'attempt'> {
    return {
      rollout: this.#strings.optional(row[`${from}_rollout`]),
      attempt: this.#strings.optional(row[`${from}_attempt`]),
    }
  }

  #fields(row: Row, bits: number): SpanFields {
    const strings = this.#strings
    const usage: Usage = present({
      input: optionalNumber(row.input),
      output: optionalNumber(row.output),
      total: optionalNumber(row.total),
      cacheRead: optionalNumber(row.cache_read),
      cacheWrite: optionalNumber(row.cache_write),
      reasoning: optionalNumber(row.reasoning),
    })
    const tags = strings.list(row.tags)
    return {
      type: typeOf(bits),
      ...present({
        provider: strings.optional(row.provider),
        requestModel: strings.optional(row.request_model),
        responseModel: strings.optional(row.response_model),
        responseId: optionalText(row.response_id),
        agent: strings.optional(row.agent),
        tool: strings.optional(row.tool),
        session: strings.optional(row.session),
        user: strings.optional(row.user),
        tags: tags.length > 0 ? tags : undefined,
        endState: strings.optional(row.end_state),
        usage: Object.keys(usage).length > 0 ? usage : undefined,
        cost: optionalNumber(row.cost),
        promptIds: optionalNumber(row.prompt_ids),
        responseIds: optionalNumber(row.response_ids),
        unfinished: (bits & UNFINISHED) !== 0 || undefined,
        error: optionalText(row.error),
      }),
    }
  }
}

function pageSql(columns: string, join: string): string {
  return `SELECT ${columns}, ?1 AS trace_id FROM span s INDEXED BY span_by_time CROSS JOIN source o ON o.id = s.source ${join}
    WHERE s.trace = (SELECT id FROM trace WHERE trace = ?1) AND (s.start, s.span) > (?, ?)
    ORDER BY s.start, s.span LIMIT ?`
}

function prepare(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql)
  statement.setReadBigInts(true)
  return statement
}

function readPage<Item>(
  statement: StatementSync,
  traceId: string,
  { limit, cursor }: SpanPage,
  read: (row: Row) => Item,
): Page<Item> {
  checkLimit(limit, MAX_SPANS)
  const after = cursor === undefined ? undefined : parseCursor('spans', cursor)
  const trace = traceIdBytes(traceId)
  if (!trace) return { items: [], cursor: undefined }
  const rows = statement.all(trace, after?.start ?? -1n, after?.id ?? Buffer.alloc(0), limit + 1)
  const kept = rows.slice(0, limit)
  const last = kept.at(-1)
  const more = rows.length > limit && last
  return {
    items: kept.map(read),
    cursor: more ? formatCursor('spans', { start: last.start as bigint, id: blob(last.span) }) : undefined,
  }
}

function spanAddress(traceId: string, row: Row): SpanAddress {
  return {
    traceId,
    spanId: blob(row.span).toString('hex'),
    encoding: encodingByNumber.get(Number(row.encoding)) ?? 'protobuf',
    span: { segment: Number(row.segment), offset: Number(row.offset), length: Number(row.length) },
    resource: address(row.resource_segment, row.resource_offset, row.resource_length),
    scope: address(row.scope_segment, row.scope_offset, row.scope_length),
    origin: originByNumber.get(Number(row.origin)) ?? 'client',
    receivedNs: row.received as bigint,
  }
}

function address(segment: unknown, offset: unknown, length: unknown): Address | undefined {
  if (segment === null) return undefined
  return { segment: Number(segment), offset: Number(offset), length: Number(length) }
}

/** The properties that are known. */
function present<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
  // A tree has thousands of spans: lists of entries would cost more than reading the rows.
  const known: { [Name in keyof Fields]?: NonNullable<Fields[Name]> } = {}
  for (const name in fields) {
    const value = fields[name]
    if (value !== undefined && value !== null) known[name] = value
  }
  return known
}
