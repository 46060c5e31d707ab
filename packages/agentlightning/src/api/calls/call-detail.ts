// One call with its ids, from the payloads of whoever recorded it.

import { factsOf } from '../../gateway/recorded-reply.ts'
import type { CallSummary } from '../../store/calls.ts'
import type { SpanAddress } from '../../store/contract.ts'
import { type CallTokens, judgeCall, tokensOfSpan, type Verdict } from '../../token-ids/index.ts'
import type { RecordedCall } from '../../trace/calls/call-span.ts'
import { readPayload } from '../decode-payload.ts'
import type { QuerySources } from '../queries.ts'
import { readCall } from './read-call.ts'
import { TokenCache } from './token-cache.ts'

/** What is known of the tokens of a call. */
export interface CallDetail {
  readonly summary: CallSummary
  /** The ids that count: the gateway's, else the span's. */
  readonly tokens: CallTokens
  /** What the span tells as well, where both have ids. */
  readonly other: CallTokens | undefined
  readonly verdict: Verdict
}

const none: CallTokens = { choices: [], shapes: [], finished: true, problems: [] }
const caches = new WeakMap<QuerySources['log'], TokenCache>()

/**
 * Reads the tokens of a call.
 * @throws AglError `AGL_PRUNED` where its payload is gone
 */
export async function callDetail(sources: QuerySources, summary: CallSummary): Promise<CallDetail> {
  const recorded = gatewayAddress(summary)
  const reply =
    recorded && summary.endRecord ? cached(sources, 'reply', recorded.span, () => replyOf()) : undefined
  const address = summary.source === 'gateway' ? undefined : await spanOf(sources, summary)
  const ofSpan = address && cached(sources, 'span', address.span, () => spanTokens())
  const gatewayHas = reply !== undefined && hasIds(reply)
  const tokens = gatewayHas || !ofSpan || !hasIds(ofSpan) ? reply : ofSpan
  const other = gatewayHas ? ofSpan : undefined
  const both = other && hasIds(other) ? other : undefined
  return {
    summary,
    tokens: tokens ?? ofSpan ?? none,
    other: both,
    verdict: verdictOf(sources, summary, reply, ofSpan, address),
  }

  function replyOf(): CallTokens {
    return (recorded && readCall(sources.log, recorded).reply?.tokens) ?? none
  }

  function spanTokens(): CallTokens {
    return address ? tokensOfSpan(readPayload(sources, address).span.attributes) : none
  }
}

/** The records of a call that the gateway recorded. */
export function recordedCall(sources: QuerySources, summary: CallSummary): RecordedCall | undefined {
  const address = gatewayAddress(summary)
  return address && readCall(sources.log, address)
}

/** The address of the span that shows a call. */
export async function spanOf(
  { store }: QuerySources,
  summary: CallSummary,
): Promise<SpanAddress | undefined> {
  return store.spanAddress(summary.traceId, summary.spanId)
}

function verdictOf(
  sources: QuerySources,
  summary: CallSummary,
  reply: CallTokens | undefined,
  ofSpan: CallTokens | undefined,
  address: SpanAddress | undefined,
): Verdict {
  const recorded = gatewayAddress(summary)
  if (recorded && reply && (hasIds(reply) || !ofSpan || !hasIds(ofSpan))) {
    const call = readCall(sources.log, recorded)
    if (!call.reply) return judgeCall({ source: 'gateway' })
    return judgeCall({
      ...factsOf(call.reply.head, reply, summary),
      ...(ofSpan ? { other: ofSpan, attributed: true } : {}),
    })
  }
  if (recorded && !ofSpan) return judgeCall({ source: 'gateway' })
  const source = address?.encoding === 'legacy' ? 'legacy' : 'span'
  const span = address && readPayload(sources, address).span
  return judgeCall({
    source,
    ...(ofSpan ? { tokens: ofSpan } : {}),
    failed: span?.status?.code === 2,
    droppedAttributes: source === 'span' ? (span?.droppedAttributesCount ?? 0) : 0,
  })
}

function gatewayAddress({
  startRecord,
  endRecord,
}: CallSummary): { span: NonNullable<typeof startRecord>; resource: typeof startRecord } | undefined {
  const span = endRecord ?? startRecord
  return span && { span, resource: endRecord && startRecord }
}

function hasIds({ promptTokenIds, choices }: CallTokens): boolean {
  return (
    promptTokenIds !== undefined || choices.some((choice) => choice.promptTokenIds ?? choice.responseTokenIds)
  )
}

function cached(
  { log }: QuerySources,
  what: string,
  { segment, offset }: { segment: number; offset: number },
  read: () => CallTokens,
): CallTokens {
  let cache = caches.get(log)
  if (!cache) {
    cache = new TokenCache()
    caches.set(log, cache)
  }
  return cache.of(`${what} ${segment}-${offset}`, read)
}
