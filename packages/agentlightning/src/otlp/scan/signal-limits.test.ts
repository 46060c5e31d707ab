import { describe, expect, test } from 'vitest'
import { limits as usual } from './fixtures/collect.ts'
import { encodeSignal } from './fixtures/random-signals.ts'
import { scanLogs, scanMetrics } from './index.ts'
import type { ScanResult } from './span-view.ts'

const limits = { ...usual, depth: 4, arrayIntegers: 40, arrayElements: 20 }

type Value = object

/** A value in each place where a request of logs or metrics may have one. */
const places: Readonly<Record<string, (value: Value) => object>> = {
  'the body of a log record': (body) => ({
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityNumber: 1, body }] }] }],
  }),
  'an attribute of a log record': (value) => ({
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes: [{ key: 'k', value }] }] }] }],
  }),
  'the resource of logs': (value) => ({
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'k', value }] },
        scopeLogs: [{ logRecords: [{ severityNumber: 1 }] }],
      },
    ],
  }),
  'the scope of logs': (value) => ({
    resourceLogs: [
      { scopeLogs: [{ scope: { attributes: [{ key: 'k', value }] }, logRecords: [{ severityNumber: 1 }] }] },
    ],
  }),
  'an attribute of a data point': (value) =>
    metricOf({ gauge: { dataPoints: [{ asInt: '1', attributes: [{ key: 'k', value }] }] } }),
  'an exemplar of a data point': (value) =>
    metricOf({
      gauge: {
        dataPoints: [{ asInt: '1', exemplars: [{ asInt: '1', filteredAttributes: [{ key: 'k', value }] }] }],
      },
    }),
  'the metadata of a metric': (value) =>
    metricOf({ metadata: [{ key: 'k', value }], gauge: { dataPoints: [{ asInt: '1' }] } }),
}

const before: Readonly<Record<string, string>> = {
  'the resource of logs': 'in its resource, ',
  'the scope of logs': 'in its scope, ',
  'the metadata of a metric': 'in its metric, ',
}

function metricOf(metric: object): object {
  return { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', ...metric }] }] }] }
}

function scan(encoding: 'protobuf' | 'json', request: object): ScanResult {
  const isLogs = 'resourceLogs' in request
  const name = isLogs ? 'LogsRequest' : 'MetricsRequest'
  const body = encoding === 'json' ? Buffer.from(JSON.stringify(request)) : encodeSignal(name, request)
  return (isLogs ? scanLogs : scanMetrics)(encoding, body, limits)
}

const integers = (count: number): Value => ({
  arrayValue: { values: Array.from({ length: count }, () => ({ intValue: '7' })) },
})
const texts = (count: number): Value => ({
  arrayValue: { values: Array.from({ length: count }, () => ({ stringValue: 'x' })) },
})
const entries = (count: number): Value => ({
  kvlistValue: { values: Array.from({ length: count }, () => ({ key: 'k', value: { boolValue: true } })) },
})
/** `levels` arrays, each in the one before. */
const arrays = (levels: number): Value =>
  levels === 0 ? { stringValue: 'x' } : { arrayValue: { values: [arrays(levels - 1)] } }
/** The same of key-value lists. */
const lists = (levels: number): Value =>
  levels === 0 ? { stringValue: 'x' } : { kvlistValue: { values: [{ key: 'k', value: lists(levels - 1) }] } }

describe.each(['protobuf', 'json'] as const)('in %s', (encoding) => {
  test.each(Object.keys(places))('%s is held to the same limits as those of spans', (place) => {
    const problem = (value: Value): string | undefined => {
      const { accepted, rejected } = scan(encoding, (places[place] as (value: Value) => object)(value))
      expect(accepted + rejected.length).toBe(1)
      return rejected[0]?.reason.replace(/ \((log record|data point) 1.*\)$/, '')
    }
    const said = (text: string) => `${before[place] ?? ''}${text}`
    for (const [make, most, far, text] of [
      [integers, 40, 4000, 'an array has more than 40 integers'],
      [texts, 20, 4000, 'an array has more than 20 elements'],
      [entries, 20, 4000, 'a key-value list has more than 20 entries'],
      [arrays, 4, 16, 'a value is nested deeper than 4 levels'],
      [lists, 4, 16, 'a value is nested deeper than 4 levels'],
    ] as const) {
      expect(problem(make(most)), text).toBeUndefined()
      expect(problem(make(most + 1))).toBe(said(text))
      expect(problem(make(far))).toBe(said(text))
    }
  })

  test('a good item beside a bad one is taken', () => {
    const records = [{ body: integers(41) }, { body: integers(40) }, { body: arrays(5) }, { body: arrays(4) }]
    expect(scan(encoding, { resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] })).toEqual({
      accepted: 2,
      rejected: [
        { reason: 'an array has more than 40 integers (log record 1)', count: 1 },
        { reason: 'a value is nested deeper than 4 levels (log record 3)', count: 1 },
      ],
    })
  })
})
