import { expect, test } from 'vitest'
import { positionOf } from '../log/record.ts'
import { admit, lagBytes } from './admission.ts'

const log = {
  segments: () => [
    { number: 1, bytes: 1000, sealed: true, createdNs: 0n },
    { number: 3, bytes: 500, sealed: false, createdNs: 0n },
  ],
}

test('the lag is what lies between the index and the end of the log, over gaps in the numbers', () => {
  expect(lagBytes(log, positionOf(1, 200))).toBe(1300)
  expect(lagBytes(log, positionOf(3, 100))).toBe(400)
  expect(lagBytes(log, positionOf(3, 500))).toBe(0)
})

test('a write waits until the index has caught up', async () => {
  const index = { position: positionOf(1, 0) }
  const admitted = admit(log, index, 600)
  setTimeout(() => {
    index.position = positionOf(3, 0)
  }, 100)
  const begun = Date.now()
  await admitted
  expect(Date.now() - begun).toBeGreaterThanOrEqual(80)
})

test('a write that waited for 5 s is refused with what the server waits for', async () => {
  const begun = Date.now()
  await expect(admit(log, { position: positionOf(1, 0) }, 600)).rejects.toMatchObject({
    code: 'AGL_OVERLOADED',
    message: expect.stringContaining('the index is 600 bytes behind'),
  })
  expect(Date.now() - begun).toBeGreaterThanOrEqual(4900)
})
