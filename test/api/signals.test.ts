// OTLP logs and metrics: sent, kept over kill -9 and reindex, read over HTTP and by the command.
import { afterEach, expect, test } from 'vitest'
import { runAgl, startServer, type TestServer, tempDir } from '../support/agl.ts'
import { postTraces, request } from '../support/http.ts'
import { newSpanId, newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { jsonLogs, jsonMetrics, postSignal, protobufCounter, protobufLogs } from '../support/otlp-signals.ts'
import { getJson, readStatus, settled } from '../support/read-traces.ts'

interface LogRecord {
  readonly id: string
  readonly preview: string
  readonly service?: string
  readonly severityNumber: number
  readonly spanId?: string
}

interface Series {
  readonly id: string
  readonly name: string
  readonly points: number
  readonly last: { readonly value?: number }
}

const now = BigInt(Date.now()) * 1_000_000n
const at = (ms: number) => now + BigInt(ms) * 1_000_000n

let server: TestServer | undefined
afterEach(() => server?.stop())

const logsOf = async (target: TestServer, path = '/api/v1/logs') =>
  (await getJson<{ records: LogRecord[] }>(target, path)).records
const linesOf = async (target: TestServer, path?: string) =>
  (await logsOf(target, path)).map(({ preview }) => preview)

/** Everything that the routes of logs and metrics say. */
async function everything(target: TestServer, traceId: string): Promise<unknown> {
  await settled(target)
  const { series } = await getJson<{ series: Series[] }>(target, '/api/v1/metrics')
  return {
    logs: await logsOf(target),
    ofTrace: await logsOf(target, `/api/v1/traces/${traceId}/logs`),
    series,
    points: await Promise.all(series.map(({ id }) => getJson(target, `/api/v1/metrics/points?series=${id}`))),
  }
}

test('log records and metrics outlive kill -9 and reindex, once each, and before their spans', async () => {
  const dataDir = tempDir()
  server = await startServer({ dataDir })
  const [traceId, spanId] = [newTraceId(), newSpanId()]
  const batch = [
    { timeNs: at(0), text: 'plan\nmade', traceId, spanId },
    { timeNs: at(1), text: 'no room left', severity: 17, traceId },
    { timeNs: at(1), text: 'no room left', severity: 17, traceId },
  ]
  const logs = protobufLogs('planner', batch)
  expect((await postSignal(server, 'logs', logs)).headers['x-agl-position']).toMatch(/^\d+-\d+$/)
  await postSignal(server, 'logs', logs)
  await postSignal(server, 'logs', jsonLogs('booker', [{ timeNs: at(2), text: 'booked' }]))
  const points = [
    { timeNs: at(0), value: 3 },
    { timeNs: at(1000), value: 7 },
  ]
  await postSignal(server, 'metrics', jsonMetrics('planner', points))
  const answer = await postSignal(
    server,
    'metrics',
    protobufCounter('planner', [...points, { timeNs: at(2000), value: 9 }]),
  )
  expect(answer.status).toBe(200)
  const before = await everything(server, traceId)
  expect(before).toMatchObject({
    logs: [
      { preview: 'booked', service: 'booker' },
      { preview: 'no room left', severityNumber: 17 },
      { preview: 'no room left' },
      { preview: 'plan made', service: 'planner', traceId, spanId },
    ],
    ofTrace: [{ spanId }, {}, {}],
    // The same series in both encodings; what came twice counts once.
    series: [
      { name: 'latency', type: 'histogram', temporality: 1, points: 2, last: { count: 2, sum: 7, max: 7 } },
      { name: 'requests', type: 'sum', monotonic: true, points: 3, last: { value: 9 }, service: 'planner' },
    ],
    points: [{}, { points: [{ value: 3 }, { value: 7 }, { value: 9 }] }],
  })
  await server.kill()

  server = await startServer({ dataDir })
  expect(await everything(server, traceId)).toEqual(before)
  await server.stop()
  expect(await runAgl(['reindex', '--data-dir', dataDir])).toMatchObject({ code: 0 })

  const flags = ['--data-dir', dataDir]
  const printed = await runAgl(['traces', 'logs', traceId.slice(0, 32), ...flags, '--text'])
  expect(printed.stdout).toMatch(/ info {2}plan made\n.* error no room left\n/)
  const errors = await runAgl(['traces', 'logs', traceId, ...flags, '--severity', 'error'])
  expect(
    errors.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([{ preview: 'no room left', severityNumber: 17 }, {}])
  expect((await runAgl(['metrics', 'list', ...flags, '--text'])).stdout).toMatch(
    /requests +planner +sum +3 +9 +route=\/chat/,
  )
  expect((await runAgl(['metrics', 'show', 'requests', ...flags, '--text'])).stdout).toContain(
    '3 to 9, newest 9',
  )
  expect(await runAgl(['metrics', 'show', 'nothing', ...flags])).toMatchObject({ code: 1 })

  server = await startServer({ dataDir })
  await postTraces(server, protobufBody([someSpan({ traceId, spanId })], { 'service.name': 'planner' }))
  expect(await everything(server, traceId)).toEqual(before)
  const live = await runAgl(['traces', 'logs', traceId.slice(0, 8), ...flags, '--span', spanId, '--text'])
  expect(live.stdout).toMatch(/plan made\n$/)
  expect((await runAgl(['metrics', 'show', 'late', ...flags, '--json'])).stdout).toContain('"name":"latency"')
})

test('a log record is read whole, and gone with its trace', async () => {
  server = await startServer()
  const traceId = newTraceId()
  await postTraces(server, protobufBody([someSpan({ traceId })]))
  for (const body of [
    jsonLogs('a', [{ timeNs: at(0), text: 'x'.repeat(5000), traceId }]),
    protobufLogs('b', [{ timeNs: at(1), text: 'short', traceId }]),
  ]) {
    await postSignal(server, 'logs', body)
  }
  await settled(server)
  const [short, long] = await logsOf(server)
  expect(long?.preview).toHaveLength(200)
  const whole = await getJson<{ record: object; resource: object }>(server, `/api/v1/logs/${long?.id}`)
  const attributes = [{ key: 'code.line', value: { intValue: '9007199254740993' } }]
  expect(whole.record).toMatchObject({ body: { stringValue: 'x'.repeat(5000) }, attributes, traceId })
  expect(whole.resource).toMatchObject({ attributes: [{ value: { stringValue: 'a' } }] })
  expect(await getJson(server, `/api/v1/logs/${short?.id}`)).toMatchObject({
    record: { body: { stringValue: 'short' }, attributes },
  })
  expect(await linesOf(server, '/api/v1/logs?service=b')).toEqual(['short'])
  expect(await linesOf(server, '/api/v1/logs?text=SHORT&severity=info&since=1h')).toEqual(['short'])
  expect(await linesOf(server, '/api/v1/logs?severity=error')).toEqual([])

  expect((await request(server, { method: 'DELETE', path: `/api/v1/traces/${traceId}` })).status).toBe(200)
  expect(await linesOf(server)).toEqual([])
  expect((await request(server, { path: `/api/v1/logs/${short?.id}` })).status).toBe(404)
})

test('what is malformed is refused with its place, what is partly bad keeps the rest', async () => {
  server = await startServer()
  const bad = await postSignal(server, 'logs', '{"resourceLogs":[{"scopeLogs":7}]}')
  expect(bad.status).toBe(400)
  expect(JSON.parse(bad.body.toString()).message).toMatch(/scopeLogs is not an array at byte 30/)
  expect((await postSignal(server, 'metrics', Buffer.from([0x0a, 0x05, 1]))).status).toBe(400)

  const good = '{"body":{"stringValue":"kept"}}'
  const partly = await postSignal(
    server,
    'logs',
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${good},{},{"body":"x"}]}]}]}`,
  )
  expect(partly.status).toBe(200)
  expect(JSON.parse(partly.body.toString())).toMatchObject({ partialSuccess: { rejectedLogRecords: '2' } })
  const points = await postSignal(
    server,
    'metrics',
    '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"asInt":"x"}]}}]}]}]}',
  )
  expect(JSON.parse(points.body.toString())).toMatchObject({ partialSuccess: { rejectedDataPoints: '1' } })
  await settled(server)
  expect(await linesOf(server)).toEqual(['kept'])
  const { requests, index } = await readStatus(server)
  expect(requests.refused.map(({ what }) => what)).toContain('AGL_RECORD_REJECTED')
  expect(index.setAsideCount).toBe(0)

  // More than the main thread scans by itself.
  const large = jsonLogs(
    'large',
    Array.from({ length: 3000 }, (_, n) => ({ timeNs: at(n), text: `line ${n}` })),
  )
  expect((await postSignal(server, 'logs', large)).status).toBe(200)
  await settled(server)
  expect(await logsOf(server, '/api/v1/logs?service=large&limit=1000')).toHaveLength(1000)
  for (const path of [
    'logs?severity=loud',
    'metrics/points?series=1',
    'traces/ab/logs?span=1',
    'logs?cursor=x',
  ])
    expect((await request(server, { path: `/api/v1/${path}` })).status).toBe(400)
})
