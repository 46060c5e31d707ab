// Notes what a client program really did, for the test that started it: one line of JSON per span that ended,
// per address connected to and per diagnostic, in the file named by AGL_TEST_WITNESS.
import { subscribe } from 'node:diagnostics_channel'
import { appendFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { type DiagLogger, DiagLogLevel, diag, type HrTime } from '@opentelemetry/api'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { AnyValue, KeyValue, WholeSpan } from '../otlp.ts'

const hasRemoteFlag = 0x100
const isRemoteFlag = 0x200

/** Appends one note; it is with the system when this returns. */
function note(kind: string, value: unknown): void {
  appendFileSync(process.env.AGL_TEST_WITNESS as string, `${JSON.stringify({ note: kind, value })}\n`)
}

/** Notes every TCP connection and every warning of the SDK from now on. */
export function watch(): void {
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { socket: Socket }
    socket.once('connect', () =>
      note('connect', { host: socket.remoteAddress, port: String(socket.remotePort) }),
    )
    socket.once('error', (error) => note('warning', `socket: ${error.message}`))
  })
  const say = (...parts: unknown[]) => note('warning', parts.map(String).join(' '))
  const quiet = () => {}
  const logger: DiagLogger = { error: say, warn: say, info: quiet, debug: quiet, verbose: quiet }
  diag.setLogger(logger, DiagLogLevel.WARN)
}

/** Notes every span that ends as OTLP says it is to be sent. */
export const spanWitness: SpanProcessor = {
  onStart() {},
  onEnd(span) {
    note('span', whole(span))
  },
  async forceFlush() {},
  async shutdown() {},
}

function whole(span: ReadableSpan): WholeSpan {
  const context = span.spanContext()
  const parent = span.parentSpanContext
  return {
    span: {
      traceId: context.traceId,
      spanId: context.spanId,
      ...(parent ? { parentSpanId: parent.spanId } : {}),
      traceState: context.traceState?.serialize() ?? '',
      flags: context.traceFlags | hasRemoteFlag | (parent?.isRemote ? isRemoteFlag : 0),
      name: span.name,
      kind: span.kind + 1,
      startTimeUnixNano: nanos(span.startTime),
      endTimeUnixNano: nanos(span.endTime),
      attributes: pairs(span.attributes),
      droppedAttributesCount: span.droppedAttributesCount,
      events: span.events.map((event) => ({
        timeUnixNano: nanos(event.time),
        name: event.name,
        attributes: pairs(event.attributes),
        droppedAttributesCount: event.droppedAttributesCount ?? 0,
      })),
      droppedEventsCount: span.droppedEventsCount,
      links: span.links.map((link) => ({
        traceId: link.context.traceId,
        spanId: link.context.spanId,
        traceState: link.context.traceState?.serialize() ?? '',
        flags: link.context.traceFlags | hasRemoteFlag | (link.context.isRemote ? isRemoteFlag : 0),
        attributes: pairs(link.attributes),
        droppedAttributesCount: link.droppedAttributesCount ?? 0,
      })),
      droppedLinksCount: span.droppedLinksCount,
      status: { code: span.status.code, message: span.status.message ?? '' },
    },
    resource: { attributes: pairs(span.resource.attributes) },
    scope: {
      name: span.instrumentationScope.name,
      version: span.instrumentationScope.version ?? '',
    },
  }
}

function pairs(attributes: object = {}): KeyValue[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }))
}

function anyValue(value: unknown): AnyValue {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return numberValue(value)
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } }
  return {}
}

/**
 * The SDK sends whole numbers as integers. Its JSON writes them with JavaScript's shortest digits, and what is
 * not finite as null: a double of which nothing more is known.
 */
function numberValue(value: number): AnyValue {
  const json = process.env.AGL_TEST_ENCODING === 'json'
  if (Number.isInteger(value)) return { intValue: json ? String(value) : BigInt(value).toString() }
  if (Number.isFinite(value)) return { doubleValue: value }
  return { doubleValue: json ? 'NaN' : String(value) }
}

function nanos([seconds, nanoseconds]: HrTime): string {
  return String(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds))
}
