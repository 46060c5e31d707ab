import { setImmediate } from 'node:timers'
import { expect, test } from 'vitest'
import type { SpanAddress, TraceSummary } from '../store/contract.ts'
import type { QuerySources } from './queries.ts'
import { getTraceMessages } from './trace-messages.ts'

const traceId = 'ab'.repeat(16)
const spans = Array.from({ length: 6 }, (_, at) => `${at}`.padStart(16, '0'))

/** Spans that take 10 ms each to read, and nothing that waits. */
function slowSources(): QuerySources {
  const payload = Buffer.from(
    JSON.stringify({
      attributes: [
        { key: 'input.value', value: { stringValue: 'hi' } },
        { key: 'output.value', value: { stringValue: 'hello' } },
      ],
    }),
  )
  const address = (spanId: string): SpanAddress => ({
    traceId,
    spanId,
    encoding: 'json',
    span: { segment: 1, offset: 0, length: payload.length },
    resource: undefined,
    scope: undefined,
    origin: 'client',
    receivedNs: 0n,
  })
  const slice = () => {
    const end = performance.now() + 10
    while (performance.now() < end);
    return payload
  }
  const store = {
    trace: async () => ({ traceId }) as TraceSummary,
    spanAddress: async (_: string, spanId: string) => address(spanId),
  }
  return { store, log: { slice }, spanAttributes: 10 } as unknown as QuerySources
}

test('other questions are let in while the messages of many spans are read', async () => {
  let turns = 0
  const next = () => {
    turns++
    setImmediate(next).unref()
  }
  setImmediate(next).unref()
  const answer = JSON.parse(await getTraceMessages(slowSources(), { id: traceId, spans })) as {
    messages: unknown[]
    spans: unknown[]
  }
  expect([answer.messages.length, answer.spans.length]).toEqual([2, 6])
  expect(turns).toBeGreaterThanOrEqual(2)
})
