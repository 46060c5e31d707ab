// Receives the bodies of the SDKs before 0.4: read, bounded, checked, appended as they came, and only then answered.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AglError } from '../../errors.ts'
import { formatPosition, type Position, type RecordHeader } from '../../log/record.ts'
import { readBody } from '../../otlp/receive/read-body.ts'
import { headerOf } from '../../otlp/receive/record.ts'
import type { ServerContext } from '../../server/context.ts'
import { countWithoutSession, locateSession, readTexts } from '../../trace/legacy/locate.ts'
import { identifyLegacy, type LegacySender } from './sender.ts'

/** A session carries its host's package list, and in some versions its queue of events. */
const SESSION_BYTES = 16 * 1024 * 1024
const SMALL_BYTES = 1024 * 1024

/** What became of a session's body. */
export interface ReceivedSession {
  readonly sender: LegacySender
  readonly sessionId: string
  readonly ended: boolean
  /** End of the record: the position from which it is readable. */
  readonly end: Position
}

/** What a request without a key is told where a key opens a session. */
export const NO_KEY = 'Invalid API key format'

/**
 * Takes `{"session": …}`. Throws for a body without a session's id.
 * @param anonymous what a request is told that names nobody
 */
export async function receiveSession(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  anonymous: string,
): Promise<ReceivedSession> {
  const sender = await known(context, request, anonymous)
  const body = await readBody(request.raw, context.config.limits, context.budget, SESSION_BYTES)
  try {
    const located = locateSession(body.bytes, context.scan.limits)
    const sessionId = located.sessionId ?? sender.sessionId
    if (sessionId === undefined) throw refusal('Error posting session: Invalid Session Id')
    const end = await append(context, request, reply, sender, 'legacySession', body.bytes, sessionId)
    return { sender, sessionId, ended: located.ended, end }
  } finally {
    body.release()
  }
}

/** Takes `{"events": […]}`. Events that cannot be taken are counted; a body of nothing else is refused. */
export async function receiveEvents(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const sender = await known(context, request, 'Error posting event: Bearer Token is Missing')
  const body = await readBody(request.raw, context.config.limits, context.budget)
  try {
    const { result, bytes } = await context.scan.scan('legacy', body.bytes)
    for (const { reason, count } of result.rejected) {
      const agent = request.headers['user-agent'] ?? 'no user agent'
      context.watch.refused('AGL_SPAN_REJECTED', `${count} event(s) of ${agent}: ${reason}`)
    }
    if (result.accepted === 0) {
      const [first] = result.rejected
      if (first) throw refusal(`Error posting event: ${first.reason}`)
      return
    }
    const homeless = sender.sessionId === undefined ? countWithoutSession(bytes, context.scan.limits) : 0
    if (homeless === result.accepted) throw refusal('Error posting event: Invalid Session Id')
    if (homeless > 0) context.watch.refused('AGL_SPAN_REJECTED', `${homeless} event(s) without a session`)
    await append(context, request, reply, sender, 'legacyEvents', bytes, sender.sessionId)
    context.watch.spans(sender.project)
  } finally {
    body.release()
  }
}

/** Takes a small object about a session: an agent, a thread, an error of the SDK. */
export async function receiveObject(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  prefix: string,
  needsSession: boolean,
): Promise<void> {
  const sender = await known(context, request, `${prefix}: Bearer Token is Missing`)
  const body = await readBody(request.raw, context.config.limits, context.budget, SMALL_BYTES)
  try {
    const sessionId = readTexts(body.bytes, ['session_id']).session_id ?? sender.sessionId
    if (needsSession && sessionId === undefined) throw refusal(`${prefix}: Invalid Session Id`)
    await append(context, request, reply, sender, 'legacySession', body.bytes, sessionId)
  } finally {
    body.release()
  }
}

/** The refusal of a legacy request, in the words of the hosted API. */
export function refusal(message: string): AglError {
  return new AglError('AGL_LEGACY_REFUSED', { message })
}

/** The sender; a request that names nobody is refused, as the hosted API does. */
export async function known(
  context: ServerContext,
  request: Pick<FastifyRequest, 'headers'>,
  anonymous: string,
): Promise<LegacySender> {
  const sender = await identifyLegacy(context, request.headers)
  if (sender.anonymous) throw refusal(anonymous)
  return sender
}

/** Appends a body to the log and tells its position; resolves when it is flushed. */
export async function append(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  sender: LegacySender,
  kind: RecordHeader['kind'],
  bytes: Buffer,
  sessionId: string | undefined,
  traceId?: string,
): Promise<Position> {
  const header = {
    ...headerOf(kind, 'json', sender, request),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(traceId === undefined ? {} : { traceId }),
  }
  const { end } = await context.append(header, [bytes])
  reply.header('x-agl-position', formatPosition(end))
  return end
}
