import { describe, expect, it } from 'vitest'
import type { CallSummary } from '../calls.ts'
import type { Change } from '../contract.ts'
import { call, callId, callStart, ownSpanId } from './call-rows.ts'
import { type OpenEngine, useStore } from './harness.ts'
import { type SpanInput, sourceRow, span, spanId, T0, traceId } from './rows.ts'

const MINUTE = 60_000_000_000

/** Calls through the gateway: their own spans, the join with spans of clients, lists. */
export function describeCalls(open: OpenEngine): void {
  describe('calls', () => {
    const store = useStore(open)
    const calls = async (filter = {}): Promise<readonly CallSummary[]> =>
      (await store.reader.calls({ filter, limit: 100 })).items
    /** `CALL→TRACE/SPAN` of every gateway call. */
    const shown = async (): Promise<string[]> =>
      (await calls())
        .filter(({ source }) => source !== 'span')
        .map(({ id, source, traceId: trace, spanId: at }) => {
          const own = source === 'gateway' ? 'own' : String(Number.parseInt(at.slice(8), 16))
          return `${Number.parseInt(id.slice(-4), 16)}→${Number.parseInt(trace.slice(24), 16)}/${own}`
        })
        .sort()
    const client = (input: SpanInput): Change => span({ type: 'llm', responseId: 'r', ...input })
    const deletion = (trace: number): Change => ({
      type: 'command',
      command: { do: 'deleteTrace', traceId: traceId(trace), atNs: T0 },
    })
    const prune = (segment: number): Change => ({
      type: 'command',
      command: { do: 'prune', segment, atNs: T0 },
    })

    it('are spans of their own, from their announcement on', async () => {
      await store.write(callStart({ call: 1, trace: 1 }))
      expect(await store.reader.trace(traceId(1))).toMatchObject({ spans: 1, calls: 1, callsWithIds: 0 })
      expect((await calls())[0]).toMatchObject({ id: callId(1), verdict: 'call.no_end', endNs: 0n })
      await store.write(call({ call: 1, trace: 1, rollout: 'r1', attempt: 'a1' }))
      expect(await store.reader.trace(traceId(1))).toMatchObject({
        name: 'chat tiny',
        spans: 1,
        calls: 1,
        callsWithIds: 1,
        inputTokens: 8,
        outputTokens: 3,
        models: ['tiny'],
      })
      const [one] = (await store.reader.spans(traceId(1), { limit: 9 })).items
      expect(one).toMatchObject({ spanId: ownSpanId(1), origin: 'gateway', type: 'llm', name: 'chat tiny' })
      expect(one?.call).toEqual({
        id: callId(1),
        source: 'gateway',
        verdict: 'ids.complete',
        choices: 1,
        promptIds: 8,
        responseIds: 3,
        rollout: 'r1',
        attempt: 'a1',
      })
      expect(await store.reader.spanAddress(traceId(1), ownSpanId(1))).toMatchObject({
        encoding: 'call',
        span: { offset: 1_500 },
        resource: { offset: 1_000 },
      })
    })

    it('change nothing when they come again, and an announcement after its end only adds its place', async () => {
      const [start, end] = [callStart({ call: 1, trace: 1 }), call({ call: 1, trace: 1 })]
      await store.write(end, start, end, start)
      expect(await store.reader.trace(traceId(1))).toMatchObject({ spans: 1, inputTokens: 8 })
      expect((await calls())[0]).toMatchObject({
        verdict: 'ids.complete',
        startRecord: { offset: 1_000 },
        endRecord: { offset: 1_500 },
      })
      expect((await store.reader.stats()).spans).toBe(1)
    })

    const joins: [string, Change[], string][] = [
      ['by trace context', [client({ span: 7 }), call({ call: 1, trace: 1, parent: 7 })], '1→1/7'],
      [
        'by trace context to a span that is no call, if it tells the response id',
        [client({ span: 7, type: 'http' }), call({ call: 1, trace: 1, parent: 7, responseId: 'r' })],
        '1→1/7',
      ],
      [
        'not to a span that is no call and tells another response id',
        [client({ span: 7, type: 'http', responseId: 'x' }), call({ call: 1, trace: 1, parent: 7 })],
        '1→1/own',
      ],
      ['by response id', [client({ span: 7 }), call({ call: 1, responseId: 'r' })], '1→1/7'],
      [
        'by trace context rather than by response id',
        [
          client({ span: 7, responseId: 'x' }),
          client({ span: 8 }),
          call({ call: 1, trace: 1, parent: 7, responseId: 'r' }),
        ],
        '1→1/7',
      ],
      [
        'not after ten minutes',
        [client({ span: 7, start: 11 * MINUTE }), call({ call: 1, responseId: 'r' })],
        '1→101/own',
      ],
      [
        'not over projects',
        [
          client({ span: 7, source: sourceRow({ project: 'one' }) }),
          call({ call: 1, responseId: 'r', project: 'two' }),
        ],
        '1→101/own',
      ],
      [
        'within a project',
        [
          client({ span: 7, source: sourceRow({ project: 'one' }) }),
          call({ call: 1, responseId: 'r', project: 'one' }),
        ],
        '1→1/7',
      ],
      [
        'with the innermost of nested spans',
        [
          client({ span: 5 }),
          span({ span: 6, parent: 5 }),
          client({ span: 7, parent: 6 }),
          call({ call: 1, responseId: 'r' }),
        ],
        '1→1/7',
      ],
      [
        'with the nearest of unrelated spans',
        [
          client({ trace: 1, span: 5, start: 50 }),
          client({ trace: 2, span: 6, start: 900 }),
          call({ call: 1, responseId: 'r', start: 800 }),
        ],
        '1→2/6',
      ],
      [
        'with the span of its own trace before a nearer one',
        [
          client({ trace: 1, span: 5, start: 50 }),
          client({ trace: 2, span: 6, start: 800 }),
          call({ call: 1, trace: 1, responseId: 'r', start: 800 }),
        ],
        '1→1/5',
      ],
    ]
    describe.each(joins)('join %s', (_, changes, expected) => {
      it.each(orders(changes))('in the order %s', async (_order, ordered) => {
        for (const change of ordered) await store.write(change)
        expect(await shown()).toEqual([expected])
      })

      it('in one batch', async () => {
        await store.write(...changes)
        expect(await shown()).toEqual([expected])
      })
    })

    it('withdraw their own span and trace, and count nothing twice', async () => {
      await store.write(call({ call: 1, responseId: 'r' }))
      const { change } = await store.reader.changes(0, 10)
      await store.write(client({ span: 7, usage: { input: 8, output: 3 } }))
      expect(await store.reader.trace(traceId(101))).toBeUndefined()
      expect(await store.reader.changes(change, 10)).toMatchObject({
        traces: [{ traceId: traceId(1), calls: 1, callsWithIds: 1, inputTokens: 8 }],
        removed: [traceId(101)],
      })
      expect(await store.reader.stats()).toMatchObject({ traces: 1, spans: 1 })
      const [one] = (await store.reader.spans(traceId(1), { limit: 9 })).items
      expect(one).toMatchObject({ spanId: spanId(7), call: { id: callId(1), source: 'both', promptIds: 8 } })
      expect(one?.fields.promptIds).toBeUndefined()
      expect(await store.writer.check()).toEqual([])
    })

    it('give the usage of their parent back when they are withdrawn from under it', async () => {
      await store.write(call({ call: 1, trace: 1, parent: 7 }))
      await store.write(span({ span: 6 }), client({ span: 7, parent: 6, usage: { input: 80, output: 30 } }))
      expect(await store.reader.trace(traceId(1))).toMatchObject({ spans: 2, inputTokens: 80, calls: 1 })
    })

    it('move to a better span, and back to their own when a copy is no call any more', async () => {
      await store.write(call({ call: 1, trace: 2, parent: 7, responseId: 'r' }), client({ span: 5 }))
      expect(await shown()).toEqual(['1→1/5'])
      await store.write(client({ trace: 2, span: 7, responseId: 'other' }))
      expect(await shown()).toEqual(['1→2/7'])
      expect(await store.reader.trace(traceId(1))).toMatchObject({ callsWithIds: 0 })
      await store.write(
        span({ trace: 2, span: 7, type: 'other', end: 99 }),
        span({ span: 5, type: 'llm', responseId: 'new', end: 99 }),
      )
      expect(await shown()).toEqual(['1→2/own'])
      expect(await store.reader.trace(traceId(2))).toMatchObject({
        spans: 2,
        callsWithIds: 1,
        inputTokens: 8,
      })
    })

    it('of one response id take one span each, the nearest', async () => {
      const at = (n: number, start: number): Change => call({ call: n, responseId: 'r', start })
      await store.write(at(1, 100), at(2, 200), at(3, 300))
      await store.write(client({ trace: 1, span: 5, start: 290 }), client({ trace: 2, span: 6, start: 110 }))
      expect(await shown()).toEqual(['1→2/6', '2→102/own', '3→1/5'])
    })

    it('that one request was repeated as leave the span to the one that succeeded', async () => {
      const tried = { trace: 1, parent: 7 }
      await store.write(
        call({ call: 1, ...tried, status: 500, verdict: 'call.failed', responseId: undefined }),
        call({ call: 2, ...tried, start: 50, responseId: undefined }),
        client({ span: 7, responseId: 'x' }),
      )
      expect(await shown()).toEqual(['1→1/own', '2→1/7'])
    })

    it("say where their ids and the span's differ, and keep both", async () => {
      await store.write(
        call({ call: 1, responseId: 'r', promptIds: 8, responseIds: 6, firstChoiceIds: 3, choices: 2 }),
      )
      await store.write(client({ span: 7, promptIds: 8, responseIds: 3 }))
      expect((await calls())[0]).toMatchObject({ source: 'both', verdict: 'ids.complete' })
      await store.write(client({ span: 7, promptIds: 8, responseIds: 4, end: 99 }))
      const [one] = (await store.reader.spans(traceId(1), { limit: 9 })).items
      expect(one).toMatchObject({
        fields: { responseIds: 4 },
        call: { verdict: 'ids.conflict', responseIds: 6 },
      })
      expect(await store.reader.trace(traceId(1))).toMatchObject({ callsWithIds: 1 })
    })

    it('give their usage, model and response id to a span that has none', async () => {
      const bare = (input: SpanInput): Change => span({ type: 'llm', ...input })
      const sums = { inputTokens: 8, outputTokens: 3, totalTokens: 11, models: ['tiny'], spans: 2, calls: 1 }
      await store.write(
        span({ span: 6, usage: { input: 100 } }),
        bare({ span: 7, parent: 6 }),
        call({ call: 1, trace: 1, parent: 7 }),
      )
      expect(await store.reader.trace(traceId(1))).toMatchObject(sums)
      await store.write(bare({ span: 7, parent: 6, end: 20 }))
      expect(await store.reader.trace(traceId(1))).toMatchObject(sums)
      const { items } = await store.reader.spans(traceId(1), { limit: 9 })
      expect(items.find(({ spanId: id }) => id === spanId(7))).toMatchObject({
        fields: {
          usage: { input: 8, output: 3, total: 11 },
          responseModel: 'tiny',
          responseId: 'chatcmpl-1',
        },
        usageCounted: true,
        call: { source: 'both', gives: ['usage', 'model', 'responseId'] },
      })
      await store.write(deletion(1))
      await store.write(call({ call: 2, trace: 2, parent: 7 }), bare({ trace: 2, span: 7 }))
      const hours = await store.reader.hours({ sinceNs: 0n, untilNs: 2n * T0 })
      expect(hours).toMatchObject([{ calls: 1, model: 'tiny', inputTokens: 8, outputTokens: 3 }])
    })

    it('leave a span its own usage and model, and take theirs back when they move', async () => {
      await store.write(call({ call: 1, trace: 9, responseId: 'r' }))
      await store.write(client({ span: 7, usage: { input: 5 }, requestModel: 'm' }))
      expect(await store.reader.trace(traceId(1))).toMatchObject({ inputTokens: 5, models: ['m'] })
      await store.write(client({ trace: 2, span: 7, start: MINUTE / 60 }))
      expect(await store.reader.trace(traceId(2))).toMatchObject({ inputTokens: undefined, models: [] })
      await store.write(deletion(1))
      expect(await shown()).toEqual([])
      await store.write(call({ call: 2, trace: 9, responseId: 'r', start: 2 * MINUTE }))
      expect(await store.reader.trace(traceId(2))).toMatchObject({ inputTokens: 8, models: ['tiny'] })
      // Nearer to the call.
      await store.write(client({ trace: 3, span: 7, start: 2 * MINUTE }))
      expect(await store.reader.trace(traceId(2))).toMatchObject({ inputTokens: undefined, models: [] })
      expect(await store.reader.trace(traceId(3))).toMatchObject({ inputTokens: 8, models: ['tiny'] })
    })

    it('belong to something once a span stands for them', async () => {
      await store.write(call({ call: 1, responseId: 'r', verdict: 'call.not_attributed' }))
      expect((await calls())[0]?.verdict).toBe('call.not_attributed')
      await store.write(client({ span: 7 }))
      expect((await calls())[0]?.verdict).toBe('ids.complete')
    })

    it('keep their join when a copy of the span comes, and count its ids once', async () => {
      await store.write(client({ span: 7 }), call({ call: 1, responseId: 'r' }))
      await store.write(client({ span: 7, end: 50, tags: ['a'] }))
      await store.write(client({ span: 7, end: 60, promptIds: 8, responseIds: 3 }))
      await store.write(client({ span: 7, end: 70 }))
      expect(await shown()).toEqual(['1→1/7'])
      expect(await store.reader.trace(traceId(1))).toMatchObject({ callsWithIds: 1, spans: 1 })
    })

    it('go with the trace that shows them, and with their own', async () => {
      await store.write(call({ call: 1, responseId: 'r' }), client({ span: 7 }), call({ call: 2, trace: 3 }))
      await store.write(deletion(1))
      expect(await shown()).toEqual(['2→3/own'])
      await store.write(deletion(3))
      expect(await shown()).toEqual([])
      expect(await store.reader.stats()).toMatchObject({ traces: 0, spans: 0 })
      expect((await store.write(call({ call: 2, trace: 3 }))).dropped).toBe(1)
    })

    it('that another trace shows stay when their own is deleted', async () => {
      await store.write(
        call({ call: 1, trace: 3, responseId: 'r' }),
        client({ span: 7 }),
        call({ call: 2, trace: 3 }),
      )
      await store.write(deletion(3))
      expect(await shown()).toEqual(['1→1/7'])
      await store.write(deletion(1))
      expect(await shown()).toEqual([])
    })

    it('that lose a span to a deletion take the next', async () => {
      await store.write(
        client({ trace: 1, span: 5, start: 1 }),
        client({ trace: 2, span: 6, start: 2 }),
        call({ call: 1, trace: 1, responseId: 'r', start: 1 }),
        call({ call: 2, trace: 9, responseId: 'r', start: 2 }),
        call({ call: 3, trace: 9, responseId: 'r', start: 3 }),
      )
      expect(await shown()).toEqual(['1→1/5', '2→2/6', '3→9/own'])
      await store.write(deletion(1))
      expect(await shown()).toEqual(['2→2/6', '3→9/own'])
    })

    it('go with their segment, unless a span that stays stands for them', async () => {
      await store.write(
        call({ call: 1, responseId: 'r', segment: 1 }),
        client({ span: 7, segment: 2 }),
        call({ call: 2, trace: 5, segment: 1 }),
        call({ call: 3, trace: 6, segment: 2 }),
      )
      await store.write(prune(1))
      expect(await shown()).toEqual(['1→1/7', '3→6/own'])
      await store.write(prune(2))
      expect(await shown()).toEqual([])
      expect(await store.reader.stats()).toMatchObject({ traces: 0, spans: 0 })
      expect(await store.writer.check()).toEqual([])
    })

    it('do not join by a response id that everybody has', async () => {
      await store.write(
        ...Array.from({ length: 150 }, (_, n) => call({ call: n, trace: 5, responseId: 'r' })),
      )
      await store.write(client({ span: 7 }))
      expect((await shown()).filter((one) => !one.endsWith('own'))).toEqual([])
    })

    it('stay joined when the store is opened again', async () => {
      await store.write(
        call({ call: 1, responseId: 'r' }),
        client({ span: 7 }),
        call({ call: 2, responseId: 'q' }),
      )
      await store.reopen()
      await store.write(client({ span: 8, responseId: 'q' }))
      expect(await shown()).toEqual(['1→1/7', '2→1/8'])
    })

    it('are refused with ids of a wrong length, naming the change', async () => {
      const { row } = call({ call: 1 }) as Extract<Change, { type: 'call' }>
      const bad: Change = { type: 'call', row: { ...row, spanId: Buffer.alloc(3) } }
      await expect(store.write(call({ call: 2, trace: 2 }), bad)).rejects.toMatchObject({ index: 1 })
      await store.write(call({ call: 2, trace: 2 }))
      expect(await shown()).toEqual(['2→2/own'])
      // The first batch was undone with all that it made.
      await store.write(client({ span: 7, responseId: 'chatcmpl-2' }))
      expect(await shown()).toEqual(['2→1/7'])
    })
  })
}

/** Every order of a few changes, up to 24 of them. */
function orders(changes: readonly Change[]): [string, Change[]][] {
  const permutations = (items: number[]): number[][] =>
    items.length < 2
      ? [items]
      : items.flatMap((first) =>
          permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
        )
  return permutations(changes.map((_, at) => at)).map((order) => [
    order.join(' '),
    order.map((at) => changes[at] as Change),
  ])
}
