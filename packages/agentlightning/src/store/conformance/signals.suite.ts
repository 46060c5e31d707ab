import { describe, expect, it } from 'vitest'
import type { Change, Page } from '../contract.ts'
import type { LogRecordRow, LogRecordSummary, MetricPointRow, SeriesRow } from '../signals.ts'
import { type OpenEngine, useStore } from './harness.ts'
import { DAY, sourceRow, span, spanId, T0, traceId } from './rows.ts'

interface LogInput extends Partial<Omit<LogRecordRow, 'traceId' | 'spanId' | 'payload' | 'key'>> {
  readonly key: number
  readonly at?: number
  readonly trace?: number
  readonly span?: number
  readonly service?: string
  readonly segment?: number
}

const keyOf = (n: number): Buffer => Buffer.from(n.toString(16).padStart(32, '0'), 'hex')

/** The change that writes a log record. */
function log({ key, at = key, trace, span, service, segment = 1, ...row }: LogInput): Change {
  return {
    type: 'logRecord',
    row: {
      source: sourceRow({ segment, resourceFields: service === undefined ? {} : { service } }),
      key: keyOf(key),
      timeNs: T0 + BigInt(at),
      severityNumber: 9,
      severityText: 'INFO',
      preview: `line ${key}`,
      eventName: undefined,
      traceId: trace === undefined ? undefined : Buffer.from(traceId(trace), 'hex'),
      spanId: span === undefined ? undefined : Buffer.from(spanId(span), 'hex'),
      payload: { segment, offset: key * 100, length: 50 },
      ...row,
    },
  }
}

const lines = ({ items }: Page<LogRecordSummary>): string[] => items.map(({ preview }) => preview)

const numbers = { value: undefined, count: undefined, sum: undefined, min: undefined, max: undefined }

function series(given: Partial<SeriesRow> & { n?: number } = {}): SeriesRow {
  const { n = 1, ...rest } = given
  return {
    key: keyOf(n),
    service: 'api',
    name: 'requests',
    unit: '1',
    description: 'how many',
    type: 'sum',
    temporality: 2,
    monotonic: true,
    attributes: '{"route":"/"}',
    ...rest,
  }
}

/** The change that writes a data point. */
function point(at: number, given: Partial<MetricPointRow> = {}): Change {
  const row = { series: series(), startNs: T0, timeNs: T0 + BigInt(at), segment: 1, ...numbers, ...given }
  return { type: 'metricPoint', row }
}

