import { describe, expect, it } from 'vitest'
import { StoreChangeError } from '../store-errors.ts'
import { type OpenEngine, useStore } from './harness.ts'
import { sourceRow, span, spanId, spanRow, T0, traceId } from './rows.ts'

/** Spans: keys, copies, what comes back, and batches that fail. */
export function describeSpans(open: OpenEngine): void {
  describe('spans', () => {
    const store = useStore(open)
    const tree = async (trace = 1) => (await store.reader.spans(traceId(trace), { limit: 100 })).items

    it('come back with every field as written', async () => {
      const fields = {
        type: 'llm',
        provider: 'openai',
        requestModel: 'small',
        responseModel: 'small-2026',
        responseId: 'resp_1',
        agent: 'planner',
        tool: 'search',
        session: 's1',
        user: 'ana',
        tags: ['a', 'b,c', ''],
        endState: 'Success',
        usage: { input: 10, output: 2, total: 12, cacheRead: 3, cacheWrite: 4, reasoning: 1 },
        cost: 0.000_123_4,
        promptIds: 10,
        responseIds: 2,
        error: 'Error: no\nreason',
      } as const
      const source = sourceRow({ origin: 'gateway', resourceFields: { service: 'api' } })
      await store.write(
        span({ span: 2, parent: 1, name: 'chat', end: 7, status: 2, attributes: 9, source, ...fields }),
      )
      expect(await tree()).toEqual([
        {
          spanId: spanId(2),
          parentSpanId: spanId(1),
          name: 'chat',
          kind: 1,
          type: 'llm',
          startNs: T0,
          endNs: T0 + 7n,
          statusCode: 2,
          service: 'api',
          origin: 'gateway',
          attributeCount: 9,
          payloadBytes: 50,
          fields,
          usageCounted: true,
          call: {
            id: `${traceId(1)}-${spanId(2)}`,
            source: 'span',
            verdict: 'ids.complete',
            choices: undefined,
            promptIds: fields.promptIds,
            responseIds: fields.responseIds,
            rollout: undefined,
            attempt: undefined,
          },
        },
      ])
    })

    it('come back with an unfinished reply as their only field', async () => {
      await store.write(span({ span: 1, type: 'llm', unfinished: true }))
      expect((await tree()).map((item) => item.fields)).toEqual([{ type: 'llm', unfinished: true }])
    })

    it('have only the fields that are known', async () => {
      await store.write(span({ span: 1 }), span({ span: 2, usage: {}, tags: [] }))
      expect((await tree()).map((item) => item.fields)).toEqual([{ type: 'other' }, { type: 'other' }])
    })

    it.each(['', 'a\u0000b', 'ünïcödé 日本語 🙂', 'x'.repeat(100_000)])('keep the name %j', async (name) => {
      await store.write(span({ span: 1, name }))
      expect((await tree())[0]?.name).toBe(name)
      expect((await store.reader.trace(traceId(1)))?.name).toBe(name)
    })

    it('keep times to the nanosecond, and an end of 0', async () => {
      await store.write(span({ span: 1, start: 123_456_789 }))
      const row = { ...spanRow({ span: 2, start: 1 }), endNs: 0n }
      await store.write({ type: 'span', row })
      expect((await tree()).map((item) => [item.startNs, item.endNs])).toEqual([
        [T0 + 1n, 0n],
        [T0 + 123_456_789n, T0 + 123_456_799n],
      ])
    })

    it('take times beyond 63 bits without failing', async () => {
      const row = { ...spanRow({ span: 1 }), startNs: 2n ** 64n - 2n, endNs: 2n ** 64n - 1n }
      await store.write({ type: 'span', row })
      expect((await tree())[0]?.startNs).toBeGreaterThan(T0)
    })

    it('treat numbers that are none as unknown', async () => {
      await store.write(span({ span: 1, usage: { input: Number.NaN }, cost: Number.POSITIVE_INFINITY }))
      expect((await tree())[0]?.fields).toEqual({ type: 'other' })
      expect((await store.reader.trace(traceId(1)))?.cost).toBeUndefined()
    })

    it('are sorted by start, then by id', async () => {
      await store.write(
        span({ span: 3, start: 5 }),
        span({ span: 9 }),
        span({ span: 1, start: 5 }),
        span({ span: 2 }),
      )
      expect((await tree()).map((item) => item.spanId)).toEqual([2, 9, 1, 3].map(spanId))
    })

    it('of the same batch twice change nothing and are counted', async () => {
      const batch = [span({ span: 1, usage: { input: 5 } }), span({ span: 2, parent: 1, cost: 0.5 })]
      expect(await store.write(...batch)).toEqual({ spans: 2, duplicates: 0, dropped: 0 })
      const before = [await store.reader.trace(traceId(1)), await tree()]
      expect(await store.write(...batch)).toEqual({ spans: 0, duplicates: 2, dropped: 0 })
      expect([await store.reader.trace(traceId(1)), await tree()]).toEqual(before)
      expect((await store.reader.stats()).duplicates).toBe(2)
    })

    it.each([
      ['the later end', { end: 20, attributes: 1 }, { end: 21, attributes: 0 }, 'second'],
      ['the later end, arriving first', { end: 21 }, { end: 20 }, 'first'],
      ['more attributes at the same end', { end: 20, attributes: 1 }, { end: 20, attributes: 2 }, 'second'],
      ['the first of equals', { end: 20 }, { end: 20 }, 'first'],
    ])('of two copies keep %s', async (_, first, second, kept) => {
      await store.write(span({ span: 1, name: 'first', ...first }))
      await store.write(span({ span: 1, name: 'second', ...second }))
      expect((await tree()).map((item) => item.name)).toEqual([kept])
      expect(await store.reader.trace(traceId(1))).toMatchObject({ name: kept, spans: 1 })
      expect((await store.reader.stats()).duplicates).toBe(1)
    })

    it('that stand for a legacy session are updated by a later copy with the same end', async () => {
      const source = sourceRow({ origin: 'legacy', encoding: 'legacy' })
      await store.write(
        span({ span: 1, source, tags: ['a', 'b'] }),
        span({ span: 2, parent: 1, source, name: 'x' }),
      )
      await store.write(
        span({ span: 1, source, tags: ['c'] }),
        span({ span: 2, parent: 1, source, name: 'y' }),
      )
      expect(await store.reader.trace(traceId(1))).toMatchObject({ tags: ['c'], spans: 2 })
      expect((await tree()).map(({ name }) => name)).toEqual(['span 1', 'x'])
    })

    it('that are replaced give their addresses up', async () => {
      await store.write(span({ span: 1, segment: 1 }))
      await store.write(span({ span: 1, segment: 2, end: 50 }))
      expect((await store.reader.spanAddress(traceId(1), spanId(1)))?.span.segment).toBe(2)
    })

    it('have the addresses of what reading them takes', async () => {
      const source = sourceRow({
        encoding: 'json',
        origin: 'legacy',
        receivedNs: T0 + 5n,
        scope: { segment: 1, offset: 90, length: 5 },
      })
      await store.write(
        span({ span: 4, source }),
        span({ span: 5, start: 1, source: sourceRow({ resource: undefined }) }),
      )
      const first = {
        traceId: traceId(1),
        spanId: spanId(4),
        encoding: 'json',
        span: { segment: 1, offset: 400, length: 50 },
        resource: { segment: 1, offset: 64, length: 20 },
        scope: { segment: 1, offset: 90, length: 5 },
        origin: 'legacy',
        receivedNs: T0 + 5n,
      }
      expect(await store.reader.spanAddress(traceId(1), spanId(4))).toEqual(first)
      const all = await store.reader.spanAddresses(traceId(1), { limit: 10 })
      expect(all.items).toMatchObject([first, { resource: undefined, scope: undefined }])
      expect(all.cursor).toBeUndefined()
    })

    it('are found by their id alone, in the newest trace that has it', async () => {
      await store.write(
        span({ trace: 1, span: 7 }),
        span({ trace: 2, span: 7, start: 100 }),
        span({ trace: 3, span: 8 }),
      )
      expect(await store.reader.traceOfSpan(spanId(7))).toBe(traceId(2))
      expect(await store.reader.traceOfSpan(spanId(8))).toBe(traceId(3))
      expect(await store.reader.traceOfSpan(spanId(9))).toBeUndefined()
      expect(await store.reader.traceOfSpan('x')).toBeUndefined()
    })

    it('that are not there give nothing', async () => {
      expect(await store.reader.trace(traceId(1))).toBeUndefined()
      expect(await store.reader.trace('no id')).toBeUndefined()
      expect(await store.reader.spans('no id', { limit: 1 })).toEqual({ items: [], cursor: undefined })
      expect(await store.reader.spanAddress(traceId(1), spanId(1))).toBeUndefined()
      expect(await store.reader.spanAddress(traceId(1), 'x')).toBeUndefined()
    })

    it('of a batch with a bad change are all refused, and the change is named', async () => {
      await store.write(span({ span: 1 }))
      const before = await store.reader.stats()
      const bad = { ...spanRow({ span: 3 }), traceId: Buffer.alloc(7) }
      const writing = store.writer.write({
        changes: [
          span({ trace: 2, span: 2, name: 'gone', source: sourceRow({ project: 'p' }) }),
          { type: 'span', row: bad },
        ],
        position: 99,
      })
      await expect(writing).rejects.toSatisfy(
        (error) => error instanceof StoreChangeError && error.index === 1,
      )
      expect({ ...(await store.reader.stats()), bytes: 0 }).toEqual({ ...before, bytes: 0 })
      expect(await store.reader.trace(traceId(2))).toBeUndefined()

      await store.write(span({ trace: 2, span: 2, name: 'again', source: sourceRow({ project: 'p' }) }))
      expect(await store.reader.trace(traceId(2))).toMatchObject({ name: 'again', project: 'p' })
      expect((await tree(2)).map((item) => item.name)).toEqual(['again'])
    })

    it('are visible with the position as soon as the write resolved', async () => {
      expect(await store.reader.position()).toBe(0)
      await store.writer.write({ changes: [span({ span: 1 })], position: 2 ** 52 + 5 })
      expect(await store.reader.position()).toBe(2 ** 52 + 5)
      expect(await store.writer.position()).toBe(2 ** 52 + 5)
      expect(await store.writer.checkpoint()).toBe(2 ** 52 + 5)
      expect(await tree()).toHaveLength(1)
    })

    it('stay when the store is opened again', async () => {
      await store.write(span({ span: 1, usage: { input: 5 }, tags: ['x'] }))
      const before = await store.reader.trace(traceId(1))
      await store.reopen()
      expect(await store.reader.trace(traceId(1))).toEqual(before)
      await store.write(span({ span: 2, parent: 1, usage: { input: 3 } }))
      expect(await store.reader.trace(traceId(1))).toMatchObject({ inputTokens: 3, spans: 2, tags: ['x'] })
    })
  })
}
