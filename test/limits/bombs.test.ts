import { createDeflate, createGzip, createZstdCompress } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { postTraces, request } from '../support/http.ts'
import { peakResidentBytes, residentBytes } from '../support/memory.ts'
import { readStatusMessage } from '../support/otlp-bodies.ts'
import { timed } from '../support/timed.ts'

const GIGABYTE = 2 ** 30
const MEGABYTE = 2 ** 20

const compressors = { gzip: createGzip, deflate: createDeflate, zstd: createZstdCompress }

/** A gigabyte of zeros, compressed piece by piece. */
async function bomb(encoding: keyof typeof compressors): Promise<Buffer> {
  const compressor = compressors[encoding]()
  const zeros = Buffer.alloc(MEGABYTE)
  const parts: Buffer[] = []
  const read = (async () => {
    for await (const part of compressor) parts.push(part as Buffer)
  })()
  for (let at = 0; at < GIGABYTE; at += MEGABYTE)
    if (!compressor.write(zeros)) await new Promise((resolve) => compressor.once('drain', resolve))
  compressor.end()
  await read
  return Buffer.concat(parts)
}

describe('a small body that decodes to a gigabyte', { timeout: 120_000 }, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
    // What the first requests load is not what a bomb costs.
    for (let count = 0; count < 50; count++) await postTraces(server, Buffer.alloc(0))
  })

  it.each(['gzip', 'deflate', 'zstd'] as const)(
    'is refused quickly, in little memory (%s)',
    async (encoding) => {
      const body = await bomb(encoding)
      const before = residentBytes(server.pid)
      const started = performance.now()
      const answer = await postTraces(server, body, { headers: { 'content-encoding': encoding } })
      const took = performance.now() - started
      expect(answer.status).toBe(413)
      expect(answer.headers['x-agl-error']).toMatch(/^AGL_BODY_(BOMB|TOO_LARGE)$/)
      expect(readStatusMessage(answer.body).message).toMatch(
        /decodes to more than 100 times|67108864 bytes once decoded/,
      )
      process.stdout.write(
        `1 GB of ${encoding}, ${body.length} bytes as sent: refused after ${took.toFixed(0)} ms\n`,
      )
      expect((peakResidentBytes(server.pid) - before) / MEGABYTE).toBeLessThan(100)
    },
  )

  it('many at once take no more, and others are answered meanwhile', async () => {
    const body = await bomb('gzip')
    const before = residentBytes(server.pid)
    const bombs = Promise.all(
      Array.from({ length: 16 }, () =>
        postTraces(server, body, { headers: { 'content-encoding': 'gzip' } }).then(({ status }) => status),
      ),
    )
    const health = await timed('health beside 16 bombs', () => request(server, { path: '/health' }))
    expect(health.status).toBe(200)
    expect(new Set(await bombs)).toEqual(new Set([413]))
    expect((peakResidentBytes(server.pid) - before) / MEGABYTE).toBeLessThan(250)
  })
})