/** Log records and metrics. */
export function describeSignals(open: OpenEngine): void {
  describe('log records', () => {
    const store = useStore(open)
    const list = (filter = {}, limit = 10, cursor?: string) =>
      store.reader.logRecords({ filter, limit, ...(cursor === undefined ? {} : { cursor }) })

    it('come back newest first, page by page, also those of one moment, and once each', async () => {
      const changes = [1, 2, 3, 4, 5].map((key) => log({ key, at: Math.min(key, 3) }))
      await store.write(...changes)
      await store.write(...changes.toReversed())
      await store.reopen()
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await list({}, 2, cursor)
        seen.push(...lines(page))
        cursor = page.cursor
      } while (cursor !== undefined)
      expect(seen).toEqual(['line 3', 'line 4', 'line 5', 'line 2', 'line 1'])
    })

    it('say what a list shows, and where the whole record lies', async () => {
      await store.write(
        log({ key: 7, trace: 1, span: 2, service: 'api', eventName: 'login', severityText: 'warning' }),
      )
      const { items } = await list()
      expect(items).toEqual([
        {
          id: keyOf(7).toString('hex'),
          timeNs: T0 + 7n,
          severityNumber: 9,
          severityText: 'warning',
          preview: 'line 7',
          eventName: 'login',
          traceId: traceId(1),
          spanId: spanId(2),
          service: 'api',
          scope: 'scope',
        },
      ])
      expect(await store.reader.logRecordAddress(keyOf(7).toString('hex'))).toEqual({
        encoding: 'protobuf',
        record: { segment: 1, offset: 700, length: 50 },
        resource: { segment: 1, offset: 64, length: 20 },
        scope: undefined,
        receivedNs: T0,
      })
      expect(await store.reader.logRecordAddress('ff')).toBeUndefined()
    })

    it('are found by severity, service, text and time', async () => {
      await store.write(
        log({ key: 1, severityNumber: 17, service: 'api' }),
        log({ key: 2, service: 'api', preview: 'Größe 12' }),
        log({ key: 3, service: 'worker' }),
      )
      expect(lines(await list({ severity: 13 }))).toEqual(['line 1'])
      expect(lines(await list({ service: 'api' }))).toEqual(['Größe 12', 'line 1'])
      expect(lines(await list({ service: 'nobody' }))).toEqual([])
      expect(lines(await list({ text: 'GRÖSSE' }))).toEqual([])
      expect(lines(await list({ text: 'grÖße' }))).toEqual(['Größe 12'])
      expect(lines(await list({ sinceNs: T0 + 2n, untilNs: T0 + 3n }))).toEqual(['Größe 12'])
      await expect(list({}, 0)).rejects.toMatchObject({ code: 'AGL_BAD_REQUEST' })
      await expect(list({}, 1, 'bad')).rejects.toMatchObject({ code: 'AGL_BAD_REQUEST' })
    })

    it('are found among many, however many pages that takes', async () => {
      await store.write(
        log({ key: 1, preview: 'the needle' }),
        ...Array.from({ length: 60_000 }, (_, n) => log({ key: n + 2 })),
      )
      const found: string[] = []
      let cursor: string | undefined
      do {
        const page = await list({ text: 'needle' }, 10, cursor)
        found.push(...lines(page))
        cursor = page.cursor
      } while (cursor !== undefined)
      expect(found).toEqual(['the needle'])
      expect(lines(await list({}, 2))).toEqual(['line 60001', 'line 60000'])
    })

    it('of a trace come oldest first, by span and severity too, before its spans are there', async () => {
      await store.write(
        log({ key: 1, trace: 1, span: 1 }),
        log({ key: 2, trace: 1, span: 2, severityNumber: 17 }),
        log({ key: 3, trace: 2, span: 1 }),
        log({ key: 4, trace: 1 }),
      )
      const of = (query = {}) => store.reader.traceLogRecords(traceId(1), { limit: 10, ...query })
      expect(lines(await of())).toEqual(['line 1', 'line 2', 'line 4'])
      expect(lines(await of({ spanId: spanId(2) }))).toEqual(['line 2'])
      expect(lines(await of({ severity: 10 }))).toEqual(['line 2'])
      const { cursor } = await of({ limit: 2 })
      expect(lines(await of({ cursor }))).toEqual(['line 4'])
      await store.write(span({ span: 1 }))
      expect(lines(await of())).toHaveLength(3)
    })

    it('go with their trace, and are dropped for 24 hours', async () => {
      const deletion: Change = {
        type: 'command',
        command: { do: 'deleteTrace', traceId: traceId(1), atNs: T0 },
      }
      await store.write(span({ span: 1 }), log({ key: 1, trace: 1 }), log({ key: 2 }), deletion)
      expect(lines(await list())).toEqual(['line 2'])
      expect((await store.write(log({ key: 3, trace: 1 }))).dropped).toBe(1)
      const later = sourceRow({ receivedNs: T0 + DAY })
      expect((await store.write(log({ key: 4, trace: 1, source: later }))).dropped).toBe(0)
      expect(lines(await list())).toEqual(['line 4', 'line 2'])
    })

    it('go with their segment', async () => {
      await store.write(log({ key: 1 }), log({ key: 2, segment: 2 }))
      await store.write({ type: 'command', command: { do: 'prune', segment: 1, atNs: T0 } })
      expect(lines(await list())).toEqual(['line 2'])
      expect(await store.reader.logRecordAddress(keyOf(2).toString('hex'))).toMatchObject({
        record: { segment: 2 },
      })
    })
  })

  describe('metrics', () => {
    const store = useStore(open)
    const all = () => store.reader.metricSeries({ filter: {}, limit: 10 })
    const points = (query = {}) =>
      store.reader.metricPoints({ series: keyOf(1).toString('hex'), limit: 100, ...query })
    const values = async (query = {}) => (await points(query))?.points.map(({ value }) => value)

    it('are series with points by time, once each', async () => {
      const changes = [point(2, { value: 5 }), point(1, { value: 3 }), point(1, { value: 99 })]
      await store.write(...changes)
      await store.write(...changes)
      await store.reopen()
      const last = { ...numbers, startNs: T0, timeNs: T0 + 2n, value: 5, points: 1 }
      const { key: _, ...told } = series()
      const expected = {
        ...told,
        id: keyOf(1).toString('hex'),
        attributes: { route: '/' },
        points: 2,
        firstNs: T0 + 1n,
        lastNs: T0 + 2n,
        last,
      }
      expect((await all()).items).toEqual([expected])
      expect(await points()).toEqual({
        series: expected,
        points: [{ ...last, timeNs: T0 + 1n, value: 3 }, last],
        complete: true,
      })
      expect(await values({ sinceNs: T0 + 2n })).toEqual([5])
      expect(await values({ untilNs: T0 + 2n })).toEqual([3])
      expect(await points({ series: keyOf(9).toString('hex') })).toBeUndefined()
    })

    it('are listed by name and service, filtered, page by page', async () => {
      await store.write(
        point(1, { series: series({ n: 3, name: 'Zeit', service: '' }) }),
        point(1, { series: series({ n: 2, name: 'requests', service: 'worker' }) }),
        point(1),
      )
      const names = async (filter: object, cursor?: string) => {
        const page = await store.reader.metricSeries({
          filter,
          limit: 2,
          ...(cursor === undefined ? {} : { cursor }),
        })
        return [page.items.map(({ name, service }) => `${name} ${service ?? '-'}`), page.cursor] as const
      }
      const [first, cursor] = await names({})
      expect(first).toEqual(['Zeit -', 'requests api'])
      expect(await names({}, cursor)).toEqual([['requests worker'], undefined])
      expect((await names({ service: 'worker' }))[0]).toEqual(['requests worker'])
      expect((await names({ name: 'EIT' }))[0]).toEqual(['Zeit -'])
      await expect(names({}, 'bad')).rejects.toMatchObject({ code: 'AGL_BAD_REQUEST' })
    })

    it('put neighbours together as their type has it', async () => {
      const many = (given: (at: number) => Partial<MetricPointRow>) =>
        store.write(...Array.from({ length: 100 }, (_, at) => point(at, given(at))))
      const ofKind = async (n: number, limit = 2) =>
        (await points({ series: keyOf(n).toString('hex'), limit }))?.points
      await many((at) => ({ value: at }))
      expect(await ofKind(1)).toMatchObject([
        { value: 49, points: 50 },
        { value: 99, points: 50 },
      ])
      const gauge = series({ n: 2, type: 'gauge', temporality: 0 })
      await many((at) => ({ series: gauge, value: at }))
      expect(await ofKind(2)).toMatchObject([
        { value: 24.5, min: 0, max: 49 },
        { value: 74.5, min: 50, max: 99 },
      ])
      const delta = series({ n: 3, type: 'histogram', temporality: 1 })
      await many((at) => ({ series: delta, count: 2, sum: at, min: at, max: at + 1 }))
      expect(await ofKind(3)).toMatchObject([
        { count: 100, sum: 1225, min: 0, max: 50 },
        { count: 100, sum: 3725, min: 50, max: 100 },
      ])
      expect(await ofKind(3, 100)).toHaveLength(100)
      expect((await ofKind(3, 99))?.length).toBeLessThanOrEqual(99)
    })

    it('lose the points of pruned segments, and series that have none left', async () => {
      await store.write(
        point(1, { value: 1 }),
        point(2, { value: 2, segment: 2 }),
        point(1, { series: series({ n: 2 }) }),
      )
      await store.write({ type: 'command', command: { do: 'prune', segment: 1, atNs: T0 } })
      expect((await all()).items).toMatchObject([
        { id: keyOf(1).toString('hex'), points: 1, firstNs: T0 + 2n },
      ])
      await store.write(point(3, { series: series({ n: 2 }), value: 4 }))
      expect((await all()).items).toHaveLength(2)
      expect(await store.writer.check()).toEqual([])
    })
  })
}
