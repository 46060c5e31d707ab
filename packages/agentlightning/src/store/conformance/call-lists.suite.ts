import { describe, expect, it } from 'vitest'
import type { CallSummary } from '../calls.ts'
import type { Change } from '../contract.ts'
import { type CallInput, call, callId } from './call-rows.ts'
import { type OpenEngine, useStore } from './harness.ts'
import { type SpanInput, sourceRow, span, spanId, T0, traceId } from './rows.ts'

/** Calls of the gateway and of spans in one order, narrowed and in pages. */
export function describeCallLists(open: OpenEngine): void {
  describe('lists of calls', () => {
    const store = useStore(open)
    const ids = async (filter: object): Promise<string[]> =>
      (await store.reader.calls({ filter, limit: 100 })).items.map(({ id }) => id)
    const write = (...inputs: CallInput[]) => store.write(...inputs.map(call))
    const ofSpan = (trace: number, at: number): string => `${traceId(trace)}-${spanId(at)}`

    it('hold calls with and without the gateway, newest first, in pages', async () => {
      const spans = Array.from({ length: 25 }, (_, n) =>
        span({ trace: n % 3, span: n, type: 'llm', start: n % 7 }),
      )
      await store.write(...spans, span({ trace: 1, span: 90, type: 'tool' }))
      await write(...Array.from({ length: 25 }, (_, n) => ({ call: n, trace: 7, start: n % 7 })))
      const all = (await store.reader.calls({ filter: {}, limit: 100 })).items
      expect(all).toHaveLength(50)
      const sorted = [...all].sort((one, other) =>
        one.startNs === other.startNs ? (one.id < other.id ? -1 : 1) : one.startNs > other.startNs ? -1 : 1,
      )
      expect(all).toEqual(sorted)
      const paged: string[] = []
      let cursor: string | undefined
      do {
        const page = await store.reader.calls({ filter: {}, limit: 7, ...(cursor ? { cursor } : {}) })
        paged.push(...page.items.map(({ id }) => id))
        cursor = page.cursor
      } while (cursor)
      expect(paged).toEqual(all.map(({ id }) => id))
    })

    it('hold of spans inside each other that tell one response id the innermost', async () => {
      const llm = (input: SpanInput): Change => span({ type: 'llm', responseId: 'r', ...input })
      const listed = async (filter = {}): Promise<readonly CallSummary[]> =>
        (await store.reader.calls({ filter, limit: 9 })).items
      await store.write(
        llm({ span: 7 }),
        span({ span: 8, parent: 7 }),
        llm({ span: 9, parent: 8, start: 1 }),
        llm({ span: 10, parent: 7, start: 2, responseId: 'other' }),
        llm({ span: 11, parent: 11, start: 3, responseId: 'alone' }),
      )
      const spans = async () => (await listed()).map(({ spanId: id }) => Number.parseInt(id.slice(8), 16))
      expect(await spans()).toEqual([11, 10, 9])
      // Joined by its trace context: the inner one does not tell the id itself.
      await store.write(
        llm({ trace: 2, span: 7, responseId: 'q' }),
        span({ trace: 2, span: 8, parent: 7, type: 'llm' }),
        call({ call: 1, trace: 2, parent: 8, responseId: 'q' }),
      )
      expect((await listed({ traceId: traceId(2) })).map(({ source }) => source)).toEqual(['both'])
    })

    it('can be narrowed', async () => {
      await write(
        { call: 1, trace: 1, start: 10, rollout: 'r1', attempt: 'a', run: 'x', mode: 'train' },
        {
          call: 2,
          trace: 1,
          start: 20,
          rollout: 'r1',
          attempt: 'b',
          verdict: 'ids.none',
          promptIds: undefined,
        },
        { call: 3, trace: 2, start: 30, rollout: 'r2', requestModel: 'alias', responseModel: 'other' },
      )
      await store.write(
        span({
          trace: 1,
          span: 4,
          type: 'llm',
          start: 40,
          requestModel: 'tiny',
          promptIds: 2,
          responseIds: 1,
        }),
        span({ trace: 2, span: 5, type: 'llm', start: 50 }),
      )
      const span4 = ofSpan(1, 4)
      const span5 = ofSpan(2, 5)
      expect(await ids({})).toEqual([span5, span4, callId(3), callId(2), callId(1)])
      expect(await ids({ traceId: traceId(1) })).toEqual([span4, callId(2), callId(1)])
      expect(await ids({ rollout: 'r1' })).toEqual([callId(2), callId(1)])
      expect(await ids({ rollout: 'r1', attempt: 'b' })).toEqual([callId(2)])
      expect(await ids({ rollout: 'nobody' })).toEqual([])
      expect(await ids({ run: 'x' })).toEqual([callId(1)])
      expect(await ids({ run: 'r1' })).toEqual([])
      expect(await ids({ model: 'tiny' })).toEqual([span4, callId(2), callId(1)])
      expect(await ids({ model: 'other' })).toEqual([callId(3)])
      expect(await ids({ verdict: 'ids.none' })).toEqual([callId(2)])
      expect(await ids({ verdict: 'ids.not_on_span' })).toEqual([span5])
      expect(await ids({ withIds: true })).toEqual([span4, callId(3), callId(1)])
      expect(await ids({ withIds: false })).toEqual([span5, callId(2)])
      expect(await ids({ sinceNs: T0 + 20n, untilNs: T0 + 40n })).toEqual([callId(3), callId(2)])
      expect(await store.reader.rollouts(10)).toEqual([
        expect.objectContaining({ rollout: 'r2', attempt: undefined, calls: 1 }),
        expect.objectContaining({ rollout: 'r1', attempt: 'b', calls: 1, callsWithIds: 0 }),
        expect.objectContaining({ rollout: 'r1', attempt: 'a', run: 'x', mode: 'train', callsWithIds: 1 }),
      ])
    })

    it('tell of calls that only a span tells of whose they are, as its resource says', async () => {
      const ofRun = { run: 'x', rollout: 'r1', attempt: '0' }
      const resource = sourceRow({ resourceFields: ofRun })
      await store.write(
        span({ span: 4, type: 'llm', start: 40, promptIds: 2, responseIds: 1, source: resource }),
        span({ span: 5, type: 'llm', start: 50, source: sourceRow({ resourceFields: { rollout: 'r2' } }) }),
        span({ span: 6, type: 'llm', start: 60 }),
        span({ span: 7, type: 'tool', start: 70, source: resource }),
      )
      expect(await ids({ run: 'x' })).toEqual([ofSpan(1, 4)])
      expect(await ids({ rollout: 'r1', attempt: '0' })).toEqual([ofSpan(1, 4)])
      expect(await ids({ rollout: 'r1', attempt: '1' })).toEqual([])
      expect(await ids({ rollout: 'r2' })).toEqual([ofSpan(1, 5)])
      expect(await store.reader.call(ofSpan(1, 4))).toMatchObject({ source: 'span', ...ofRun })
      expect(await store.reader.callOfSpan(traceId(1), spanId(6))).toMatchObject({ rollout: undefined })
      const [first] = (await store.reader.spans(traceId(1), { limit: 9 })).items
      expect(first?.call).toMatchObject({ rollout: 'r1', attempt: '0' })
      expect(await store.reader.rollouts(9)).toEqual([
        expect.objectContaining({ rollout: 'r2', attempt: undefined, run: undefined, calls: 1 }),
        {
          ...ofRun,
          mode: undefined,
          calls: 1,
          callsWithIds: 1,
          startNs: T0 + 40n,
          endNs: T0 + 50n,
        },
      ])
    })

    it('believe the gateway before the resource of the span, which else tells whose its call is', async () => {
      const source = sourceRow({ resourceFields: { run: 'x', rollout: 'r1', attempt: '0' } })
      await store.write(
        span({ span: 1, type: 'llm', responseId: 'a', promptIds: 2, responseIds: 1, source }),
        span({ span: 2, type: 'llm', responseId: 'b', source }),
        span({ span: 3, type: 'llm', responseId: 'c', start: 3, source }),
      )
      await write(
        { call: 1, responseId: 'a', rollout: 'r2', promptIds: undefined, responseIds: undefined },
        { call: 2, responseId: 'b', start: 2 },
      )
      expect(await ids({ rollout: 'r1' })).toEqual([ofSpan(1, 3), callId(2)])
      expect(await ids({ rollout: 'r2' })).toEqual([callId(1)])
      expect(await ids({ attempt: '0' })).toEqual([ofSpan(1, 3), callId(2)])
      expect(await store.reader.call(callId(1))).toMatchObject({ rollout: 'r2', attempt: undefined })
      expect(await store.reader.call(callId(2))).toMatchObject({ source: 'both', run: 'x', attempt: '0' })
      const tree = (await store.reader.spans(traceId(1), { limit: 9 })).items
      expect(tree.map((one) => one.call?.rollout)).toEqual(['r2', 'r1', 'r1'])
      expect(await store.reader.rollouts(9)).toEqual([
        expect.objectContaining({ rollout: 'r1', calls: 2, callsWithIds: 1 }),
        expect.objectContaining({ rollout: 'r2', calls: 1, callsWithIds: 1 }),
      ])
    })

    it('take a run that nothing else tells from the tag of the trace', async () => {
      const tagged = sourceRow({ resourceFields: { tags: ['nightly', 'agl.run=x'] } })
      const other = sourceRow({ resourceFields: { run: 'y' } })
      await store.write(
        span({ span: 1, source: tagged }),
        span({ span: 2, type: 'llm', start: 2 }),
        span({ span: 3, type: 'llm', start: 3, source: other }),
        span({ trace: 2, span: 4, type: 'llm', start: 4 }),
      )
      await write({ call: 1, trace: 1, start: 5 }, { call: 2, trace: 1, start: 6, run: 'z', rollout: 'z' })
      expect(await ids({ run: 'x' })).toEqual([callId(1), ofSpan(1, 2)])
      expect(await ids({ run: 'y' })).toEqual([ofSpan(1, 3)])
      expect(await ids({ run: 'z' })).toEqual([callId(2)])
      const runs = (await store.reader.calls({ filter: {}, limit: 9 })).items.map(({ run }) => run)
      expect(runs).toEqual(['z', 'x', undefined, 'y', 'x'])
    })

    it('say that a call failed whose span has an error and no ids', async () => {
      await store.write(
        span({ span: 4, type: 'llm', start: 4, status: 2 }),
        span({ span: 5, type: 'llm', start: 5, status: 2, promptIds: 2, responseIds: 1 }),
        span({ span: 6, type: 'llm', start: 6, status: 1 }),
      )
      expect(await ids({ verdict: 'call.failed' })).toEqual([ofSpan(1, 4)])
      expect(await ids({ verdict: 'ids.complete' })).toEqual([ofSpan(1, 5)])
      expect(await ids({ verdict: 'ids.not_on_span' })).toEqual([ofSpan(1, 6)])
      const shown = (await store.reader.spans(traceId(1), { limit: 9 })).items
      expect(shown.map(({ call }) => call?.verdict)).toContain('call.failed')
    })

    it('say that a reply was not read to its end where its span says so and has no ids of the whole', async () => {
      const begun = (input: SpanInput): Change => span({ type: 'llm', unfinished: true, ...input })
      await store.write(
        begun({ span: 4, start: 4 }),
        begun({ span: 5, start: 5, promptIds: 2 }),
        begun({ span: 6, start: 6, promptIds: 2, status: 2 }),
        span({ span: 7, start: 7, type: 'llm', promptIds: 2 }),
        begun({ trace: 2, span: 8, start: 8, responseId: 'r' }),
        call({ call: 1, start: 9, responseId: 'r' }),
      )
      const spans = [ofSpan(1, 6), ofSpan(1, 5), ofSpan(1, 4)]
      expect(await ids({ verdict: 'ids.unfinished' })).toEqual(spans)
      expect(await ids({ verdict: 'ids.no_response' })).toEqual([ofSpan(1, 7)])
      expect(await ids({ verdict: 'ids.complete' })).toEqual([callId(1)])
      expect(await store.reader.call(callId(1))).toMatchObject({ source: 'both', spanId: spanId(8) })
      const tree = (await store.reader.spans(traceId(1), { limit: 9 })).items
      expect(tree.map((one) => [one.fields.unfinished, one.call?.verdict])).toEqual([
        ...spans.map(() => [true, 'ids.unfinished']),
        [undefined, 'ids.no_response'],
      ])
      // A later copy with the ids of the whole response.
      await store.write(span({ type: 'llm', span: 5, start: 5, end: 99, promptIds: 2, responseIds: 1 }))
      expect(await store.reader.call(ofSpan(1, 5))).toMatchObject({ verdict: 'ids.complete' })
    })

    it('find a call by its id and by its span', async () => {
      await write({ call: 1, trace: 1, responseId: 'r' })
      await store.write(span({ trace: 2, span: 5, type: 'llm', responseId: 'r' }))
      await store.write(span({ trace: 2, span: 6, type: 'llm' }), span({ trace: 2, span: 7, type: 'tool' }))
      expect(await store.reader.call(callId(1))).toMatchObject({ traceId: traceId(2), spanId: spanId(5) })
      expect(await store.reader.callOfSpan(traceId(2), spanId(5))).toMatchObject({ id: callId(1) })
      expect(await store.reader.call(ofSpan(2, 6))).toMatchObject({ source: 'span', spanId: spanId(6) })
      expect(await store.reader.call(ofSpan(2, 5))).toBeUndefined()
      expect(await store.reader.callOfSpan(traceId(2), spanId(7))).toBeUndefined()
      expect(await store.reader.call('nothing')).toBeUndefined()
    })

    it('refuse bad limits and cursors', async () => {
      for (const bad of [{ limit: 0 }, { limit: 1_001 }, { limit: 1, cursor: 'x' }])
        await expect(store.reader.calls({ filter: {}, ...bad })).rejects.toMatchObject({
          code: 'AGL_BAD_REQUEST',
        })
    })
  })
}
