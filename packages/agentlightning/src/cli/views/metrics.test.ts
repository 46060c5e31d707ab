import { expect, test } from 'vitest'
import type { MetricSeries, SeriesPoints } from '../../store/signals.ts'
import { renderLogRecords } from './log-lines.ts'
import { formatNumber, unitWord } from './metric-values.ts'
import { renderPoints, renderSeries } from './metrics.ts'
import { severityWord } from './severity.ts'
import { textWidth } from './text.ts'

const T0 = 1_767_225_600_000_000_000n
const look = { width: 60, color: false }
const none = { count: undefined, sum: undefined, min: undefined, max: undefined }

function series(given: Partial<MetricSeries> = {}): MetricSeries {
  return {
    id: 'a'.repeat(32),
    name: 'gen_ai.client.token.usage',
    service: 'planner',
    unit: '{token}',
    description: '',
    type: 'gauge',
    temporality: 0,
    monotonic: false,
    attributes: { model: 'qwen3', 'evil\u001b[2J': 1n },
    points: 1234,
    firstNs: T0,
    lastNs: T0,
    last: { ...none, startNs: 0n, timeNs: T0, value: 0.123456789, points: 1 },
    ...given,
  }
}

test('a list of series is aligned, fits the terminal and steers nothing', () => {
  const lines = renderSeries([series(), series({ name: 'm', last: undefined })], { ...look, width: 120 })
  expect(lines).toEqual([
    'metric                     service  type   points          newest',
    'gen_ai.client.token.usage  planner  gauge   1,234  0.123457 token  model=qwen3 evil=1',
    'm                          planner  gauge   1,234               –  model=qwen3 evil=1',
  ])
  for (const line of renderSeries([series()], look)) expect(textWidth(line)).toBeLessThanOrEqual(60)
})

test('points are drawn as bars, between which times and values', () => {
  const points = [0, 5, 10].map((value, at) => ({
    ...{ ...none, startNs: 0n, timeNs: T0 + BigInt(at) * 1_000_000_000n, value, points: 1 },
  }))
  const drawn: SeriesPoints = { series: series({ attributes: {} }), points, complete: true }
  expect(renderPoints(drawn, look)).toEqual([
    'gen_ai.client.token.usage',
    'planner · gauge',
    '▁▅█',
    '0 to 10, newest 10 token',
    '2026-01-01 00:00:00.000 – 2026-01-01 00:00:02.000 UTC',
    '',
  ])
  expect(renderPoints({ ...drawn, points: [] }, look)[2]).toBe('no points in this time')
  expect(renderPoints({ ...drawn, complete: false }, look)).toContain('only the newest 200,000 points')
})

test('numbers are short, and units in words', () => {
  expect([1234567.8, 0.1 + 0.2, undefined].map(formatNumber)).toEqual(['1,234,570', '0.3', '–'])
  expect(['1', '{request}', 'ms'].map(unitWord)).toEqual(['', 'request', 'ms'])
})

test('log lines have time, level and event, and are cut to the terminal', () => {
  const record = {
    id: '1',
    timeNs: T0,
    severityNumber: 14,
    severityText: 'WARNING',
    preview: 'no\u001b[31m room '.repeat(20),
    eventName: 'book',
    traceId: undefined,
    spanId: undefined,
    service: undefined,
    scope: '',
  }
  const [line = ''] = renderLogRecords([record], look)
  expect(line).toMatch(/^2026-01-01 00:00:00\.000 warn {2}\[book\] no room no.*…$/)
  expect(textWidth(line)).toBe(60)
  expect(renderLogRecords([{ ...record, severityNumber: 0, preview: '' }], look)[0]).toContain(
    ' WARNI [book]',
  )
})

test('severities are six words, four steps each', () => {
  expect([0, 1, 4, 5, 12, 13, 17, 24, 99].map(severityWord)).toEqual([
    '',
    'trace',
    'trace',
    'debug',
    'info',
    'warn',
    'error',
    'fatal',
    'fatal',
  ])
})
