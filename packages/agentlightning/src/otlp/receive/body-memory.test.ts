import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { BodyMemory } from './body-memory.ts'
import { BLOCK_BYTES, BufferPool, LARGEST_POOLED } from './buffer-pool.ts'

/** Chunks as a socket gives them, of any size. */
function chunksOf(body: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0; at < body.length; at += size) chunks.push(body.subarray(at, at + size))
  return chunks
}

const sizes = [
  0,
  1,
  65_536,
  65_537,
  BLOCK_BYTES - 1,
  BLOCK_BYTES,
  BLOCK_BYTES + 1,
  3 * BLOCK_BYTES,
  LARGEST_POOLED,
  LARGEST_POOLED + 1,
  12_345_678,
]

test.each(sizes)('a body of %d bytes comes out as it went in, whatever the pieces', (size) => {
  const body = randomBytes(size)
  for (const declared of [-1, size]) {
    for (const piece of [size + 1, 65_536, 1_234_567, ...(size < 100_000 ? [997] : [])]) {
      const memory = new BodyMemory(declared)
      for (const chunk of chunksOf(body, piece)) memory.append(chunk)
      const { bytes, give } = memory.whole()
      expect(Buffer.compare(bytes, body), `${declared} in pieces of ${piece}`).toBe(0)
      give()
    }
  }
})

test('a body that is given up gives its memory back at once', () => {
  const before = process.memoryUsage().arrayBuffers
  for (let count = 0; count < 20; count++) {
    const memory = new BodyMemory(30 * BLOCK_BYTES)
    for (const chunk of chunksOf(Buffer.alloc(100_000), 50_000)) memory.append(chunk)
    const large = Buffer.alloc(20 * BLOCK_BYTES)
    memory.append(large)
    memory.drop()
    // Of the body itself nothing may be left; what it was made of is this test's.
    large.buffer.transfer(0)
  }
  // 400 MB went through. The pool keeps 16.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * BLOCK_BYTES)
})

test('what is given back and not kept is free at once, unless somebody may still look at it', () => {
  const pool = new BufferPool()
  const own = pool.take(2 * LARGEST_POOLED)
  const seen = pool.take(2 * LARGEST_POOLED)
  pool.giveOwn(own)
  pool.give(seen)
  expect([own.length, seen.length]).toEqual([0, 2 * LARGEST_POOLED])
})
