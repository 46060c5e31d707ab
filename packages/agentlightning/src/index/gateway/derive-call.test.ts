import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readCall } from '../../api/calls/read-call.ts'
import { type CallEnd, type CallStart, encodeCallRecord } from '../../gateway/record.ts'
import type { RecordHeader } from '../../log/record.ts'
import type { CallRow } from '../../store/calls.ts'
import { callSpan } from '../../trace/calls/call-span.ts'
import { conversationOf } from '../../trace/messages/conversation.ts'
import { deriveCall } from './derive-call.ts'

const root = join(import.meta.dirname, '..', '..', '..', '..', '..')
const reply = (name: string): Buffer =>
  readFileSync(join(root, 'test', 'fixtures', 'model-servers', 'vllm-0.32.0', name))

const identity = {
  callId: '11111111-2222-4333-8444-555555555555',
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  dialect: 'chat',
  method: 'POST',
  path: '/v1/chat/completions',
  upstream: 'local',
  backend: 'vllm',
  model: 'tiny',
  stream: false,
  added: ['return_token_ids'],
  startNs: '1767225600000000000',
} as const satisfies Partial<CallStart>

function end(more: Partial<CallEnd> = {}): CallEnd {
  return {
    ...identity,
    outcome: 'complete',
    status: 200,
    responseHeaders: [['content-type', 'application/json']],
    refusedFlags: [],
    retries: 0,
    gaps: [],
    endNs: '1767225600500000000',
    truncated: false,
    ...more,
  }
}

function derived(
  kind: 'gatewayStart' | 'gatewayEnd',
  head: CallStart | CallEnd,
  body: Buffer,
  header: Partial<RecordHeader> = {},
): CallRow {
  const rows: CallRow[] = []
  const record = {
    header: { kind, receivedNs: 5n, rollout: 'r', ...header },
    segment: 3,
    payloadOffset: 100,
    payload: Buffer.concat(encodeCallRecord(head, [body])),
    start: 77,
  }
  deriveCall(record, (change) => change.type === 'call' && rows.push(change.row))
  return rows[0] as CallRow
}

test('the announcement is a call without an end', () => {
  const row = derived('gatewayStart', { ...identity, requestHeaders: [] }, Buffer.from('{}'))
  expect(row).toMatchObject({
    callId: identity.callId,
    rollout: 'r',
    finished: false,
    endNs: 0n,
    verdict: 'call.no_end',
    requestModel: 'tiny',
    payload: { segment: 3, offset: 100 },
  })
})

test('tags are those of the registered run, and one that names it', () => {
  const tagged = { ...identity, tags: ['nightly'], requestHeaders: [] }
  expect(derived('gatewayStart', tagged, Buffer.from('{}'), { run: 'u-1' }).tags).toEqual([
    'nightly',
    'agl.run=u-1',
  ])
  expect(derived('gatewayEnd', end({ tags: ['nightly'] }), Buffer.from('{}')).tags).toEqual(['nightly'])
  expect(derived('gatewayEnd', end(), Buffer.from('{}')).tags).toEqual([])
})

test('the end tells ids, usage, response id and verdict of a plain reply', () => {
  const body = reply('chat-ids.response.json')
  const said = JSON.parse(body.toString()) as {
    id: string
    prompt_token_ids: number[]
    choices: { token_ids: number[] }[]
    usage: { prompt_tokens: number; completion_tokens: number }
  }
  expect(derived('gatewayEnd', end(), body)).toMatchObject({
    finished: true,
    endNs: 1767225600500000000n,
    responseId: said.id,
    promptIds: said.prompt_token_ids.length,
    responseIds: said.choices[0]?.token_ids.length,
    firstChoiceIds: said.choices[0]?.token_ids.length,
    choices: 1,
    usage: { input: said.usage.prompt_tokens, output: said.usage.completion_tokens },
    verdict: 'ids.complete',
    error: undefined,
  })
})

test('a compressed reply is read as well', () => {
  const headers = [
    ['content-type', 'application/json'],
    ['content-encoding', 'gzip'],
  ] as const
  const row = derived(
    'gatewayEnd',
    end({ responseHeaders: headers }),
    gzipSync(reply('chat-ids.response.json')),
  )
  expect(row.verdict).toBe('ids.complete')
  const broken = derived('gatewayEnd', end({ responseHeaders: headers }), Buffer.from('no gzip'))
  expect(broken.promptIds).toBeUndefined()
})

