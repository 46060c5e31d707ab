import { describe, expect, it } from 'vitest'
import { runSeed, seededRandom } from '../support/random.ts'
import { killRounds } from './kill-rounds.ts'

describe('kill -9 under load', () => {
  it('loses no acknowledged span, doubles none, and needs no repair (3 rounds)', {
    timeout: 90_000,
  }, async () => {
    const report = await killRounds(3, seededRandom(runSeed('kill rounds')))
    expect(report.problems).toEqual([])
    expect(report.acknowledged).toBeGreaterThan(0)
    expect(report.cutOff).toBeGreaterThan(0)
  })
})
