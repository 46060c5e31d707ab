import { describe, expect, it } from 'vitest'
import type { CallRow } from '../calls.ts'
import type { Change, SpanRow } from '../contract.ts'
import { type CallInput, callRow } from './call-rows.ts'
import { type OpenEngine, useStore } from './harness.ts'
import { expectedHours, inOrder } from './hour-oracle.ts'
import { asJoined, expectedJoins, joinedTo } from './join-oracle.ts'
import { type Expected, expectedTrace } from './oracle.ts'
import { Random } from './random-traces.ts'
import { DAY, sourceRow, spanRow, T0, traceId } from './rows.ts'

const SEEDS = 160
const SECOND = 1_000_000_000
const MS = 1_000_000
const TRACES = 3

/** Random histories of spans, calls, copies and deletions, in any order, against a join of everything at once. */
export function describeCallHistories(open: OpenEngine): void {
  describe('random histories of calls', () => {
    const store = useStore(open)

    it.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
      'equal a join of all that is there (seed %i)',
      async (seed) => {
        const random = new Random(seed + 4_000)
        const model = new Model()
        const { spans, calls } = model
        for (const batch of randomBatches(random)) {
          await store.write(...batch)
          for (const change of batch) model.apply(change)
          if (random.chance(5)) await store.reopen()
          if (random.chance(10)) await compare()
        }
        await compare()
        await store.write({ type: 'command', command: { do: 'prune', segment: 9, atNs: T0 } })
        expect(await store.reader.stats()).toMatchObject({ traces: 0, spans: 0 })
        expect((await store.reader.calls({ filter: {}, limit: 9 })).items).toEqual([])
        expect(await store.writer.check()).toEqual([])

        async function compare(): Promise<void> {
          const joins = model.joins()
          const listed = (await store.reader.calls({ filter: {}, limit: 1_000 })).items
          const found = new Map(
            listed
              .filter(({ source }) => source !== 'span')
              .map((one) => [one.id, `${one.traceId}-${one.spanId}`]),
          )
          const wanted = new Map(
            [...calls.values()].map((call) => [
              call.callId,
              joins.get(call.callId) ?? `${call.traceId.toString('hex')}-${call.spanId.toString('hex')}`,
            ]),
          )
          expect(found).toEqual(wanted)
          const copies = new Map(
            [...spans].map(([trace, rows]) => [
              trace,
              rows.map((row) => asJoined(row, calls.get(joinedTo(joins, row) ?? ''))),
            ]),
          )
          for (const call of calls.values()) {
            if (joins.has(call.callId)) continue
            const trace = call.traceId.toString('hex')
            copies.set(trace, [...(copies.get(trace) ?? []), ownSpan(call)])
          }
          const all: Expected[] = []
          for (const [trace, rows] of copies) {
            const expected = expectedTrace({ traceId: trace, project: 'any', copies: rows })
            const { summary } = expected
            all.push(expected)
            const { change, project, ...stored } = (await store.reader.trace(trace)) ?? {
              change: 0,
              project: '',
            }
            expect({ ...stored, project: 'any' }).toEqual(summary)
          }
          const { traces, spans: stored } = await store.reader.stats()
          expect({ traces, stored }).toEqual({
            traces: copies.size,
            stored: all.reduce((sum, { summary }) => sum + summary.spans, 0),
          })
          const hours = await store.reader.hours({ sinceNs: 0n, untilNs: T0 + 1_000n * DAY })
          expect(inOrder(hours)).toEqual(expectedHours(all))
        }
      },
    )
  })
}

/** What has been written and is still there, kept the simplest way. */
class Model {
  readonly spans = new Map<string, SpanRow[]>()
  readonly calls = new Map<string, CallRow>()
  readonly #deleted = new Set<string>()
  /** Traces that are there. */
  #shown = new Set<string>()

  apply(change: Change): void {
    if (change.type === 'span' && !this.#isGone(change.row)) {
      const trace = change.row.traceId.toString('hex')
      this.spans.set(trace, [...(this.spans.get(trace) ?? []), change.row])
    } else if (change.type === 'call' && !this.#isGone(change.row)) {
      if (!this.calls.get(change.row.callId)?.finished) this.calls.set(change.row.callId, change.row)
    } else if (change.type === 'command' && change.command.do === 'deleteTrace') {
      this.#delete(change.command.traceId)
    }
    this.#settle()
  }

  joins(): Map<string, string> {
    return expectedJoins([...this.spans.values()].flat(), [...this.calls.values()])
  }

  #isGone({ traceId: id }: { traceId: Buffer }): boolean {
    const trace = id.toString('hex')
    return this.#deleted.has(trace) && !this.#shown.has(trace)
  }

  #delete(trace: string): void {
    const joins = this.joins()
    for (const [id, call] of this.calls)
      if ((joins.get(id) ?? call.traceId.toString('hex')).startsWith(trace)) this.calls.delete(id)
    this.spans.delete(trace)
    this.#deleted.add(trace)
    this.#shown.delete(trace)
  }

  /** A call that no span stands for any more cannot come back in a trace that was deleted. */
  #settle(): void {
    const joins = this.joins()
    const own = [...this.calls.values()].filter(({ callId }) => !joins.has(callId))
    for (const call of own) if (this.#isGone(call)) this.calls.delete(call.callId)
    const left = own.filter(({ callId }) => this.calls.has(callId))
    this.#shown = new Set([...this.spans.keys(), ...left.map((call) => call.traceId.toString('hex'))])
  }
}

