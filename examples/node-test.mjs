// The same with Node's own test runner: `node --test examples/node-test.mjs`.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { AgentOpsServerManager } from 'agentlightning'

test('an agent in a child process finds the server by its environment', async () => {
  await using server = new AgentOpsServerManager({ port: 0, store: 'memory', logLevel: 'silent' })
  await server.start()

  const agent = `
    const now = Date.now() + '000000'
    const span = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), name: 'child', startTimeUnixNano: now, endTimeUnixNano: now }
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
    const reply = await fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/traces', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    process.exitCode = reply.status === 200 ? 0 : 1`
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', agent], {
    env: { ...process.env, ...server.env() },
  })
  assert.equal(run.status, 0, String(run.stderr))

  await server.flush()
  const reply = await fetch(`${server.url}/api/v1/traces/${'1'.repeat(32)}`)
  const { spans } = await reply.json()
  assert.deepEqual(
    spans.map((span) => span.name),
    ['child'],
  )
})
