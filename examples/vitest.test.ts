// A test suite with its own server: started once, in memory, on a free port.
import { AgentOpsServerManager } from 'agentlightning'
import { afterAll, beforeAll, expect, test } from 'vitest'

const server = new AgentOpsServerManager({ port: 0, store: 'memory', logLevel: 'silent' })

beforeAll(() => server.start())
afterAll(() => server.stop())

test('what the agent did can be asserted', async () => {
  // Stands for the agent under test; a child process would get `env: { ...process.env, ...server.env() }`.
  await recordSpan(`${server.url}/v1/traces`, 'book-hotel')

  await server.flush()
  const reply = await fetch(`${server.url}/api/v1/traces?name=book-hotel`)
  const { traces } = (await reply.json()) as { traces: { name: string; spans: number; errors: number }[] }
  expect(traces).toMatchObject([{ name: 'book-hotel', spans: 1, errors: 0 }])
})

/** Sends one span as OTLP JSON. */
async function recordSpan(endpoint: string, name: string): Promise<void> {
  const now = `${Date.now()}000000`
  const span = {
    traceId: crypto.randomUUID().replaceAll('-', ''),
    spanId: crypto.randomUUID().replaceAll('-', '').slice(0, 16),
    name,
    startTimeUnixNano: now,
    endTimeUnixNano: now,
  }
  const reply = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  })
  expect(reply.status).toBe(200)
}
