import { describe, expect, it } from 'vitest'
import type { Change, Command, HourRow } from '../contract.ts'
import { type OpenEngine, useStore } from './harness.ts'
import { HOUR, sourceRow, span, T0, traceId } from './rows.ts'

const everything = { sinceNs: 0n, untilNs: 2n ** 63n - 1n }
const MS = 1_000_000
const hour = Number(HOUR)

/** Sums by hour, service and model: which there are, and what commands and failures do to them. */
export function describeHours(open: OpenEngine): void {
  describe('hours', () => {
    const store = useStore(open)
    const hours = async (): Promise<readonly HourRow[]> => store.reader.hours(everything)
    const command = (given: Command): Change => ({ type: 'command', command: given })
    const prune = (segment: number): Change => command({ do: 'prune', segment, atNs: T0 })
    const deletion = (trace: number): Change =>
      command({ do: 'deleteTrace', traceId: traceId(trace), atNs: T0 })
    const source = sourceRow({ resourceFields: { service: 'api' } })
    const call = (trace: number, ms: number, start = 0): Change => {
      const took = { start, end: start + ms * MS }
      const fields = { type: 'llm', requestModel: 'm', usage: { input: 2, output: 1 }, cost: 0.5 } as const
      return span({ trace, span: start, ...took, ...fields, source })
    }

    it('add up what started in each, over traces and batches', async () => {
      await store.write(call(1, 1), call(2, 100))
      await store.write(call(3, 100), span({ trace: 1, span: 9, start: hour, status: 2, source }))
      const nothing = { calls: 0, inputTokens: 0, outputTokens: 0, totalTokens: 0, cost: 0, latency: [] }
      expect(await hours()).toEqual([
        { hourNs: T0 + HOUR, service: 'api', model: undefined, spans: 1, errors: 1, ...nothing },
        {
          hourNs: T0,
          service: 'api',
          model: 'm',
          spans: 3,
          errors: 0,
          calls: 3,
          inputTokens: 6,
          outputTokens: 3,
          totalTokens: 9,
          cost: 1.5,
          latency: [
            { bucketMs: 1, count: 1 },
            { bucketMs: 107.634741, count: 2 },
          ],
        },
      ])
    })

    it('of which a part lies in the range are given', async () => {
      await store.write(...[0, 1, 2, 3].map((at) => span({ span: at, start: at * hour })))
      const between = async (since: number, until: number): Promise<number[]> => {
        const range = { sinceNs: T0 + BigInt(since), untilNs: T0 + BigInt(until) }
        return (await store.reader.hours(range)).map((row) => Number((row.hourNs - T0) / HOUR))
      }
      expect(await between(hour, 2 * hour)).toEqual([1])
      expect(await between(2 * hour - 1, 2 * hour + 1)).toEqual([2, 1])
      expect(await between(2 * hour, 2 * hour)).toEqual([])
      expect(await between(3 * hour, 0)).toEqual([])
    })

    it('are at most 10,000, the newest', async () => {
      const spans = Array.from({ length: 10_001 }, (_, at) => span({ trace: at, span: 1, start: at * hour }))
      await store.write(...spans)
      const found = await hours()
      expect([found.length, found[0]?.hourNs, found.at(-1)?.hourNs]).toEqual([
        10_000,
        T0 + 10_000n * HOUR,
        T0 + HOUR,
      ])
    })

    it('are exact for a trace of many hours and models', async () => {
      const spans = Array.from({ length: 300 }, (_, at) =>
        span({ span: at, start: (at % 5) * hour, requestModel: `m${at % 30}`, usage: { input: 1 } }),
      )
      await store.write(...spans.slice(0, 150))
      await store.reopen()
      await store.write(...spans.slice(150))
      const found = await hours()
      expect(found).toHaveLength(30)
      expect(found.every((row) => row.spans === 10 && row.inputTokens === 10)).toBe(true)
    })

    it('stay as they are when spans are pruned; deletion takes back pruned spans too', async () => {
      await store.write(
        span({ trace: 1, span: 1, segment: 1, type: 'llm', usage: { input: 5 } }),
        span({ trace: 1, span: 2, parent: 1, segment: 2, cost: 1 }),
        span({ trace: 2, span: 1, segment: 1, usage: { input: 7 } }),
      )
      const before = await hours()
      expect(before).toMatchObject([{ spans: 3, calls: 1, inputTokens: 7, cost: 1 }])
      await store.write(prune(1))
      expect(await hours()).toEqual(before)
      await store.write(span({ trace: 1, span: 2, parent: 3, end: 50, segment: 2, cost: 2 }))
      await store.write(span({ trace: 1, span: 4, segment: 2, usage: { input: 1 } }))
      expect(await hours()).toMatchObject([{ spans: 4, calls: 1, inputTokens: 8, cost: 2 }])
      await store.write(deletion(1))
      expect(await hours()).toMatchObject([{ spans: 1, calls: 0, inputTokens: 7, cost: 0, latency: [] }])
    })

    it('vanish with their last span, also within one batch', async () => {
      await store.write(call(1, 5))
      await store.write(call(2, 5), deletion(2), deletion(1))
      expect(await hours()).toEqual([])
    })

    it('are untouched by a batch that fails', async () => {
      await store.write(call(1, 5))
      const before = await hours()
      const bad = command({ do: 'deleteTrace', traceId: 'xyz', atNs: T0 })
      await expect(store.write(call(1, 9, 1), call(2, 9), bad)).rejects.toThrow()
      expect(await hours()).toEqual(before)
      await store.write(call(1, 5, 2))
      expect(await hours()).toMatchObject([{ spans: 2, latency: [{ count: 2 }] }])
    })
  })
}
