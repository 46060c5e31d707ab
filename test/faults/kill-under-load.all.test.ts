import { describe, expect, it } from 'vitest'
import { runSeed, seededRandom } from '../support/random.ts'
import { AT_LEAST, killRounds } from './kill-rounds.ts'

describe('kill -9 under load, many times', () => {
  it('loses no acknowledged span over 20 kills of one data directory', { timeout: 600_000 }, async () => {
    const report = await killRounds(20, seededRandom(runSeed('20 kill rounds')))
    process.stdout.write(`${report.acknowledged} batches acknowledged, ${report.cutOff} cut off\n`)
    expect(report.problems).toEqual([])
    expect(report.acknowledged).toBeGreaterThanOrEqual(20 * AT_LEAST)
  })
})
