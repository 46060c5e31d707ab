import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { ByteBudget } from './budget.ts'
import { BufferPool } from './buffer-pool.ts'
import { type Body, collect, sourceOf } from './collect.ts'

const servers: ReturnType<typeof createServer>[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** Sends a body over a real connection, in the given parts, and collects it. */
async function send(
  parts: readonly Buffer[],
  limit: number,
  budget: ByteBudget,
  length?: number,
): Promise<Body> {
  const server = createServer()
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const incoming = once(server, 'request') as Promise<[IncomingMessage]>
  const headers = length === undefined ? {} : { 'content-length': length }
  const { port } = server.address() as AddressInfo
  const outgoing = httpRequest({ host: '127.0.0.1', port, method: 'POST', headers })
  outgoing.on('error', () => {})
  outgoing.flushHeaders()
  for (const part of parts) outgoing.write(part)
  if (length === undefined || parts.reduce((sum, part) => sum + part.length, 0) >= length) outgoing.end()
  else setTimeout(() => outgoing.destroy(), 50)
  const [message] = await incoming
  return collect(sourceOf(message), limit, budget)
}

const bytes = (size: number) => Buffer.from(Array.from({ length: size }, (_, at) => at % 251))

test.each([0, 1, 1000, 70_000, 300_000])(
  'a body of %i bytes comes back, with and without its length',
  async (size) => {
    const budget = new ByteBudget(1_000_000)
    const sent = bytes(size)
    for (const length of [size, undefined]) {
      const half = Math.floor(size / 2)
      const body = await send([sent.subarray(0, half), sent.subarray(half)], 1_000_000, budget, length)
      expect(Buffer.compare(body.bytes, sent)).toBe(0)
      expect(budget.used).toBeGreaterThanOrEqual(size)
      body.release()
      body.release()
      expect(budget.used).toBe(0)
    }
  },
)

test('a body above the limit is refused, by its length or by what comes', async () => {
  const budget = new ByteBudget(1_000_000)
  await expect(send([], 10, budget, 11)).rejects.toMatchObject({ code: 'AGL_BODY_TOO_LARGE' })
  await expect(send([bytes(11)], 10, budget)).rejects.toMatchObject({ code: 'AGL_BODY_TOO_LARGE' })
  expect(budget.used).toBe(0)
})

test('a body that breaks off gives its room back', async () => {
  const budget = new ByteBudget(1_000_000)
  await expect(send([bytes(100)], 1000, budget, 500)).rejects.toThrow('The body broke off.')
  expect(budget.used).toBe(0)
})

test('a request waits for room, and gives back what is granted after it went away', async () => {
  const budget = new ByteBudget(100)
  await budget.take(90)
  const waiting = send([bytes(50)], 1000, budget, 50)
  await new Promise((resolve) => setTimeout(resolve, 50))
  budget.give(90)
  const body = await waiting
  expect(body.bytes).toHaveLength(50)
  body.release()
  await budget.take(90)
  await expect(send([bytes(50)], 1000, budget, 60)).rejects.toThrow('The body broke off.')
  budget.give(90)
  await new Promise((resolve) => setImmediate(resolve))
  expect(budget.used).toBe(0)
})

test('the pool gives the same memory again, and keeps a bounded amount', () => {
  const pool = new BufferPool()
  const first = pool.take(100_000)
  expect(first.length).toBe(131_072)
  pool.give(first)
  expect(pool.take(131_072)).toBe(first)
  const many = Array.from({ length: 10 }, () => pool.take(4 * 1024 * 1024))
  for (const buffer of many) pool.give(buffer)
  const again = Array.from({ length: 10 }, () => pool.take(4 * 1024 * 1024))
  // 16 MB are kept: four of these.
  expect(again.filter((buffer) => many.includes(buffer))).toHaveLength(4)
  expect(pool.take(50 * 1024 * 1024).length).toBe(50 * 1024 * 1024)
})
