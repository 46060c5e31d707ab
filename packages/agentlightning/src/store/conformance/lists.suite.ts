import { describe, expect, it } from 'vitest'
import { isAglError } from '../../errors.ts'
import type { FacetField, TraceFilter, TraceSummary } from '../contract.ts'
import { type OpenEngine, useStore } from './harness.ts'
import { sourceRow, span, spanId, T0, traceId } from './rows.ts'

const isBadRequest = (error: unknown): boolean => isAglError(error) && error.code === 'AGL_BAD_REQUEST'

/** Lists: order, pages, filters and limits. */
export function describeLists(open: OpenEngine): void {
  describe('lists', () => {
    const store = useStore(open)
    const find = async (filter: TraceFilter): Promise<string[]> =>
      (await store.reader.listTraces({ filter, limit: 100 })).items.map((trace) => trace.traceId)

    it('give traces newest first, by id at the same time, in pages without gaps', async () => {
      const changes = Array.from({ length: 25 }, (_, at) =>
        span({ trace: at, span: 1, start: (at * 7) % 10 }),
      )
      await store.write(...changes)
      const found: TraceSummary[] = []
      let cursor: string | undefined
      do {
        const page = await store.reader.listTraces({ filter: {}, limit: 4, ...(cursor ? { cursor } : {}) })
        expect(page.items.length).toBeGreaterThan(0)
        found.push(...page.items)
        cursor = page.cursor
        await store.write(span({ trace: 100 + found.length, span: 1, start: 1_000 }))
      } while (cursor)
      const expected = Array.from({ length: 25 }, (_, at) => at).sort(
        (one, other) => ((other * 7) % 10) - ((one * 7) % 10) || one - other,
      )
      expect(found.map((trace) => trace.traceId)).toEqual(expected.map(traceId))
    })

    it('page a trace by start and id while it grows', async () => {
      await store.write(...Array.from({ length: 30 }, (_, at) => span({ span: at, start: at % 3 })))
      const found: string[] = []
      let cursor: string | undefined
      do {
        const page = await store.reader.spans(traceId(1), { limit: 7, ...(cursor ? { cursor } : {}) })
        found.push(...page.items.map((item) => item.spanId))
        cursor = page.cursor
        await store.write(span({ span: 100 + found.length, start: -5 }))
      } while (cursor)
      const expected = [0, 1, 2].flatMap((rest) =>
        Array.from({ length: 10 }, (_, at) => spanId(at * 3 + rest)),
      )
      expect(found).toEqual(expected)
      const addresses = await store.reader.spanAddresses(traceId(1), { limit: 2 })
      const next = await store.reader.spanAddresses(traceId(1), {
        limit: 2,
        cursor: String(addresses.cursor),
      })
      const tree = await store.reader.spans(traceId(1), { limit: 4 })
      expect([...addresses.items, ...next.items].map((item) => item.spanId)).toEqual(
        tree.items.map((item) => item.spanId),
      )
    })

    it('filter by each field, and by several at once', async () => {
      const source = sourceRow({ project: 'p-1', resourceFields: { service: 'api' } })
      await store.write(
        span({ trace: 1, span: 1, name: 'Straße planen', agent: 'a1', session: 's1', user: 'u1', source }),
        span({
          trace: 2,
          span: 1,
          start: 5,
          requestModel: 'm',
          tags: ['t', 'u'],
          status: 2,
          name: '100% _ok_',
        }),
        span({ trace: 3, span: 2, parent: 1, start: 9, requestModel: 'mm', name: 'other', source }),
      )
      const [one, two, three] = [1, 2, 3].map(traceId)
      expect(await find({})).toEqual([three, two, one])
      expect(await find({ project: 'p-1' })).toEqual([three, one])
      expect(await find({ project: 'unknown' })).toEqual([])
      expect(await find({ status: 'error' })).toEqual([two])
      expect(await find({ status: 'running' })).toEqual([three])
      expect(await find({ service: 'api' })).toEqual([three, one])
      expect(await find({ agent: 'a1' })).toEqual([one])
      expect(await find({ session: 's1', user: 'u1' })).toEqual([one])
      expect(await find({ session: 's1', user: 'u2' })).toEqual([])
      expect(await find({ model: 'm' })).toEqual([two])
      expect(await find({ tag: 'u' })).toEqual([two])
      expect(await find({ tag: 'm' })).toEqual([])
      expect(await find({ name: 'STRASSE' })).toEqual([])
      expect(await find({ name: 'stRAßE P' })).toEqual([one])
      expect(await find({ name: '% _OK' })).toEqual([two])
      expect(await find({ sinceNs: T0 + 5n, untilNs: T0 + 9n })).toEqual([two])
      expect(await find({ sinceNs: T0, untilNs: T0 + 5n })).toEqual([one])
      expect(await find({ project: 'p-1', service: 'api', status: 'ok', name: 'planen' })).toEqual([one])
    })

    it('find traces by the beginning of their id', async () => {
      await store.write(
        span({ trace: 0x12f, span: 1 }),
        span({ trace: 0x12a, span: 1, start: 4 }),
        span({ trace: 7, span: 1 }),
      )
      expect(await find({ idPrefix: 'aaaa' })).toEqual([traceId(0x12a), traceId(7), traceId(0x12f)])
      expect(await find({ idPrefix: traceId(0x12f).slice(0, 31) })).toEqual([traceId(0x12a), traceId(0x12f)])
      expect(await find({ idPrefix: traceId(0x12f).toUpperCase() })).toEqual([traceId(0x12f)])
      expect(await find({ idPrefix: 'a' })).toHaveLength(3)
      expect(await find({ idPrefix: 'b' })).toEqual([])
      const page = await store.reader.listTraces({ filter: { idPrefix: 'aaaaa' }, limit: 2 })
      const rest = await store.reader.listTraces({
        filter: { idPrefix: 'aaaaa' },
        limit: 2,
        cursor: String(page.cursor),
      })
      expect(rest.items.map((trace) => trace.traceId)).toEqual([traceId(0x12f)])
      await expect(store.reader.listTraces({ filter: { idPrefix: 'xyz' }, limit: 1 })).rejects.toSatisfy(
        isBadRequest,
      )
    })

    it.each(['', 'nonsense', '!!', Buffer.from('t1.zz').toString('base64url'), 'dDk5OTk'])(
      'refuse the cursor %j',
      async (cursor) => {
        await store.write(span({ span: 1 }))
        await expect(store.reader.listTraces({ filter: {}, limit: 1, cursor })).rejects.toSatisfy(
          isBadRequest,
        )
        await expect(store.reader.spans(traceId(1), { limit: 1, cursor })).rejects.toSatisfy(isBadRequest)
      },
    )

    it('count what a filter finds, up to where it was asked, with failures', async () => {
      const source = sourceRow({ resourceFields: { service: 'api' } })
      await store.write(
        ...Array.from({ length: 30 }, (_, at) =>
          span({
            trace: at,
            span: 1,
            start: at,
            status: at % 10 === 0 ? 2 : 0,
            ...(at < 12 ? { source } : {}),
          }),
        ),
        span({ trace: 40, span: 1, parent: 2 }),
      )
      const count = (filter: TraceFilter, most = 1_000) => store.reader.countTraces(filter, most)
      expect(await count({})).toEqual({ traces: 31, errors: 3, running: 1, complete: true })
      expect(await count({ service: 'api' })).toEqual({ traces: 12, errors: 2, running: 0, complete: true })
      expect(await count({ status: 'error', service: 'api' })).toMatchObject({ traces: 2 })
      expect(await count({ sinceNs: T0 + 25n })).toMatchObject({ traces: 5, complete: true })
      expect(await count({ name: 'nothing' })).toMatchObject({ traces: 0, complete: true })
      expect(await count({ service: 'never seen' })).toMatchObject({ traces: 0, complete: true })
      expect(await count({}, 30)).toMatchObject({ traces: 30, complete: false })
      expect(await count({}, 31)).toMatchObject({ traces: 31, complete: true })
    })

    it('tell when the traces of a filter began, newest first, and which failed', async () => {
      const source = sourceRow({ resourceFields: { service: 'api' } })
      const ms = Number(T0 / 1_000_000n)
      await store.write(
        span({ trace: 1, span: 1, start: 1_000_000, status: 2 }),
        span({ trace: 2, span: 1, start: 3_999_999, source }),
        span({ trace: 3, span: 1, start: 2_000_000 }),
      )
      expect(await store.reader.traceStarts({})).toEqual({
        starts: [
          { ms: ms + 3, failed: false },
          { ms: ms + 2, failed: false },
          { ms: ms + 1, failed: true },
        ],
        complete: true,
      })
      const api = await store.reader.traceStarts({ service: 'api', untilNs: T0 + 4_000_000n })
      expect(api).toEqual({ starts: [{ ms: ms + 3, failed: false }], complete: true })
      expect(await store.reader.traceStarts({ sinceNs: T0 + 4_000_000n })).toEqual({
        starts: [],
        complete: true,
      })
      expect(await store.reader.traceStarts({ agent: 'never seen' })).toEqual({ starts: [], complete: true })
    })

    it('name the values of a field by how many traces have them', async () => {
      const source = sourceRow({ resourceFields: { service: 'api', tags: ['all'] } })
      await store.write(
        span({ trace: 1, span: 1, agent: 'Planner', tags: ['x'], requestModel: 'm1', session: 's', source }),
        span({ trace: 2, span: 1, start: 1, agent: 'coder', tags: ['x', 'y'], requestModel: 'm2', source }),
        span({ trace: 2, span: 2, parent: 1, start: 2, requestModel: 'm1', user: 'u', source }),
        span({ trace: 3, span: 1, start: 3 }),
      )
      const values = async (field: FacetField, part = '', filter: TraceFilter = {}, limit = 10) =>
        (await store.reader.facet(field, filter, part, limit)).values.map(
          ({ value, count }) => `${value} ${count}`,
        )
      expect(await values('service')).toEqual(['api 2'])
      expect(await values('model')).toEqual(['m1 2', 'm2 1'])
      expect(await values('tag', '', {}, 2)).toHaveLength(2)
      expect(await values('tag')).toEqual(expect.arrayContaining(['x 2', 'all 2', 'y 1']))
      expect(await values('agent', 'PLAN')).toEqual(['Planner 1'])
      expect(await values('model', '', { agent: 'coder' })).toEqual(expect.arrayContaining(['m1 1', 'm2 1']))
      expect(await values('session')).toEqual(['s 1'])
      expect(await values('user', '', { sinceNs: T0 + 3n })).toEqual([])
      expect(await values('agent', '', { agent: 'never seen' })).toEqual([])
      await expect(store.reader.facet('tag', {}, '', 0)).rejects.toSatisfy(isBadRequest)
    })

    it('say where only the newest traces were looked at', async () => {
      await store.write(
        span({ trace: 0, span: 1, agent: 'oldest' }),
        ...Array.from({ length: 10_000 }, (_, at) => span({ trace: at + 1, span: 1, start: at + 1 })),
      )
      expect(await store.reader.countTraces({ agent: 'oldest' }, 100)).toMatchObject({
        traces: 0,
        complete: false,
      })
      expect(await store.reader.facet('agent', {}, '', 10)).toEqual({ values: [], complete: false })
      const { starts, complete } = await store.reader.traceStarts({})
      expect([starts.length, complete]).toEqual([10_000, false])
      expect(await store.reader.facet('agent', { untilNs: T0 + 10n }, '', 10)).toEqual({
        values: [{ value: 'oldest', count: 1 }],
        complete: true,
      })
    })

    it('refuse the cursor of another list', async () => {
      await store.write(span({ span: 1 }), span({ span: 2 }))
      const { cursor = '' } = await store.reader.spans(traceId(1), { limit: 1 })
      await expect(store.reader.listTraces({ filter: {}, limit: 1, cursor })).rejects.toSatisfy(isBadRequest)
    })

    it.each([0, -1, 1.5, Number.NaN, 10_001])('refuse the limit %d', async (limit) => {
      await expect(store.reader.listTraces({ filter: {}, limit })).rejects.toSatisfy(isBadRequest)
      await expect(store.reader.spans(traceId(1), { limit })).rejects.toSatisfy(isBadRequest)
      await expect(store.reader.spanAddresses(traceId(1), { limit })).rejects.toSatisfy(isBadRequest)
      await expect(store.reader.changes(0, limit)).rejects.toSatisfy(isBadRequest)
    })
  })
}
