// One call of OTLP/gRPC: the same reading, limits, checks and log as OTLP/HTTP, in the frames of gRPC.
//
// `:authority` is not checked as the Host of an HTTP request is: no browser speaks HTTP/2 without TLS, so a page
// that resolves its name to 127.0.0.1 cannot come here, and containers reach us under names of their own.
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { AglError } from '../../../errors.ts'
import type { RecordKind } from '../../../log/record.ts'
import type { ServerContext } from '../../../server/context.ts'
import { noted, retryAfterOf } from '../../../server/http/error-reply.ts'
import { identify } from '../../../server/http/guard.ts'
import { PATH_KEY_HEADER } from '../../../server/http/rewrite-url.ts'
import { type Body, collect } from '../collect.ts'
import { decoded, knownEncoding } from '../read-body.ts'
import { headerOf, record } from '../record.ts'
import { grpcStatusDetails } from '../reply.ts'
import { readMessage, writeMessage } from './message.ts'

/** The methods of the three services (opentelemetry-proto, `collector/SIGNAL/v1`). */
const kinds: Readonly<Record<string, RecordKind>> = {
  '/opentelemetry.proto.collector.trace.v1.TraceService/Export': 'otlpTraces',
  '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export': 'otlpMetrics',
  '/opentelemetry.proto.collector.logs.v1.LogsService/Export': 'otlpLogs',
}

/** A client that needs longer than this for one call is cut off, as on the HTTP port. */
const CALL_MS = 120_000

/** How long the rest of a refused message is read: clients reset by themselves once they have the answer. */
const REST_MS = 1000

/** Said with every answer, so that clients know what they may send. */
const common = {
  ':status': 200,
  'content-type': 'application/grpc',
  'grpc-accept-encoding': 'identity,gzip,deflate,zstd',
}

const notGrpc =
  'HTTP/2 is for OTLP/gRPC (content-type: application/grpc) here. All else is asked in HTTP/1.1.\n'

/** Answers a call. Never rejects: what fails is the answer. */
export async function answerCall(
  context: ServerContext,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): Promise<void> {
  // A client that goes away is noticed by whoever reads or writes.
  stream.on('error', () => {})
  const type = headers['content-type'] ?? ''
  if (headers[':method'] !== 'POST' || !/^application\/grpc(\+proto)?(;|$)/.test(type)) {
    const asked = `${headers[':method']} ${headers[':path'] ?? ''}`.slice(0, 200)
    context.watch.refused('AGL_MEDIA_TYPE', `HTTP/2 without gRPC: ${asked}`)
    const status = headers[':method'] === 'POST' ? 415 : 405
    end(stream, { ':status': status, 'content-type': 'text/plain', 'x-agl-error': 'AGL_MEDIA_TYPE' }, notGrpc)
    return
  }
  const path = headers[':path'] ?? ''
  const late = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), CALL_MS)
  try {
    const { answer, position } = await take(context, stream, headers, path)
    if (stream.destroyed) return
    stream.respond(
      { ...common, ...(position === undefined ? {} : { 'x-agl-position': position }) },
      { waitForTrailers: true },
    )
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(writeMessage(answer.body))
  } catch (cause) {
    refuse(stream, noted(context, `gRPC ${path.slice(0, 200)}`, headers['user-agent'], cause))
  } finally {
    clearTimeout(late)
  }
}

async function take(
  context: ServerContext,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  path: string,
): ReturnType<typeof record> {
  const { config, tokens } = context
  const kind = Object.hasOwn(kinds, path) ? kinds[path] : undefined
  if (kind === undefined) {
    throw new AglError('AGL_METHOD_NOT_ALLOWED', { method: 'Calling', path: `gRPC: ${path.slice(0, 200)}` })
  }
  delete headers[PATH_KEY_HEADER]
  const sender = identify(config, tokens, headers)
  const body = await readBody(context, stream, headers)
  try {
    const header = headerOf(kind, 'protobuf', sender, { headers, url: path })
    return await record(context, header, 'protobuf', body.bytes)
  } finally {
    body.release()
  }
}

async function readBody(
  { config, budget }: ServerContext,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): Promise<Body> {
  const { limits } = config
  const encoding = knownEncoding(headers['grpc-encoding'] as string | undefined)
  const declared = Number(headers['content-length'] ?? -1)
  const source = { stream, declared, isWhole: () => !stream.aborted }
  const sent = await collect(source, limits.bodyBytes, budget)
  let compressed: boolean
  let bytes: Buffer
  try {
    ;({ compressed, bytes } = readMessage(sent.bytes))
    if (compressed && bytes.length > limits.compressedBytes) {
      throw new AglError('AGL_BODY_TOO_LARGE', { limit: limits.compressedBytes, state: ' as sent' })
    }
    if (compressed && encoding === 'identity') {
      throw new AglError('AGL_BAD_REQUEST', {
        what: 'The message is compressed, but grpc-encoding is missing.',
      })
    }
  } catch (error) {
    sent.release()
    throw error
  }
  const message = { bytes, release: sent.release }
  return compressed && encoding !== 'identity' ? decoded(message, encoding, limits, budget) : message
}

function refuse(stream: ServerHttp2Stream, error: AglError): void {
  const retryAfter = retryAfterOf(error)
  end(stream, {
    ...common,
    'grpc-status': String(error.kind.grpc),
    'grpc-message': percentEncoded(`${error.message} ${error.action}`.trim()),
    'grpc-status-details-bin': grpcStatusDetails(error, retryAfter).toString('base64'),
    'x-agl-error': error.code,
  })
}

/** Answers without a message; a client that goes on sending its own is told to stop. */
function end(
  stream: ServerHttp2Stream,
  headers: Readonly<Record<string, string | number>>,
  text?: string,
): void {
  if (stream.destroyed || stream.headersSent) return
  stream.respond(headers, { endStream: text === undefined })
  if (text !== undefined) stream.end(text)
  stream.resume()
  // A reset that follows at once would take the place of headers that are not on the wire yet.
  const reset = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), REST_MS)
  stream.once('close', () => clearTimeout(reset))
}

/** gRPC's "Percent-Encoded": what is not printable ASCII, and the percent sign itself. */
function percentEncoded(text: string): string {
  return text.toWellFormed().replace(/[^ -$&-~]/gu, encodeURIComponent)
}
