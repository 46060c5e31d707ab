// Rows of gateway calls for tests, with everything that a test does not name filled in.
import type { CallRow } from '../calls.ts'
import type { Change } from '../contract.ts'
import { spanId, T0, traceId } from './rows.ts'

/** What a test may say of a call; times in ns after `T0`. */
export interface CallInput extends Partial<Omit<CallRow, 'traceId' | 'spanId' | 'startNs' | 'endNs'>> {
  /** Number of the call: its id and its span id end with it. */
  readonly call: number
  readonly trace?: number
  /** The span of the `traceparent`. */
  readonly parent?: number
  readonly start?: number
  readonly end?: number
  readonly segment?: number
}

/** The id of call `n`. */
export function callId(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
}

/** The id of the span that call `n` is while no other span stands for it. */
export function ownSpanId(n: number): string {
  return `${'c'.repeat(8)}${n.toString(16).padStart(8, '0')}`
}

/** The end of a call, with 8 prompt ids and 3 response ids in one choice. */
export function callRow(input: CallInput): CallRow {
  const { call, trace = 100 + call, parent, start = 0, end = start + 10, segment = 1, ...rest } = input
  const finished = rest.finished ?? true
  const record = rest.record ?? segment * 2 ** 32 + 1_000 + call * 2 + (finished ? 1 : 0)
  return {
    receivedNs: T0,
    project: undefined,
    callId: callId(call),
    run: undefined,
    rollout: undefined,
    attempt: undefined,
    mode: undefined,
    tags: [],
    dialect: 'chat',
    upstream: 'local',
    backend: 'vllm',
    outcome: finished ? 'complete' : undefined,
    status: finished ? 200 : 0,
    stream: false,
    requestModel: 'tiny',
    responseModel: finished ? 'tiny' : undefined,
    responseId: finished ? `chatcmpl-${call}` : undefined,
    usage: finished ? { input: 8, output: 3, total: 11 } : undefined,
    choices: finished ? 1 : 0,
    promptIds: finished ? 8 : undefined,
    responseIds: finished ? 3 : undefined,
    firstChoiceIds: finished ? 3 : undefined,
    verdict: finished ? 'ids.complete' : 'call.no_end',
    weightVersion: undefined,
    firstTokenMs: undefined,
    error: undefined,
    payload: { segment, offset: 1_000 * call + (finished ? 500 : 0), length: 400 },
    ...rest,
    traceId: Buffer.from(traceId(trace), 'hex'),
    spanId: Buffer.from(ownSpanId(call), 'hex'),
    parentSpanId: parent === undefined ? undefined : Buffer.from(spanId(parent), 'hex'),
    startNs: T0 + BigInt(start),
    endNs: finished ? T0 + BigInt(end) : 0n,
    finished,
    record,
  }
}

/** The change that writes the end of a call. */
export function call(input: CallInput): Change {
  return { type: 'call', row: callRow(input) }
}

/** The change that announces a call. */
export function callStart(input: CallInput): Change {
  const { call: n, trace, parent, start, segment, project, rollout, attempt } = input
  const given = { trace, parent, start, segment, project, rollout, attempt }
  const known = Object.entries(given).filter(([, value]) => value !== undefined)
  return { type: 'call', row: callRow({ call: n, ...Object.fromEntries(known), finished: false }) }
}