/** The span that a call is, as an ordinary row: what the sums must count. */
function ownSpan(call: CallRow): SpanRow {
  const model = call.requestModel ?? ''
  const { usage, promptIds, responseIds, requestModel, responseModel, responseId, tags, error } = call
  const fields = {
    type: call.dialect === 'embeddings' ? ('embedding' as const) : ('llm' as const),
    usage,
    promptIds,
    responseIds,
    requestModel,
    responseModel,
    responseId,
    error,
    tags: tags.length > 0 ? tags : undefined,
  }
  const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  return {
    ...spanRow({ span: 0 }),
    source: sourceRow({ project: call.project }),
    traceId: call.traceId,
    spanId: call.spanId,
    parentSpanId: call.parentSpanId,
    name: `${call.dialect} ${model}`,
    startNs: call.startNs,
    endNs: call.endNs,
    statusCode: call.error === undefined ? 0 : 2,
    fields: known as unknown as SpanRow['fields'],
  }
}

function randomBatches(random: Random): Change[][] {
  const changes: Change[] = []
  const spans = 3 + random.below(25)
  const calls = 1 + random.below(12)
  const response = (): string => `r${random.below(calls)}`
  for (let n = 0; n < spans; n++) {
    const trace = random.below(TRACES)
    const base = {
      trace,
      span: n,
      ...(random.chance(80) && n > 0
        ? { parent: Math.max(0, Math.floor(n / (1 + random.below(2))) - random.below(2)) }
        : {}),
      start: random.below(4) * 400 * SECOND + random.below(50) + random.pick([0, 1, 3, 6, 60, 900]) * MS,
      source: sourceRow({
        project: random.chance(20) ? random.pick(['one', 'two']) : undefined,
        resourceFields: random.chance(10) ? { run: random.pick(['r1', 'r2']) } : {},
      }),
    }
    const told = random.chance(50) ? 70 : 20
    const fields = () => ({
      type: random.pick(['llm', 'llm', 'llm', 'embedding', 'other', 'tool'] as const),
      status: random.pick([0, 2]),
      ...(random.chance(told) ? { responseId: response() } : {}),
      ...(random.chance(20) ? { promptIds: 8, responseIds: 3 } : {}),
      ...(random.chance(30) ? { requestModel: random.pick(['small', 'tiny', 'tiny-2']) } : {}),
      ...(random.chance(5) ? { cost: 0.5 } : {}),
      ...(random.chance(10) ? { tags: ['nightly', 'own'] } : {}),
      ...(random.chance(10) ? { tags: [random.pick(['agl.run=r1', 'agl.run=r2'])] } : {}),
      ...(random.chance(40) ? { usage: { input: 1 + random.below(90), output: 2 } } : {}),
    })
    const end = base.start + 1_000 + random.pick([0, 200, 800, 1_300]) * MS
    changes.push({ type: 'span', row: spanRow({ ...base, end, ...fields() }) })
    // A later copy may be no call any more, tell another id, or hang elsewhere.
    if (random.chance(25)) {
      const moved = random.chance(30) ? { parent: random.below(spans) } : {}
      changes.push({ type: 'span', row: spanRow({ ...base, ...moved, end: end + 1, ...fields() }) })
    }
  }
  for (let n = 0; n < calls; n++) {
    const input: CallInput = {
      call: n,
      trace: random.chance(50) ? random.below(TRACES) : 50 + n,
      ...(random.chance(40) ? { parent: random.below(spans) } : {}),
      start: random.below(4) * 400 * SECOND + random.below(50) + random.pick([0, 5, 40, 950]) * MS,
      run: random.pick([undefined, undefined, 'r1', 'r2']),
      dialect: random.pick(['chat', 'chat', 'chat', 'embeddings']),
      project: random.chance(20) ? random.pick(['one', 'two']) : undefined,
      tags: random.pick([[], [], ['nightly'], ['nightly', `agl.run=${n}`]]),
    }
    const failed = random.chance(45)
    const end = callRow({
      ...input,
      end: (input.start ?? 0) + 10 + random.pick([0, 100, 700, 1_400]) * MS,
      responseId: random.chance(failed ? 20 : 90) ? response() : undefined,
      status: failed ? 500 : 200,
      error: failed ? 'HTTP 500' : undefined,
      outcome: random.pick(failed ? ['complete', 'client_left'] : ['complete']),
      ...(random.chance(30) ? { promptIds: undefined, responseIds: undefined, verdict: 'ids.none' } : {}),
      usage: random.pick([undefined, undefined, { input: 8 + n, output: 3 }, { total: 7 }, { cacheRead: 4 }]),
      responseModel: random.pick(['tiny', 'tiny-2', undefined]),
    })
    if (random.chance(80)) changes.push({ type: 'call', row: callRow({ ...input, finished: false }) })
    if (random.chance(85)) changes.push({ type: 'call', row: end })
  }
  for (let at = changes.length - 1; at > 0; at--) {
    const other = random.below(at + 1)
    ;[changes[at], changes[other]] = [changes[other] as Change, changes[at] as Change]
  }
  for (let round = random.chance(50) ? random.below(4) : 0; round > 0; round--) {
    const command = { do: 'deleteTrace', traceId: traceId(random.below(TRACES + 2)), atNs: T0 } as const
    changes.splice(random.below(changes.length), 0, { type: 'command', command })
  }
  for (let round = random.below(6); round > 0; round--)
    changes.splice(random.below(changes.length), 0, random.pick(changes))
  const batches: Change[][] = []
  for (let at = 0; at < changes.length; ) {
    const length = 1 + random.below(random.pick([1, 4, 30]))
    batches.push(changes.slice(at, at + length))
    at += length
  }
  return batches
}
