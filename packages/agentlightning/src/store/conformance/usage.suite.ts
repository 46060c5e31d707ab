import { describe, expect, it } from 'vitest'
import type { Change } from '../contract.ts'
import { type OpenEngine, useStore } from './harness.ts'
import { span, spanId, traceId } from './rows.ts'

/** Usage counts once, on the lowest span that carries it. */
export function describeUsage(open: OpenEngine): void {
  describe('usage', () => {
    const store = useStore(open)
    const counted = async (): Promise<string[]> => {
      const { items } = await store.reader.spans(traceId(1), { limit: 1_000 })
      return items.filter((item) => item.usageCounted).map((item) => item.spanId)
    }
    const sums = async () => store.reader.trace(traceId(1))

    const top = span({ span: 1, usage: { input: 100, output: 10 }, cost: 1 })
    const middle = span({ span: 2, parent: 1, start: 1 })
    const leaf = span({ span: 3, parent: 2, start: 2, usage: { input: 60, output: 6 }, cost: 0.1 })
    const orders: [string, Change[]][] = [
      ['parents first', [top, middle, leaf]],
      ['children first', [leaf, middle, top]],
      ['the middle last', [top, leaf, middle]],
      ['the middle last, leaf first', [leaf, top, middle]],
    ]
    it.each(orders)('counts on the leaf alone with %s', async (_, changes) => {
      for (const change of changes) await store.write(change)
      expect(await sums()).toMatchObject({ inputTokens: 60, outputTokens: 6, totalTokens: 66, cost: 0.1 })
      expect(await counted()).toEqual([spanId(3)])
    })

    it.each(orders)('counts on the leaf alone with %s in one batch', async (_, changes) => {
      await store.write(...changes)
      expect(await sums()).toMatchObject({ inputTokens: 60, totalTokens: 66, cost: 0.1 })
    })

    it('counts above while what is between is unknown', async () => {
      await store.write(top, leaf)
      expect((await sums())?.inputTokens).toBe(160)
      expect(await counted()).toEqual([spanId(1), spanId(3)])
    })

    it('counts on a parent that alone has it', async () => {
      await store.write(top, middle)
      expect((await sums())?.inputTokens).toBe(100)
    })

    it('takes a cost without token counts as usage', async () => {
      await store.write(top, middle, span({ span: 4, parent: 2, cost: 0.25 }))
      expect(await sums()).toMatchObject({ inputTokens: undefined, totalTokens: undefined, cost: 0.25 })
    })

    it('prefers a total that is given to one that is added up', async () => {
      await store.write(
        span({ span: 1, usage: { input: 5, output: 5, total: 99 } }),
        span({ span: 2, usage: { output: 1 } }),
      )
      expect(await sums()).toMatchObject({ inputTokens: 5, outputTokens: 6, totalTokens: 100 })
    })

    it('knows no sums where no span has any', async () => {
      await store.write(span({ span: 1 }))
      expect(await sums()).toMatchObject({ inputTokens: undefined, outputTokens: undefined, cost: undefined })
    })

    it('follows a copy that brings usage, changes it, moves it and loses it', async () => {
      await store.write(top, span({ span: 2, parent: 1, end: 5 }))
      await store.write(span({ span: 2, parent: 1, end: 6, usage: { input: 7 } }))
      expect((await sums())?.inputTokens).toBe(7)
      await store.write(span({ span: 2, parent: 1, end: 7, usage: { input: 8 } }))
      expect((await sums())?.inputTokens).toBe(8)
      await store.write(span({ span: 2, parent: 9, end: 8, usage: { input: 8 } }))
      expect((await sums())?.inputTokens).toBe(108)
      await store.write(span({ span: 2, parent: 9, end: 9 }))
      expect((await sums())?.inputTokens).toBe(100)
    })

    it('adds and takes back costs without drift', async () => {
      for (let at = 0; at < 30; at++) await store.write(span({ span: at, cost: 0.1 }))
      for (let at = 1; at < 30; at++) await store.write(span({ span: at, cost: 0.2, end: 50 }))
      expect((await sums())?.cost).toBe(5.9)
    })

    it('ends in cycles, and with a span that is its own parent', async () => {
      await store.write(
        span({ span: 1, parent: 3, usage: { input: 1 } }),
        span({ span: 2, parent: 1 }),
        span({ span: 3, parent: 2, usage: { input: 2 } }),
        span({ trace: 2, span: 1, parent: 1, usage: { input: 4 } }),
      )
      expect((await sums())?.spans).toBe(3)
      expect(await store.reader.trace(traceId(2))).toMatchObject({ inputTokens: 4, rootKnown: true })
    })

    it('takes a chain of 20,000 spans, leaf first', async () => {
      const chain = Array.from({ length: 20_000 }, (_, at) =>
        span({ span: at, ...(at > 0 ? { parent: at - 1 } : {}), usage: { input: 1 } }),
      )
      for (let at = chain.length; at > 0; at -= 5_000)
        await store.write(...chain.slice(at - 5_000, at).reverse())
      expect(await sums()).toMatchObject({ inputTokens: 1, spans: 20_000 })
    })
  })
}
