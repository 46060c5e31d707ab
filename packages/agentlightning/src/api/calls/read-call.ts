// The records of a gateway call, read back from the log.
import { isAglError } from '../../errors.ts'
import { type CallEnd, type CallStart, decodeCallRecord } from '../../gateway/record.ts'
import { plainBody, replyFailure, replyTokens } from '../../gateway/recorded-reply.ts'
import type { LogReader } from '../../log/reader.ts'
import type { Address } from '../../store/contract.ts'
import type { RecordedCall } from '../../trace/calls/call-span.ts'

type Log = Pick<LogReader, 'slice'>

/** Where the records of a call lie, as spans of encoding `call` have it: the newest, and the announcement. */
export interface CallAddress {
  readonly span: Address
  /** Of the announcement, where `span` is the end. */
  readonly resource: Address | undefined
}

/**
 * Reads a call. Its request is absent where its segment is gone.
 * @throws AglError `AGL_PRUNED` where the newest record is gone
 */
export function readCall(log: Log, { span, resource }: CallAddress): RecordedCall {
  const newest = decodeCallRecord<CallStart | CallEnd>(read(log, span))
  if (!('outcome' in newest.head)) {
    const { head, body } = newest as { head: CallStart; body: Buffer }
    return { identity: head, request: { head, body }, reply: undefined, error: undefined }
  }
  const { head, body } = newest as { head: CallEnd; body: Buffer }
  const plain = plainBody(head.responseHeaders, body)
  return {
    identity: head,
    request: resource && requestAt(log, resource),
    reply: { head, body: plain, tokens: replyTokens(head, body) },
    error: replyFailure(head, body),
  }
}

function requestAt(log: Log, at: Address): RecordedCall['request'] {
  try {
    const { head, body } = decodeCallRecord<CallStart>(read(log, at))
    return { head, body }
  } catch (error) {
    if (isAglError(error) && error.code === 'AGL_PRUNED') return undefined
    throw error
  }
}

function read(log: Log, { segment, offset, length }: Address): Buffer {
  return log.slice(segment, offset, length)
}
