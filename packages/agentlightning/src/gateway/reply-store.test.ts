import { expect, it } from 'vitest'
import { ReplyStore } from './reply-store.ts'

function bytes(length: number, value: number): Buffer {
  return Buffer.alloc(length, value)
}

it('keeps all bytes in order, small and large ones', () => {
  const store = new ReplyStore(1e9)
  const chunks = [100, 5000, 1, 4096, 3, 20_000, 4000, 4000, 4000, 4000, 4000].map((size, at) =>
    bytes(size, at),
  )
  for (const chunk of chunks) store.add(chunk)
  expect(Buffer.concat(store.parts()).equals(Buffer.concat(chunks))).toBe(true)
  expect([store.truncated, store.length]).toEqual([false, Buffer.concat(chunks).length])
})

it('many small chunks become few buffers', () => {
  const store = new ReplyStore(1e9)
  for (let times = 0; times < 1000; times++) store.add(bytes(50, 1))
  expect(store.parts().length).toBeLessThan(6)
})

it('beyond the limit the beginning is kept, and said so', () => {
  const store = new ReplyStore(10)
  store.add(bytes(6, 1))
  store.add(bytes(6, 2))
  store.add(bytes(6, 3))
  expect(Buffer.concat(store.parts()).toString('hex')).toBe('01010101010102020202')
  expect(store.truncated).toBe(true)
})
