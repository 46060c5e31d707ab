// What happens to a batch once its bytes are here, however they came: check, append, and only then answer.
import type { IncomingHttpHeaders } from 'node:http'
import { formatPosition, type RecordHeader, type RecordKind } from '../../log/record.ts'
import type { ServerContext } from '../../server/context.ts'
import type { Sender } from '../../server/http/guard.ts'
import type { Signal } from '../scan/signal-views.ts'
import type { PayloadEncoding } from '../scan/span-view.ts'
import { type OtlpReply, successReply } from './reply.ts'

/** A batch that is on the disk. */
export interface Recorded {
  readonly answer: OtlpReply
  /** For reads that wait for it; undefined when there was nothing to keep. */
  readonly position: string | undefined
}

/** What a record tells of its request: of HTTP/1.1 or HTTP/2. */
export interface Request {
  readonly headers: IncomingHttpHeaders
  readonly url: string
}

const signals: Readonly<Partial<Record<RecordKind, Signal>>> = {
  otlpTraces: 'traces',
  otlpLogs: 'logs',
  otlpMetrics: 'metrics',
}

/** What one item of a signal is called, and the code under which rejected ones are counted. */
const items = {
  traces: { what: 'span(s)', code: 'AGL_SPAN_REJECTED' },
  logs: { what: 'log record(s)', code: 'AGL_RECORD_REJECTED' },
  metrics: { what: 'data point(s)', code: 'AGL_RECORD_REJECTED' },
} as const

/**
 * Scans a batch, appends what is good of a batch and resolves when it is durable. Throws `AGL_BAD_BODY` and what
 * `ServerContext.append` throws.
 */
export async function record(
  context: ServerContext,
  header: Omit<RecordHeader, 'receivedNs'>,
  encoding: PayloadEncoding,
  body: Buffer,
): Promise<Recorded> {
  const { watch } = context
  const signal = signals[header.kind] ?? 'traces'
  const { result, bytes } = await context.scan.scan(encoding, body, signal)
  let position: string | undefined
  if (result.accepted > 0 && bytes.length > 0) {
    const { end } = await context.append(header, [bytes])
    position = formatPosition(end)
    if (signal === 'traces') watch.spans(header.project)
  }
  for (const { reason, count } of result.rejected) {
    const { what, code } = items[signal]
    watch.refused(code, `${count} ${what} of ${header.userAgent ?? 'no user agent'}: ${reason}`)
  }
  return { answer: successReply(encoding, result, signal), position }
}

/** The record header of a request; `route` is without query, and the key of `/k/KEY` is not in it. */
export function headerOf(
  kind: RecordKind,
  encoding: PayloadEncoding,
  sender: Sender,
  request: Request,
): Omit<RecordHeader, 'receivedNs'> {
  const { 'user-agent': userAgent, traceparent } = request.headers
  return {
    kind,
    contentType: encoding === 'json' ? 'application/json' : 'application/x-protobuf',
    route: request.url.split('?', 1)[0] as string,
    projectSource: sender.source,
    ...(sender.project === undefined ? {} : { project: sender.project }),
    ...(sender.keyHash === undefined ? {} : { keyHash: sender.keyHash }),
    ...(userAgent === undefined ? {} : { userAgent: userAgent.slice(0, 300) }),
    ...(typeof traceparent === 'string' ? { traceparent: traceparent.slice(0, 100) } : {}),
  }
}
