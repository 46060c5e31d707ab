// A client that fetched a token and never sent a span, in real time.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { runAgl, startServer } from '../support/agl.ts'
import { request } from '../support/http.ts'

test('shows in status after 30 s with the likely cause', async () => {
  const server = await startServer()
  await request(server, {
    method: 'POST',
    path: '/v3/auth/token',
    headers: { 'content-type': 'application/json', 'user-agent': 'agentops-python/0.4.21' },
    body: '{"api_key":"dummy"}',
  })
  await sleep(31_000)
  const { stdout } = await runAgl(['agentops', 'status', '--data-dir', server.dataDir])
  expect(stdout).toContain('agentops-python/0.4.21')
  expect(stdout).toContain('opentelemetry-exporter-otlp-proto-http<1.45')
  await server.stop()
}, 120_000)
