import { expect, test } from 'vitest'
import { limits } from '../otlp/scan/fixtures/collect.ts'
import type { Change } from '../store/contract.ts'
import type { LogRecordRow, MetricPointRow } from '../store/signals.ts'
import { createDeriveRecord } from './derive-record.ts'

const derive = createDeriveRecord(limits)

function changesOf(kind: 'otlpLogs' | 'otlpMetrics', body: object, start = 100): Change[] {
  const changes: Change[] = []
  const header = { kind, receivedNs: 77n, contentType: 'application/json' }
  const payload = Buffer.from(JSON.stringify(body))
  derive({ header, segment: 3, payloadOffset: 1000, payload, start }, (change) => changes.push(change))
  return changes
}

function logs(...logRecords: object[]): LogRecordRow[] {
  return rowsOf(logRecords, 100)
}

function rowsOf(logRecords: object[], start: number): LogRecordRow[] {
  const body = { resourceLogs: [{ scopeLogs: [{ logRecords }] }] }
  return changesOf('otlpLogs', body, start).flatMap((change) =>
    change.type === 'logRecord' ? [change.row] : [],
  )
}

function points(...metrics: object[]): MetricPointRow[] {
  const body = { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }
  return changesOf('otlpMetrics', body).flatMap((change) =>
    change.type === 'metricPoint' ? [change.row] : [],
  )
}

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })

test.each<[object, string]>([
  [{ body: { stringValue: 'two\nlines\u001b[2J' } }, 'two lines'],
  [{ body: { stringValue: 'x'.repeat(5000) } }, `${'x'.repeat(199)}…`],
  [{ body: { kvlistValue: { values: [{ key: 'a', value: { intValue: '1' } }] } } }, '{"a":1}'],
  [
    { body: { arrayValue: { values: Array.from({ length: 2000 }, () => ({ intValue: '1' })) } } },
    '(a large structure)',
  ],
  [{ body: { boolValue: true } }, 'true'],
  [{ attributes: [attribute('exception.type', 'E'), attribute('exception.message', 'why')] }, 'E: why'],
  [{ severityNumber: 9 }, ''],
])('the preview of %j is one line', (record, preview) => {
  expect(logs(record)[0]?.preview).toBe(preview)
})

test('a record has the time that its client said, else when it was seen, else when it came', () => {
  const times = logs(
    { timeUnixNano: '5', observedTimeUnixNano: '6' },
    { observedTimeUnixNano: '6' },
    { severityNumber: 99 },
  )
  expect(times.map(({ timeNs }) => timeNs)).toEqual([5n, 6n, 77n])
  expect(times[2]?.severityNumber).toBe(24)
})

test('the name of an event is found in its field or where it was before; a span needs its trace', () => {
  const [field, before, lone] = logs(
    { eventName: 'a', attributes: [attribute('event.name', 'b')] },
    { attributes: [attribute('event.name', 'b')] },
    { spanId: '00f067aa0ba902b7' },
  )
  expect([field?.eventName, before?.eventName]).toEqual(['a', 'b'])
  expect(lone).toMatchObject({ traceId: undefined, spanId: undefined })
})

test('equal records of one batch are several, and the same ones when the batch comes again', () => {
  const same = { timeUnixNano: '1', body: { stringValue: 'again' } }
  const keys = (start: number) =>
    rowsOf([same, same, { ...same, flags: 1 }], start).map(({ key }) => key.toString('hex'))
  expect(new Set(keys(100)).size).toBe(3)
  expect(keys(900)).toEqual(keys(100))
})

test('a series is the same whatever the order of its attributes, and another one of another kind', () => {
  const [a, b] = [attribute('a', '1'), attribute('b', '2')]
  const point = (attributes: object[]) => ({ attributes, asInt: '1', timeUnixNano: '9' })
  const rows = points(
    { name: 'm', gauge: { dataPoints: [point([a, b]), point([b, a]), point([a])] } },
    { name: 'm', sum: { dataPoints: [point([a, b])] } },
  )
  const keys = rows.map(({ series }) => series.key.toString('hex'))
  expect(keys[0]).toBe(keys[1])
  expect(new Set(keys).size).toBe(3)
  expect(rows[0]).toMatchObject({
    timeNs: 9n,
    value: 1,
    segment: 3,
    series: { attributes: '{"a":"1","b":"2"}' },
  })
})

test('of too many attributes a series shows those that there is room for', () => {
  const attributes = [attribute('long', 'x'.repeat(9000)), attribute('short', 'y')]
  const [row] = points({ name: 'm', gauge: { dataPoints: [{ attributes }] } })
  expect(row?.series.attributes).toBe('{"short":"y"}')
})

test('one large resource with very many scopes is read once', () => {
  const resource = {
    attributes: [attribute('service.name', 'api'), attribute('blob', 'x'.repeat(2_000_000))],
  }
  const scopeLogs = Array.from({ length: 20_000 }, (_, n) => ({
    logRecords: [{ timeUnixNano: String(n + 1) }],
  }))
  const before = performance.now()
  const rows = changesOf('otlpLogs', { resourceLogs: [{ resource, scopeLogs }] })
  expect(rows).toHaveLength(20_000)
  expect(rows.at(-1)).toMatchObject({ row: { source: { resourceFields: { service: 'api' } } } })
  expect(performance.now() - before).toBeLessThan(20_000)
})

test('a record that is malformed is not derived', () => {
  expect(() => changesOf('otlpLogs', { resourceLogs: 5 })).toThrow(
    expect.objectContaining({ code: 'AGL_BAD_BODY' }),
  )
})
