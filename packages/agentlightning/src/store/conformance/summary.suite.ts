import { describe, expect, it } from 'vitest'
import { DEFAULT_PROJECT_ID } from '../default-project.ts'
import { type OpenEngine, useStore } from './harness.ts'
import { type SpanInput, sourceRow, span, T0, traceId } from './rows.ts'

/** The summary of a trace: names, outcome, lists, project and the change feed. */
export function describeSummaries(open: OpenEngine): void {
  describe('summaries', () => {
    const store = useStore(open)
    const summary = async (trace = 1) => store.reader.trace(traceId(trace))

    it('are named after the earliest span until a root comes, then after the earliest root', async () => {
      await store.write(span({ span: 2, parent: 1, start: 5, name: 'late' }))
      await store.write(span({ span: 3, parent: 1, start: 3, name: 'early' }))
      expect(await summary()).toMatchObject({ name: 'early', rootKnown: false, status: 'running' })
      await store.write(span({ span: 9, start: 4, name: 'second root' }))
      await store.write(span({ span: 1, start: 2, end: 90, name: 'root' }))
      expect(await summary()).toMatchObject({ name: 'root', rootKnown: true, status: 'ok' })
      expect(await summary()).toMatchObject({ startNs: T0 + 2n, endNs: T0 + 90n, spans: 4 })
    })

    const child = { span: 2, parent: 1 }
    const outcomes: [string, string, SpanInput[]][] = [
      ['ok', 'a root', [{ span: 1 }]],
      ['running', 'no root', [child]],
      ['error', 'no root and an error', [{ ...child, status: 2 }]],
      ['error', 'a failed root', [{ span: 1, status: 2 }]],
      ['error', 'a failed child', [{ span: 1 }, { ...child, status: 2 }]],
      [
        'ok',
        'a failed child of a success',
        [
          { span: 1, endState: 'Success' },
          { ...child, status: 2 },
        ],
      ],
      [
        'error',
        'a failed child, indeterminate',
        [
          { span: 1, endState: 'Indeterminate' },
          { ...child, status: 2 },
        ],
      ],
      ['error', 'a failure by word', [{ span: 1, endState: 'Fail' }]],
      ['error', 'a failed root that says success', [{ span: 1, status: 2, endState: 'Success' }]],
    ]
    it.each(outcomes)('are %s with %s', async (status, _, spans) => {
      await store.write(...spans.map(span))
      expect((await summary())?.status).toBe(status)
    })

    it('count calls, tools, errors and calls with token ids', async () => {
      await store.write(
        span({ span: 1 }),
        span({ span: 2, type: 'llm', promptIds: 5, responseIds: 2 }),
        span({ span: 3, type: 'llm', promptIds: 5, responseIds: 0 }),
        span({ span: 4, type: 'tool', status: 2, start: 9, error: 'second' }),
        span({ span: 5, type: 'tool', status: 2, start: 8, error: 'Oops:\n  line' }),
      )
      expect(await summary()).toMatchObject({
        calls: 2,
        tools: 2,
        errors: 2,
        callsWithIds: 1,
        error: 'Oops: line',
      })
    })

    it('add up how long calls and tools took, until a later copy takes another time', async () => {
      await store.write(
        span({ span: 1, end: 100 }),
        span({ span: 2, type: 'llm', start: 10, end: 30 }),
        span({ span: 3, type: 'llm', start: 20, end: 25 }),
        span({ span: 4, type: 'tool', start: 30, end: 37 }),
        span({ span: 5, type: 'tool', start: 40, end: 40 }),
      )
      expect(await summary()).toMatchObject({ llmNs: 25n, toolNs: 7n })
      await store.write(span({ span: 4, type: 'tool', start: 30, end: 50 }))
      expect(await summary()).toMatchObject({ llmNs: 25n, toolNs: 20n })
    })

    it('collect models and tags, and prefer what the root says', async () => {
      const source = sourceRow({ resourceFields: { service: 'api', session: 'r', user: 'u', tags: ['env'] } })
      await store.write(
        span({ span: 2, parent: 1, agent: 'coder', session: 's', requestModel: 'm1', tags: ['b'], source }),
        span({ span: 3, parent: 1, start: 1, requestModel: 'm1', responseModel: 'm2' }),
      )
      expect(await summary()).toMatchObject({ agent: 'coder', session: 's', user: 'u', service: 'api' })
      await store.write(span({ span: 1, start: 2, agent: 'planner', tags: ['a', 'b'] }))
      expect(await summary()).toMatchObject({ agent: 'planner', session: 's', models: ['m1', 'm2'] })
      expect((await summary())?.tags).toEqual(['a', 'b', 'env'])
    })

    it('lose what only a replaced copy gave', async () => {
      await store.write(
        span({ span: 1 }),
        span({ span: 2, parent: 1, tags: ['gone'], requestModel: 'gone', end: 5 }),
      )
      await store.write(span({ span: 2, parent: 1, end: 6 }))
      expect(await summary()).toMatchObject({ tags: [], models: [] })
    })

    it('belong to the project of the first batch that names one', async () => {
      await store.write(span({ span: 1 }))
      expect((await summary())?.project).toBe(DEFAULT_PROJECT_ID)
      await store.write(span({ span: 2, source: sourceRow({ project: 'p-1' }) }))
      await store.write(span({ span: 3, source: sourceRow({ project: 'p-2' }) }))
      await store.write(span({ span: 4 }))
      expect((await summary())?.project).toBe('p-1')
      expect((await store.reader.stats()).projects).toMatchObject([
        { id: DEFAULT_PROJECT_ID, name: 'default', traces: 0 },
        { id: 'p-1', name: 'p-1', traces: 1 },
        { id: 'p-2', traces: 0 },
      ])
    })

    it('stay in the default project when a batch names it', async () => {
      await store.write(span({ span: 1, source: sourceRow({ project: DEFAULT_PROJECT_ID }) }))
      await store.write(span({ span: 2, source: sourceRow({ project: 'p-1' }) }))
      expect((await summary())?.project).toBe(DEFAULT_PROJECT_ID)
    })

    it('are right for more traces than an engine keeps in memory', async () => {
      const traces = Array.from({ length: 3_000 }, (_, at) => at)
      await store.write(...traces.map((trace) => span({ trace, span: 1, usage: { input: 2 } })))
      const again = traces.flatMap((trace) => [
        span({ trace, span: 2, parent: 1, usage: { input: 1 } }),
        span({ trace: (trace * 7) % traces.length, span: 3, parent: 2 }),
      ])
      await store.write(...again)
      const { items } = await store.reader.listTraces({ filter: {}, limit: 1_000 })
      expect(items.filter((trace) => trace.spans !== 3 || trace.inputTokens !== 1)).toEqual([])
      expect(await store.reader.stats()).toMatchObject({ traces: 3_000, spans: 9_000 })
    })

    it('feed changes, oldest first, each trace once', async () => {
      await store.write(span({ trace: 1, span: 1 }))
      await store.write(span({ trace: 2, span: 1 }))
      await store.write(span({ trace: 1, span: 2 }))
      const all = await store.reader.changes(0, 10)
      expect(all.traces.map((trace) => trace.traceId)).toEqual([2, 1].map(traceId))
      expect(all.change).toBe(all.traces[1]?.change)

      const first = await store.reader.changes(0, 1)
      expect(first.traces).toEqual(all.traces.slice(0, 1))
      expect((await store.reader.changes(first.change, 1)).traces).toEqual(all.traces.slice(1))
      expect(await store.reader.changes(all.change, 10)).toEqual({
        traces: [],
        removed: [],
        change: all.change,
        complete: true,
      })

      await store.write(span({ trace: 2, span: 1 }))
      expect((await store.reader.changes(all.change, 10)).traces).toEqual([])
      await store.write(span({ trace: 2, span: 1, end: 99 }))
      expect((await store.reader.changes(all.change, 10)).traces).toHaveLength(1)
      expect((await store.reader.changes(10_000, 10)).change).toBe(all.change + 1)
    })
  })
}
