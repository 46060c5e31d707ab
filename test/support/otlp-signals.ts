// Bodies of OTLP logs and metrics, written by hand from the protocol's definition (opentelemetry-proto logs/v1 and
// metrics/v1), as `otlp-bodies.ts` does for traces.
import { type Answer, request, type Target } from './http.ts'

/** A log record to send. Ids are hex. */
export interface LogInput {
  readonly timeNs: bigint
  readonly text: string
  readonly severity?: number
  readonly traceId?: string
  readonly spanId?: string
}

/** The log records as OTLP/JSON, of one service. */
export function jsonLogs(service: string, logs: readonly LogInput[]): string {
  const logRecords = logs.map(({ timeNs, text, severity = 9, traceId, spanId }) => ({
    timeUnixNano: String(timeNs),
    severityNumber: severity,
    severityText: severity >= 17 ? 'ERROR' : 'INFO',
    body: { stringValue: text },
    attributes: [{ key: 'code.line', value: { intValue: '9007199254740993' } }],
    ...(traceId === undefined ? {} : { traceId }),
    ...(spanId === undefined ? {} : { spanId }),
  }))
  return JSON.stringify({ resourceLogs: [{ resource: jsonResource(service), scopeLogs: [{ logRecords }] }] })
}

/** The same in protobuf. */
export function protobufLogs(service: string, logs: readonly LogInput[]): Buffer {
  const records = logs.map(({ timeNs, text, severity = 9, traceId, spanId }) =>
    message(2, [
      fixed64(1, timeNs),
      varintField(2, severity),
      message(3, [Buffer.from(severity >= 17 ? 'ERROR' : 'INFO')]),
      message(5, [message(1, [Buffer.from(text)])]),
      message(6, [message(1, [Buffer.from('code.line')]), message(2, [varintField(3, 9007199254740993n)])]),
      ...(traceId === undefined ? [] : [message(9, [Buffer.from(traceId, 'hex')])]),
      ...(spanId === undefined ? [] : [message(10, [Buffer.from(spanId, 'hex')])]),
    ]),
  )
  return message(1, [protobufResource(service), message(2, records)])
}

/** A counter's points as OTLP/JSON, cumulative, and a histogram beside it. */
export function jsonMetrics(service: string, points: readonly { timeNs: bigint; value: number }[]): string {
  const times = (timeNs: bigint) => ({ startTimeUnixNano: '1000', timeUnixNano: String(timeNs) })
  const attributes = [{ key: 'route', value: { stringValue: '/chat' } }]
  const sum = {
    aggregationTemporality: 2,
    isMonotonic: true,
    dataPoints: points.map(({ timeNs, value }) => ({ ...times(timeNs), asInt: String(value), attributes })),
  }
  const histogram = {
    aggregationTemporality: 'AGGREGATION_TEMPORALITY_DELTA',
    dataPoints: points.map(({ timeNs, value }) => ({
      ...{ ...times(timeNs), count: '2', sum: value, min: 1, max: value, attributes },
      ...{ bucketCounts: ['1', '1'], explicitBounds: [10] },
    })),
  }
  const metrics = [
    { name: 'requests', unit: '1', description: 'requests served', sum },
    { name: 'latency', unit: 's', histogram },
  ]
  return JSON.stringify({
    resourceMetrics: [{ resource: jsonResource(service), scopeMetrics: [{ metrics }] }],
  })
}

/** The counter alone, in protobuf. */
export function protobufCounter(
  service: string,
  points: readonly { timeNs: bigint; value: number }[],
): Buffer {
  const dataPoints = points.map(({ timeNs, value }) => {
    const route = message(7, [
      message(1, [Buffer.from('route')]),
      message(2, [message(1, [Buffer.from('/chat')])]),
    ])
    const integer = Buffer.alloc(9, (6 << 3) | 1)
    integer.writeBigInt64LE(BigInt(value), 1)
    return message(1, [fixed64(2, 1000n), fixed64(3, timeNs), integer, route])
  })
  const sum = message(7, [...dataPoints, varintField(2, 2), varintField(3, 1)])
  const metric = message(2, [message(1, [Buffer.from('requests')]), message(3, [Buffer.from('1')]), sum])
  return message(1, [protobufResource(service), message(2, [metric])])
}

/** Posts a body of a signal: text as JSON, bytes as protobuf. */
export function postSignal(
  target: Target,
  signal: 'logs' | 'metrics',
  body: Buffer | string,
): Promise<Answer> {
  const type = typeof body === 'string' ? 'application/json' : 'application/x-protobuf'
  return request(target, { method: 'POST', path: `/v1/${signal}`, headers: { 'content-type': type }, body })
}

function jsonResource(service: string): object {
  return { attributes: [{ key: 'service.name', value: { stringValue: service } }] }
}

function protobufResource(service: string): Buffer {
  const name = message(1, [Buffer.from('service.name')])
  return message(1, [message(1, [name, message(2, [message(1, [Buffer.from(service)])])])])
}

function message(field: number, parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([(field << 3) | 2]), varint(BigInt(content.length)), content])
}

function varintField(field: number, value: number | bigint): Buffer {
  return Buffer.concat([Buffer.from([field << 3]), varint(BigInt(value))])
}

function fixed64(field: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(9, (field << 3) | 1)
  bytes.writeBigUInt64LE(value, 1)
  return bytes
}

function varint(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Buffer.from([...bytes, Number(rest)])
}
