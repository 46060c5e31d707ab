import { describe, expect, it } from 'vitest'
import type { Change, Command } from '../contract.ts'
import { type OpenEngine, useStore } from './harness.ts'
import { DAY, sourceRow, span, spanId, T0, traceId } from './rows.ts'

const command = (given: Command): Change => ({ type: 'command', command: given })
const deletion = (trace: number, atNs = T0): Change =>
  command({ do: 'deleteTrace', traceId: traceId(trace), atNs })
const prune = (segment: number, atNs = T0): Change => command({ do: 'prune', segment, atNs })

/** What users command, and uploads and set-aside records, which prune removes as well. */
export function describeCommands(open: OpenEngine): void {
  describe('commands', () => {
    const store = useStore(open)
    const at = (receivedNs: bigint) => sourceRow({ receivedNs })

    it('name projects, before or after their first trace', async () => {
      await store.write(command({ do: 'project', project: 'p-1', name: 'First', atNs: T0 }))
      await store.write(span({ span: 1, source: sourceRow({ project: 'p-1' }) }))
      await store.write(command({ do: 'project', project: 'p-1', name: 'Renamed', atNs: T0 }))
      expect((await store.reader.stats()).projects).toContainEqual({ id: 'p-1', name: 'Renamed', traces: 1 })
    })

    it('delete a trace at once, with all that belongs to it', async () => {
      const payload = { segment: 1, offset: 0, length: 1 }
      const log: Change = {
        type: 'log',
        row: { record: 5, receivedNs: T0, traceId: traceId(1), payload, contentType: 'text/plain' },
      }
      await store.write(
        span({ trace: 2, span: 1 }),
        span({ span: 2, parent: 1, usage: { input: 1 } }),
        log,
        deletion(1),
      )
      expect(await store.reader.trace(traceId(1))).toBeUndefined()
      expect((await store.reader.spans(traceId(1), { limit: 1 })).items).toEqual([])
      expect(await store.reader.spanAddress(traceId(1), spanId(2))).toBeUndefined()
      expect(await store.reader.logs(traceId(1))).toEqual([])
      expect(await store.reader.stats()).toMatchObject({ traces: 1, spans: 1, projects: [{ traces: 1 }] })
    })

    it('tell deletion and pruning in the feed of changes, each once, in the order of changes', async () => {
      await store.write(
        span({ trace: 1, span: 1, segment: 1 }),
        span({ trace: 2, span: 1, segment: 1 }),
        span({ trace: 3, span: 1, segment: 2 }),
      )
      const before = (await store.reader.changes(0, 10)).change
      await store.write(deletion(1), span({ trace: 3, span: 2, segment: 2 }))
      await store.write(prune(1), deletion(9))
      const all = await store.reader.changes(before, 10)
      expect(all).toMatchObject({ removed: [1, 2].map(traceId), complete: true })
      expect(all.traces.map((trace) => trace.traceId)).toEqual([traceId(3)])

      const told: string[] = []
      for (let after = before; after < all.change; ) {
        const page = await store.reader.changes(after, 1)
        told.push(...page.traces.map((trace) => trace.traceId), ...page.removed)
        expect(page.change).toBeGreaterThan(after)
        after = page.change
      }
      expect(told).toEqual([1, 3, 2].map(traceId))
      expect(await store.reader.changes(all.change, 10)).toMatchObject({ traces: [], removed: [] })
    })

    it('do not call removed what came again', async () => {
      await store.write(span({ span: 1, segment: 1 }), prune(1))
      const { change, removed } = await store.reader.changes(0, 10)
      expect(removed).toEqual([traceId(1)])
      await store.write(span({ span: 1, segment: 2 }))
      expect((await store.reader.changes(0, 10)).removed).toEqual([])
      expect((await store.reader.changes(change, 10)).traces).toMatchObject([{ traceId: traceId(1) }])
    })

    it('remember how and when a trace went', async () => {
      await store.write(
        span({ trace: 1, span: 1, segment: 1 }),
        span({ trace: 2, span: 1, segment: 2 }),
        prune(1, T0 + 3n),
        deletion(2, T0 + 4n),
      )
      await store.reopen()
      expect(await store.reader.removal(traceId(1))).toEqual({ how: 'pruned', atNs: T0 + 3n })
      expect(await store.reader.removal(traceId(2))).toEqual({ how: 'deleted', atNs: T0 + 4n })
      expect(await store.reader.removal(traceId(3))).toBeUndefined()
    })

    it('say where more went than is remembered one by one', async () => {
      const many = Array.from({ length: 12_000 }, (_, at) => span({ trace: at, span: 1, segment: 1 }))
      await store.write(...many)
      const before = await store.reader.changes(11_999, 10)
      expect(before).toMatchObject({ complete: true, change: 12_000 })
      await store.write(prune(1))
      expect(await store.reader.changes(before.change, 10)).toMatchObject({ complete: false })
      const latest = (await store.reader.changes(before.change + 11_000, 1_000)).change
      expect(await store.reader.changes(latest - 5, 10)).toMatchObject({ complete: true })
      expect((await store.reader.changes(latest - 5, 10)).removed).toHaveLength(5)
    })

    it('drop and count spans of a deleted trace for 24 hours', async () => {
      await store.write(span({ span: 1 }), deletion(1, T0 + 5n), span({ span: 2, source: at(T0 + 6n) }))
      expect(await store.write(span({ span: 1, source: at(T0) }))).toEqual({
        spans: 0,
        duplicates: 0,
        dropped: 1,
      })
      await store.reopen()
      expect((await store.write(span({ span: 1, source: at(T0 + 4n + DAY) }))).dropped).toBe(1)
      expect((await store.reader.stats()).dropped).toBe(3)
      expect(await store.reader.trace(traceId(1))).toBeUndefined()
      expect((await store.write(span({ span: 1, source: at(T0 + 5n + DAY) }))).spans).toBe(1)
      expect(await store.reader.trace(traceId(1))).toMatchObject({ spans: 1 })
    })

    it('delete a trace that has not arrived', async () => {
      await store.write(deletion(1))
      expect((await store.write(span({ span: 1 }))).dropped).toBe(1)
    })

    it('refuse to delete what is no trace id, naming the change', async () => {
      const bad = command({ do: 'deleteTrace', traceId: 'xyz', atNs: T0 })
      await expect(store.write(span({ span: 1 }), bad)).rejects.toMatchObject({
        name: 'StoreChangeError',
        index: 1,
      })
    })

    it('prune traces that lie wholly in the segments', async () => {
      await store.write(
        span({ trace: 1, span: 1, segment: 1 }),
        span({ trace: 2, span: 1, segment: 2 }),
        span({ trace: 3, span: 1, segment: 3 }),
      )
      await store.write(prune(2))
      const { items } = await store.reader.listTraces({ filter: {}, limit: 10 })
      expect(items.map((trace) => [trace.traceId, trace.pruned])).toEqual([[traceId(3), false]])
      expect(await store.reader.stats()).toMatchObject({ traces: 1, spans: 1, projects: [{ traces: 1 }] })
    })

    it('prune the early spans of a trace and keep its sums, also when it goes on', async () => {
      await store.write(
        span({ span: 1, segment: 1, name: 'root', cost: 1 }),
        span({ span: 2, parent: 1, segment: 1, usage: { input: 5 }, tags: ['t'], type: 'llm' }),
        span({ span: 3, parent: 1, segment: 2, usage: { input: 7 } }),
      )
      const before = await store.reader.trace(traceId(1))
      await store.write(prune(1))
      expect(await store.reader.trace(traceId(1))).toEqual({
        ...before,
        pruned: true,
        change: expect.any(Number),
      })
      expect((await store.reader.spans(traceId(1), { limit: 9 })).items.map((item) => item.spanId)).toEqual([
        spanId(3),
      ])

      await store.write(span({ span: 3, parent: 4, end: 50, segment: 3, usage: { input: 8 } }))
      await store.write(span({ span: 5, parent: 1, segment: 3, usage: { input: 100 } }))
      expect(await store.reader.trace(traceId(1))).toMatchObject({
        name: 'root',
        inputTokens: 113,
        spans: 4,
        tags: ['t'],
      })
      await store.write(prune(2))
      expect((await store.reader.trace(traceId(1)))?.inputTokens).toBe(113)
      await store.write(prune(3))
      expect(await store.reader.trace(traceId(1))).toBeUndefined()
      expect(await store.writer.check()).toEqual([])
    })

    it('go on in the same batch after pruning', async () => {
      const source = sourceRow({ segment: 1 })
      await store.write(
        span({ trace: 1, span: 1, source }),
        prune(1),
        span({ trace: 2, span: 1, source }),
        span({ trace: 1, span: 1, source }),
      )
      expect(await store.reader.spanAddress(traceId(2), spanId(1))).toBeDefined()
      expect(await store.reader.trace(traceId(1))).toMatchObject({ spans: 1, pruned: false })
    })
  })

  describe('uploads and set-aside records', () => {
    const store = useStore(open)
    const payload = { segment: 1, offset: 10, length: 20 }
    const logRow = { record: 9, receivedNs: T0, traceId: traceId(1), payload, contentType: 'text/plain' }
    const objectRow = { record: 4, receivedNs: T0, id: 'o-1', payload, contentType: 'image/png' }

    it('come back, once each', async () => {
      const earlier = { ...logRow, record: 8 }
      const unnamed = { ...logRow, record: 7, traceId: undefined }
      for (let round = 0; round < 2; round++)
        await store.write(
          { type: 'log', row: logRow },
          { type: 'log', row: earlier },
          { type: 'log', row: unnamed },
          { type: 'object', row: objectRow },
        )
      expect(await store.reader.logs(traceId(1))).toEqual([earlier, logRow])
      expect(await store.reader.object('o-1')).toEqual(objectRow)
      expect(await store.reader.object('o-2')).toBeUndefined()
    })

    it('give the object uploaded last, whatever is replayed', async () => {
      const later = { ...objectRow, record: 6, contentType: 'image/jpeg' }
      await store.write({ type: 'object', row: later })
      await store.write({ type: 'object', row: objectRow })
      expect(await store.reader.object('o-1')).toEqual(later)
    })

    it('are shown newest first, 20 of all that are counted', async () => {
      const rows = Array.from({ length: 25 }, (_, at) => ({
        record: at + 1,
        kind: 'otlpTraces',
        error: `e${at}`,
      }))
      await store.write(...rows.map((row): Change => ({ type: 'setAside', row })))
      await store.write({ type: 'setAside', row: rows[0] as (typeof rows)[0] })
      const stats = await store.reader.stats()
      expect(stats.setAsideCount).toBe(25)
      expect(stats.setAside).toEqual(rows.slice(5).reverse())
    })

    it('go with their segments', async () => {
      const second = { segment: 2, offset: 0, length: 1 }
      await store.write(
        { type: 'log', row: logRow },
        { type: 'log', row: { ...logRow, record: 10, payload: second } },
        { type: 'object', row: objectRow },
        prune(1),
      )
      expect(await store.reader.logs(traceId(1))).toMatchObject([{ record: 10 }])
      expect(await store.reader.object('o-1')).toBeUndefined()
    })
  })
}
