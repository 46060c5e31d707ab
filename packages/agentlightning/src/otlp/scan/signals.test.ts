import { describe, expect, test } from 'vitest'
import { isAglError } from '../../errors.ts'
import { decodeLogRecord, decodePointAttributes } from '../decode/index.ts'
import type { AnyValue } from '../decode/types.ts'
import { limits } from './fixtures/collect.ts'
import { field, varint } from './fixtures/protobuf-bytes.ts'
import { Random } from './fixtures/random.ts'
import { encodeSignal, randomLogs, randomMetrics } from './fixtures/random-signals.ts'
import { scanLogs, scanMetrics } from './index.ts'
import type { LogView, PointView } from './signal-views.ts'
import type { PayloadEncoding, ScanLimits, ScanResult } from './span-view.ts'

interface Seen {
  readonly result: ScanResult
  readonly items: unknown[]
}

function seeLogs(encoding: PayloadEncoding, body: Buffer, within: ScanLimits = limits): Seen {
  const items: unknown[] = []
  const see = (log: LogView) => {
    const decoded = decodeLogRecord(encoding, body.subarray(log.slice.start, log.slice.end))
    const { timeNs, observedNs, severityNumber, severityText, eventName, traceId, spanId } = log
    expect({
      timeNs,
      observedNs,
      severityNumber,
      severityText,
      eventName,
      text: log.body.string(),
      traceId: traceId?.toString('hex') ?? '',
      spanId: spanId?.toString('hex') ?? '',
    }).toEqual({
      timeNs: BigInt(decoded.timeUnixNano),
      observedNs: BigInt(decoded.observedTimeUnixNano),
      severityNumber: decoded.severityNumber,
      severityText: decoded.severityText,
      eventName: decoded.eventName,
      text: scalarText(decoded.body),
      traceId: decoded.traceId,
      spanId: decoded.spanId,
    })
    items.push(decoded)
  }
  return { result: scanLogs(encoding, body, within, see), items }
}

function scalarText({ stringValue, boolValue, intValue, doubleValue }: AnyValue): unknown {
  const scalar = stringValue ?? boolValue ?? intValue ?? doubleValue
  return scalar === undefined ? undefined : String(scalar)
}

function seeMetrics(encoding: PayloadEncoding, body: Buffer, within: ScanLimits = limits): Seen {
  const items: unknown[] = []
  const see = ({ metric, slice, startNs, timeNs, ...numbers }: PointView) => {
    const { context: _, name, description, unit, type, temporality, monotonic } = metric
    items.push({
      ...{ name, description, unit, type, temporality, monotonic },
      startTimeUnixNano: String(startNs),
      timeUnixNano: String(timeNs),
      attributes: decodePointAttributes(encoding, type, body.subarray(slice.start, slice.end)),
      ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)),
    })
  }
  return { result: scanMetrics(encoding, body, within, see), items }
}

