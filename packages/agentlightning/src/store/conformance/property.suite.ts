import { describe, expect, it } from 'vitest'
import type { Change, HourRow, SpanRow, StoreReader, TreeSpan } from '../contract.ts'
import { DEFAULT_PROJECT_ID } from '../default-project.ts'
import { type OpenEngine, useStore } from './harness.ts'
import { expectedHours, inOrder } from './hour-oracle.ts'
import { type Expected, expectedTrace } from './oracle.ts'
import { Random, randomBatches } from './random-traces.ts'
import { DAY, T0 } from './rows.ts'

const SEEDS = 60

/** What has been written, kept the simplest way. */
class Model {
  readonly copies = new Map<string, SpanRow[]>()
  readonly deleted = new Map<string, bigint>()
  dropped = 0
  duplicates = 0

  apply(change: Change): void {
    if (change.type === 'span') this.#add(change.row)
    if (change.type === 'command' && change.command.do === 'deleteTrace') {
      this.copies.delete(change.command.traceId)
      this.deleted.set(change.command.traceId, change.command.atNs)
    }
  }

  projectOf(copies: readonly SpanRow[]): string {
    return copies.find((row) => row.source.project !== undefined)?.source.project ?? DEFAULT_PROJECT_ID
  }

  #add(row: SpanRow): void {
    const trace = row.traceId.toString('hex')
    const known = this.copies.get(trace)
    const deletedAt = this.deleted.get(trace)
    if (!known && deletedAt !== undefined && row.source.receivedNs < deletedAt + DAY) {
      this.dropped++
      return
    }
    if (known?.some((copy) => copy.spanId.equals(row.spanId))) this.duplicates++
    this.copies.set(trace, [...(known ?? []), row])
  }
}

/** Random histories against a full recount. */
export function describeProperties(open: OpenEngine): void {
  describe('random histories', () => {
    const store = useStore(open)

    it.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
      'equal a full recount after random order, copies, cycles and deletions (seed %i)',
      async (seed) => {
        const random = new Random(seed)
        const model = new Model()
        for (const batch of randomBatches(random, 20 + random.below(250))) {
          await store.write(...batch)
          for (const change of batch) model.apply(change)
          if (random.chance(5)) await store.reopen()
          if (random.chance(5)) await compare(store.reader, model)
        }
        await compare(store.reader, model)
        const hours = await hoursOf(store.reader)
        await store.write({ type: 'command', command: { do: 'prune', segment: 1, atNs: T0 } })
        expect((await store.reader.stats()).traces).toBe(0)
        expect(await hoursOf(store.reader)).toEqual(hours)
        expect(await store.writer.check()).toEqual([])
      },
    )
  })
}

async function compare(reader: StoreReader, model: Model): Promise<void> {
  let spans = 0
  const all: Expected[] = []
  for (const [traceId, copies] of model.copies) {
    const expected = expectedTrace({ traceId, project: model.projectOf(copies), copies })
    all.push(expected)
    const { change, ...summary } = (await reader.trace(traceId)) ?? { change: 0 }
    expect(summary).toEqual(expected.summary)
    expect(change).toBeGreaterThan(0)
    const tree: TreeSpan[] = []
    let cursor: string | undefined
    do {
      const page = await reader.spans(traceId, { limit: 7, ...(cursor ? { cursor } : {}) })
      tree.push(...page.items)
      cursor = page.cursor
    } while (cursor)
    const counted = tree.filter((span) => span.usageCounted).map((span) => span.spanId)
    expect(new Set(counted)).toEqual(expected.counted)
    expect(tree.length).toBe(expected.summary.spans)
    spans += tree.length
  }
  expect(await hoursOf(reader)).toEqual(expectedHours(all))
  const listed = await reader.listTraces({ filter: {}, limit: 100 })
  expect(listed.items.map((trace) => trace.traceId).sort()).toEqual([...model.copies.keys()].sort())
  const { dropped, duplicates, projects, ...stats } = await reader.stats()
  expect({ dropped, duplicates }).toEqual({ dropped: model.dropped, duplicates: model.duplicates })
  expect({ traces: stats.traces, spans: stats.spans }).toEqual({ traces: model.copies.size, spans })
  expect(projects.reduce((sum, project) => sum + project.traces, 0)).toBe(model.copies.size)
}

async function hoursOf(reader: StoreReader): Promise<HourRow[]> {
  return inOrder(await reader.hours({ sinceNs: 0n, untilNs: T0 + 1_000n * DAY }))
}
