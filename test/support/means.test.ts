import { afterEach, expect, it, vi } from 'vitest'
import { MeansMissing, requireMeans } from './means.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

const missing = async (): Promise<never> => {
  throw new MeansMissing('there is no interpreter')
}

it('hands over what was found', async () => {
  expect(await requireMeans('means', async () => 42)).toBe(42)
})

it('says what is missing and why, and lets the rest go on', async () => {
  vi.stubEnv('AGL_SUITE', '')
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  expect(await requireMeans('the suite', missing)).toBeUndefined()
  expect(printed.mock.calls).toEqual([['NOT RUN: the suite: there is no interpreter\n']])
})

it('fails for missing means when everything must run', async () => {
  vi.stubEnv('AGL_SUITE', 'all')
  await expect(requireMeans('the suite', missing)).rejects.toThrow(
    'NOT RUN: the suite: there is no interpreter',
  )
})

it('goes on when another suite shows the same', async () => {
  vi.stubEnv('AGL_SUITE', 'all')
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  expect(await requireMeans('the suite', missing, 'another suite')).toBeUndefined()
  const line = 'NOT RUN: the suite: there is no interpreter (shown by another suite too)\n'
  expect(printed.mock.calls).toEqual([[line]])
})

it('passes every other error on', async () => {
  const broken = async (): Promise<never> => {
    throw new TypeError('a fault in the check')
  }
  await expect(requireMeans('the suite', broken)).rejects.toThrow('a fault in the check')
})
