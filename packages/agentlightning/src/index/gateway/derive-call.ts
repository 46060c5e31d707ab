// The two records of a gateway call → what the store keeps of it. The reply is read here, off the main thread.
import { type CallEnd, type CallIdentity, type CallStart, decodeCallRecord } from '../../gateway/record.ts'
import { factsOf, replyFailure, replyTokens } from '../../gateway/recorded-reply.ts'
import type { CallRow } from '../../store/calls.ts'
import type { Change } from '../../store/contract.ts'
import { type CallTokens, judgeCall } from '../../token-ids/index.ts'
import type { Usage } from '../../trace/fields.ts'
import { runTag } from '../../trace/run-tag.ts'
import type { DerivableRecord } from '../derive-record.ts'
import { addressOf } from '../source-row.ts'

/** Derives a `gatewayStart` or `gatewayEnd` record. Throws for one that is none. */
export function deriveCall(record: DerivableRecord, emit: (change: Change) => void): void {
  const row = record.header.kind === 'gatewayStart' ? startRow(record) : endRow(record)
  emit({ type: 'call', row })
}

function startRow(record: DerivableRecord): CallRow {
  const { head } = decodeCallRecord<CallStart>(record.payload)
  return {
    ...common(record, head),
    finished: false,
    endNs: 0n,
    outcome: undefined,
    status: 0,
    responseModel: undefined,
    responseId: undefined,
    usage: undefined,
    choices: 0,
    promptIds: undefined,
    responseIds: undefined,
    firstChoiceIds: undefined,
    verdict: judgeCall({ source: 'gateway', dialect: head.dialect, streamed: head.stream }).code,
    weightVersion: undefined,
    firstTokenMs: undefined,
    error: undefined,
  }
}

function endRow(record: DerivableRecord): CallRow {
  const { head, body } = decodeCallRecord<CallEnd>(record.payload)
  const tokens = replyTokens(head, body)
  const { choices } = tokens
  const counts = choices.map(({ responseTokenIds }) => responseTokenIds?.length ?? 0)
  const promptIds =
    tokens.promptTokenIds?.length ?? sum(choices.map((one) => one.promptTokenIds?.length ?? 0))
  return {
    ...common(record, head),
    finished: true,
    endNs: BigInt(head.endNs),
    outcome: head.outcome,
    status: head.status,
    responseModel: tokens.model,
    responseId: tokens.responseId,
    usage: usageOf(tokens),
    choices: choices.length,
    promptIds: promptIds || undefined,
    responseIds: sum(counts) || undefined,
    firstChoiceIds: counts[0] || undefined,
    verdict: judgeCall(factsOf(head, tokens, record.header)).code,
    weightVersion: head.weightVersion ?? tokens.weightVersion,
    firstTokenMs: head.firstTokenMs,
    error: replyFailure(head, body),
  }
}

function common(
  { header, start, ...record }: DerivableRecord,
  head: CallIdentity,
): Pick<
  CallRow,
  | 'record'
  | 'receivedNs'
  | 'project'
  | 'callId'
  | 'traceId'
  | 'spanId'
  | 'parentSpanId'
  | 'startNs'
  | 'run'
  | 'rollout'
  | 'attempt'
  | 'mode'
  | 'tags'
  | 'dialect'
  | 'upstream'
  | 'backend'
  | 'stream'
  | 'requestModel'
  | 'payload'
> {
  return {
    record: start,
    receivedNs: header.receivedNs,
    project: header.project,
    callId: head.callId,
    traceId: Buffer.from(head.traceId, 'hex'),
    spanId: Buffer.from(head.spanId, 'hex'),
    parentSpanId: head.parentSpanId === undefined ? undefined : Buffer.from(head.parentSpanId, 'hex'),
    startNs: BigInt(head.startNs),
    run: header.run,
    rollout: header.rollout,
    attempt: header.attempt,
    mode: header.mode,
    tags: [...(head.tags ?? []), ...(header.run === undefined ? [] : [runTag(header.run)])],
    dialect: head.dialect,
    upstream: head.upstream,
    backend: head.backend,
    stream: head.stream,
    requestModel: head.model,
    payload: addressOf({ header, start, ...record }, { start: 0, end: record.payload.length }),
  }
}

function usageOf({ usage }: CallTokens): Usage | undefined {
  if (!usage) return undefined
  const counts = {
    input: usage.promptTokens,
    output: usage.completionTokens,
    total: usage.totalTokens,
    cacheRead: usage.cachedTokens,
    reasoning: usage.reasoningTokens,
  }
  const known = Object.entries(counts).filter(([, count]) => count !== undefined)
  return known.length === 0 ? undefined : (Object.fromEntries(known) as Usage)
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