test('a reply without ids is judged by who asked for them', () => {
  const verdictOf = (more: Partial<CallEnd>, name = 'chat-noflag.response.json'): string =>
    derived('gatewayEnd', end({ added: [], ...more }), reply(name)).verdict
  const stream = { stream: true, responseHeaders: [['content-type', 'text/event-stream']] as const }
  expect(verdictOf({ asked: [] })).toBe('ids.flag_not_sent')
  expect(verdictOf({ asked: ['return_token_ids'] })).toBe('ids.stripped_by_proxy')
  expect(verdictOf({ asked: [], ...stream }, 'chat-stream-noflag.sse')).toBe('ids.flag_not_sent')
  expect(verdictOf({ asked: ['return_token_ids'], ...stream }, 'chat-stream-noflag.sse')).toBe(
    'ids.stream_without_ids',
  )
})

test('all choices of a stream are counted', () => {
  const streamed = end({ stream: true, responseHeaders: [['content-type', 'text/event-stream']], n: 2 })
  const row = derived('gatewayEnd', streamed, reply('chat-stream-ids-n2.sse'))
  expect(row.choices).toBe(2)
  expect(row.responseIds).toBeGreaterThan(row.firstChoiceIds as number)
})

test('a call of no rollout, run or trace belongs to nothing', () => {
  const row = derived('gatewayEnd', end(), reply('chat-ids.response.json'), { rollout: undefined } as never)
  expect(row.verdict).toBe('call.not_attributed')
})

test.each([
  [end({ status: 400 }), '{"error":{"message":"too long"}}', 'HTTP 400: too long'],
  [end({ status: 500 }), '', 'HTTP 500'],
  [end({ status: 422 }), '{"detail":"no such\\nfield"}', 'HTTP 422: no such field'],
  [end({ status: 502 }), '<html>bad gateway</html>', 'HTTP 502: <html>bad gateway</html>'],
  [end({ outcome: 'timeout', status: 504, error: 'nothing for 300 s' }), '', 'nothing for 300 s'],
  [end({ outcome: 'client_left', status: 0, error: 'left' }), '', undefined],
])('what went wrong is one line (%#)', (head, body, error) => {
  expect(derived('gatewayEnd', head, Buffer.from(body)).error).toBe(error)
})

test('a record that is none is refused', () => {
  const record = {
    header: { kind: 'gatewayEnd', receivedNs: 1n },
    segment: 1,
    payloadOffset: 0,
    start: 1,
  } as const
  expect(() => deriveCall({ ...record, payload: Buffer.from([9, 0, 0, 0, 1]) }, () => {})).toThrow(
    'cut short',
  )
})

test('both records together are a span with request, reply and ids', () => {
  const request = Buffer.from(
    JSON.stringify({
      temperature: 0.2,
      max_tokens: 7,
      stop: ['x'],
      messages: [{ role: 'user', content: 'hi' }],
      tools: [{ type: 'function', function: { name: 'look', parameters: {} } }],
    }),
  )
  const start = Buffer.concat(encodeCallRecord({ ...identity, requestHeaders: [] }, [request]))
  const ended = Buffer.concat(
    encodeCallRecord(end({ gaps: [{ atMs: 20, ms: 1500 }], firstTokenMs: 12 }), [
      reply('chat-ids-temp1-n2.response.json'),
    ]),
  )
  const log = {
    slice: (segment: number, offset: number, length: number) =>
      (segment === 1 ? start : ended).subarray(offset, offset + length),
  }
  const call = readCall(log, {
    span: { segment: 2, offset: 0, length: ended.length },
    resource: { segment: 1, offset: 0, length: start.length },
  })
  const span = callSpan(call)
  const values = new Map(span.attributes.map(({ key, value }) => [key, value]))
  expect(span).toMatchObject({ name: 'chat tiny', kind: 3, endTimeUnixNano: '1767225600500000000' })
  expect(span.events).toMatchObject([{ name: 'gap', timeUnixNano: '1767225600020000000' }])
  expect(values.get('gen_ai.request.temperature')).toEqual({ doubleValue: 0.2 })
  expect(values.get('gen_ai.request.max_tokens')).toEqual({ intValue: '7' })
  expect(values.get('response_token_ids.1')?.arrayValue?.values.length).toBeGreaterThan(0)
  const { input, output, tools } = conversationOf(span)
  expect(input).toMatchObject([{ role: 'user', parts: [{ text: 'hi' }] }])
  expect(output).toHaveLength(2)
  expect(tools).toMatchObject([{ name: 'look' }])
})
