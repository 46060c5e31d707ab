// Upstreams with a certificate of a private authority, which the programs are told to trust.
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root, startServer, tempDir } from '../support/agl.ts'

const folder = join(root, 'test', 'fixtures', 'tls')
const certificate = join(folder, 'certificate.pem')
const unset = { SSL_CERT_FILE: undefined, REQUESTS_CA_BUNDLE: undefined, CURL_CA_BUNDLE: undefined }
let upstream: Server

beforeAll(async () => {
  const files = { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(certificate) }
  upstream = createServer(files, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices":[]}')
  })
  await new Promise<void>((resolve) => upstream.listen(0, 'localhost', resolve))
})
afterAll(async () => {
  upstream.closeAllConnections()
  await new Promise((resolve) => upstream.close(resolve))
})

/** Asks the upstream through the gateway of a server with this environment. */
async function askThrough(
  env: Record<string, string>,
): Promise<{ status: number; text: string; log: string }> {
  const url = `https://localhost:${(upstream.address() as AddressInfo).port}/v1`
  const server = await startServer({ args: ['--upstream', url], env: { ...unset, ...env } })
  const reply = await fetch(`${server.url}/gateway/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"model":"m","messages":[]}',
  })
  const text = await reply.text()
  await server.stop()
  return { status: reply.status, text, log: server.output() }
}

it.each(['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'])('%s counts', async (variable) => {
  expect(await askThrough({ [variable]: certificate })).toMatchObject({ status: 200, text: '{"choices":[]}' })
})

it('none, and a file that is not there, trust no more than Node does, and it is said', async () => {
  const refused = [await askThrough({}), await askThrough({ SSL_CERT_FILE: join(tempDir(), 'none.pem') })]
  for (const { status, text } of refused) {
    expect(status).toBe(502)
    expect(text).toContain('self-signed certificate')
  }
  const said = 'The certificates that SSL_CERT_FILE names cannot be read'
  expect(refused.map(({ log }) => log.includes(said))).toEqual([false, true])
})
