// Clients that fetched a token and never sent a span, in real time.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startServer } from '../support/agl.ts'
import { request } from '../support/http.ts'
import { examine } from './examine.ts'

it('the doctor names an SDK that got its token and sends nothing', async () => {
  const server = await startServer()
  for (const agent of ['agentops-python/0.4.21', 'agentops-python/0.4.13'])
    await request(server, {
      method: 'POST',
      path: '/v3/auth/token',
      headers: { 'content-type': 'application/json', 'user-agent': agent },
      body: `{"api_key":"${agent}"}`,
    })
  const before = await examine(['--data-dir', server.dataDir])
  expect(before.codes.filter((code) => code.startsWith('clients.'))).toEqual([
    'clients.waiting',
    'clients.waiting',
  ])
  await sleep(31_000)
  const found = await examine(['--data-dir', server.dataDir])
  expect(found.one('clients.exports_nothing').subject).toBe('agentops-python/0.4.21')
  expect(found.one('clients.silent').subject).toBe('agentops-python/0.4.13')
  await server.stop()
}, 120_000)