describe('log records and data points', () => {
  test.each(['protobuf', 'json'] as const)('of %s come back as they were written', (encoding) => {
    for (let seed = 1; seed <= 120; seed++) {
      const logs = randomLogs(new Random(seed))
      const metrics = randomMetrics(new Random(seed))
      const bytes = (name: 'LogsRequest' | 'MetricsRequest', request: object) =>
        encoding === 'json' ? Buffer.from(JSON.stringify(request)) : encodeSignal(name, request)
      const seenLogs = seeLogs(encoding, bytes('LogsRequest', logs.request))
      expect(seenLogs.items, `seed ${seed}`).toEqual(logs.records)
      expect(seenLogs.result).toEqual({ accepted: logs.records.length, rejected: [] })
      const seenMetrics = seeMetrics(encoding, bytes('MetricsRequest', metrics.request))
      expect(seenMetrics.items, `seed ${seed}`).toEqual(metrics.points)
      expect(seenMetrics.result).toEqual({ accepted: metrics.points.length, rejected: [] })
    }
  })

  test.each(['protobuf', 'json'] as const)('of damaged %s are refused, never a crash', (encoding) => {
    let refused = 0
    for (let seed = 1; seed <= 600; seed++) {
      const random = new Random(seed)
      const isLog = random.chance(2)
      const { request } = isLog ? randomLogs(random) : randomMetrics(random)
      const name = isLog ? 'LogsRequest' : 'MetricsRequest'
      const body = encoding === 'json' ? Buffer.from(JSON.stringify(request)) : encodeSignal(name, request)
      for (let hit = 0; hit < 3; hit++) body[random.int(body.length)] = random.int(256)
      try {
        if (isLog) scanLogs(encoding, body, limits, (log) => void log.body.string())
        else seeMetrics(encoding, body)
      } catch (error) {
        expect(isAglError(error), String(error)).toBe(true)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(100)
  })

  test('are taken from an empty request', () => {
    for (const [encoding, body] of [
      ['protobuf', ''],
      ['json', '{}'],
      ['json', '\ufeff {"resourceLogs":null,"resource_metrics":[]}'],
    ] as const) {
      expect(seeLogs(encoding, Buffer.from(body)).result).toEqual({ accepted: 0, rejected: [] })
      expect(seeMetrics(encoding, Buffer.from(body)).result).toEqual({ accepted: 0, rejected: [] })
    }
  })
})

/** A JSON request of these log records. */
function logsOf(...records: string[]): Buffer {
  return Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${records.join(',')}]}]}]}`)
}

/** A JSON request of one gauge with these points. */
function gaugeOf(...points: string[]): Buffer {
  return Buffer.from(
    `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[${points.join(',')}]},"name":"g"}]}]}]}`,
  )
}

describe('a batch that is partly bad', () => {
  test.each([
    ['{}', 'a log record is empty (log record 2)'],
    ['5', 'a log record is not an object (log record 2)'],
    ['{"timeUnixNano":"soon"}', 'timeUnixNano is not an unsigned 64-bit integer (log record 2)'],
    ['{"severityText":5}', 'severityText is not a string (log record 2)'],
    ['{"body":"text"}', 'body is not an object (log record 2)'],
    ['{"attributes":{}}', 'attributes is not an array (log record 2)'],
  ])('keeps the log records beside %s', (bad, reason) => {
    const good = '{"severityNumber":"SEVERITY_NUMBER_WARN2","body":{"stringValue":"kept"}}'
    const { result, items } = seeLogs('json', logsOf(good, bad, good))
    expect(result).toEqual({ accepted: 2, rejected: [{ reason, count: 1 }] })
    expect(items).toMatchObject([{ severityNumber: 14, body: { stringValue: 'kept' } }, {}])
  })

  test.each([
    ['{}', 'a data point is empty (data point 2 of "g")'],
    ['7', 'a data point is not an object (data point 2 of "g")'],
    ['{"asDouble":"much"}', 'asDouble is not a number (data point 2 of "g")'],
    ['{"asInt":"1.5"}', 'asInt is not an integer (data point 2 of "g")'],
    ['{"timeUnixNano":-1}', 'timeUnixNano is not an unsigned 64-bit integer (data point 2 of "g")'],
  ])('keeps the data points beside %s', (bad, reason) => {
    const { result, items } = seeMetrics('json', gaugeOf('{"asInt":"3"}', bad, '{"asDouble":"NaN"}'))
    expect(result).toEqual({ accepted: 2, rejected: [{ reason, count: 1 }] })
    expect(items).toMatchObject([{ name: 'g', value: 3 }, { type: 'gauge' }])
  })

  test('rejects what is too large or too deep alone, in both encodings', () => {
    const nested = { arrayValue: { values: [{ arrayValue: { values: [] } }] } }
    const list = (body: object) => ({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityNumber: 1 }, { body }] }] }],
    })
    const tight = { ...limits, spanBytes: 100, depth: 1 }
    for (const encoding of ['protobuf', 'json'] as const) {
      const see = (body: object) => {
        const request = list(body)
        const bytes =
          encoding === 'json' ? Buffer.from(JSON.stringify(request)) : encodeSignal('LogsRequest', request)
        return seeLogs(encoding, bytes, tight).result
      }
      expect(see({ stringValue: 'x'.repeat(200) })).toMatchObject({
        accepted: 1,
        rejected: [{ reason: 'a log record is larger than 100 bytes (log record 2)', count: 1 }],
      })
    }
    const deep = encodeSignal('LogsRequest', list(nested))
    expect(seeLogs('protobuf', deep, tight).result.rejected).toMatchObject([
      { reason: 'a value is nested deeper than 1 levels (log record 2)' },
    ])
  })

  test('rejects the points of a metric without a name, and says how many', () => {
    const request = {
      resourceMetrics: [
        { scopeMetrics: [{ metrics: [{ sum: { dataPoints: [{ asInt: '1' }, { asInt: '2' }] } }] }] },
      ],
    }
    const rejected = [{ reason: 'its metric has no name (first: data point 1)', count: 2 }]
    expect(seeMetrics('json', Buffer.from(JSON.stringify(request))).result).toEqual({ accepted: 0, rejected })
    expect(seeMetrics('protobuf', encodeSignal('MetricsRequest', request)).result).toEqual({
      accepted: 0,
      rejected,
    })
  })
})

describe('a malformed body', () => {
  test.each([
    ['logs', logsOf('{"body":'), /it ends too early at byte \d+|at byte \d+/],
    ['logs', Buffer.from('{"resourceLogs":{}}'), /resourceLogs is not an array at byte 16/],
    ['logs', Buffer.from('{"resourceLogs":[{"scopeLogs":[7]}]}'), /an element of scopeLogs is not an object/],
    ['metrics', Buffer.from('{"resourceMetrics":[{"resource":[]}]}'), /resource is not an object at byte 32/],
    ['metrics', gaugeOf('{').subarray(0, 80), /at byte \d+/],
  ] as const)('of %s in JSON is refused with its place', (signal, body, message) => {
    const scan = signal === 'logs' ? seeLogs : seeMetrics
    expect(() => scan('json', body)).toThrow(message)
  })

  test('of protobuf is refused with its place', () => {
    const log = (bytes: Buffer) => field(1, field(2, field(2, bytes)))
    expect(() => seeLogs('protobuf', log(Buffer.from([0x09, 1, 2])))).toThrow(/a number is cut off at byte 7/)
    expect(() => seeLogs('protobuf', log(Buffer.concat([varint(16 * 8 + 3)])))).toThrow(/at byte/)
    const histogram = field(9, field(1, field(6, Buffer.alloc(7))))
    expect(() => seeMetrics('protobuf', log(histogram))).toThrow(/8-byte numbers is cut off/)
  })
})

test('ids that are none are as good as absent, and the record is kept', () => {
  const { result, items } = ((): Seen => {
    const seen: unknown[] = []
    const body = logsOf('{"traceId":"00000000000000000000000000000000","spanId":"xyz","flags":1}')
    const scanned = scanLogs('json', body, limits, ({ traceId, spanId }) => seen.push([traceId, spanId]))
    return { result: scanned, items: seen }
  })()
  expect(result).toEqual({ accepted: 1, rejected: [] })
  expect(items).toEqual([[undefined, undefined]])
})
