import { get } from 'node:http'
import { expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { postTraces } from '../support/http.ts'
import { peakResidentBytes, residentBytes } from '../support/memory.ts'
import { newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { settled } from '../support/read-traces.ts'

const MEBIBYTE = 2 ** 20
const SPANS = 600
const RESOURCE_BYTES = 500_000

/** Reads a reply to its end without keeping it. */
function read({ port }: TestServer, path: string): Promise<{ bytes: number; lines: number }> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false }, (reply) => {
      let [bytes, lines] = [0, 0]
      reply.on('data', (part: Buffer) => {
        bytes += part.length
        for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) lines++
      })
      reply.on('error', reject).on('end', () => resolve({ bytes, lines }))
    }).on('error', reject)
  })
}

test('an export in which each of many spans repeats a large resource does not lie in memory whole', {
  timeout: 120_000,
}, async () => {
  const server = await startServer()
  const traceId = newTraceId()
  const spans = Array.from({ length: SPANS }, () => someSpan({ traceId }))
  const body = protobufBody(spans, { 'service.name': 's', text: 'x'.repeat(RESOURCE_BYTES) })
  expect((await postTraces(server, body)).status).toBe(200)
  await settled(server)
  const before = residentBytes(server.pid)
  const { bytes, lines } = await read(server, `/api/v1/traces/${traceId}/export`)
  const more = (peakResidentBytes(server.pid) - before) / MEBIBYTE
  process.stdout.write(`an export of ${Math.round(bytes / MEBIBYTE)} MB took ${Math.round(more)} MB\n`)
  expect(lines).toBe(SPANS)
  expect(bytes).toBeGreaterThan(SPANS * RESOURCE_BYTES)
  expect(more).toBeLessThan(350)
  expect(await server.stop()).toBe(0)
})
