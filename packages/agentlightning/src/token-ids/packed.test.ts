import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packIds, packLogprobs, unpackIds, unpackLogprobs } from './packed.ts'

const id = fc.oneof(
  fc.nat(255),
  fc.nat(65_535),
  fc.nat(2 ** 24 - 1),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
)

describe('packed tokens', () => {
  it('give back the same ids', () => {
    const lists = fc.oneof(
      fc.array(id),
      fc.array(fc.nat(255)),
      fc.array(fc.nat(65_535)),
      fc.array(fc.nat(2 ** 24 - 1)),
    )
    fc.assert(
      fc.property(lists, (list) => {
        const ids = Uint32Array.from(list)
        expect(unpackIds(packIds(ids))).toEqual(ids)
      }),
    )
  })

  it('take as many bytes as the largest id needs', () => {
    const size = (largest: number): number => packIds(Uint32Array.of(0, largest)).length
    expect([255, 256, 65_535, 65_536, 2 ** 24 - 1, 2 ** 24, 2 ** 32 - 1].map(size)).toEqual([
      3, 5, 5, 7, 7, 9, 9,
    ])
    expect(packIds(new Uint32Array(0)).length).toBe(1)
  })

  it('give back the same logprobs, in 4 bytes where these suffice', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.float(), fc.double())), (list) => {
        const logprobs = Float64Array.from(list)
        expect(unpackLogprobs(packLogprobs(logprobs))).toEqual(logprobs)
      }),
    )
    expect(packLogprobs(Float64Array.of(-1.3970355987548828, Number.NaN)).length).toBe(9)
    expect(packLogprobs(Float64Array.of(-0.1)).length).toBe(9)
  })

  it('are read in place, wherever they lie in a buffer', () => {
    const packed = packLogprobs(Float64Array.of(-0.5, -0.25))
    const buffer = Buffer.concat([Buffer.from([1, 2, 3]), packed]).subarray(3)
    expect([...unpackLogprobs(buffer)]).toEqual([-0.5, -0.25])
  })

  it('that are damaged are refused', () => {
    const packed = packIds(Uint32Array.of(70_000, 1))
    for (const bytes of [packed.subarray(0, -1), new Uint8Array(0), Uint8Array.of(5, 1, 1, 1, 1, 1)])
      expect(() => unpackIds(bytes)).toThrow(RangeError)
    expect(() => unpackLogprobs(packed)).toThrow(RangeError)
  })
})
