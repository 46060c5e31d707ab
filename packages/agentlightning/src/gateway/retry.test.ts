import { expect, it } from 'vitest'
import { mayPass, retryDelayMs } from './retry.ts'

it('statuses that may pass are tried again', () => {
  expect([408, 409, 429, 500, 503, 529].every(mayPass)).toBe(true)
  expect([200, 400, 401, 404, 422].some(mayPass)).toBe(false)
})

it('the delay doubles from half a second to eight, a quarter more or less', () => {
  const delays = [1, 2, 3, 4, 5, 9].map((attempt) => retryDelayMs(attempt, undefined, 0, 0.5))
  expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 8000])
  expect([retryDelayMs(1, undefined, 0, 0), retryDelayMs(1, undefined, 0, 1)]).toEqual([375, 625])
})

it('Retry-After is honoured, in seconds and as a date, within a minute', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  expect(retryDelayMs(1, '3', now, 0.5)).toBe(3000)
  expect(retryDelayMs(1, 'Thu, 01 Jan 2026 00:00:10 GMT', now, 0.5)).toBe(10_000)
  expect(retryDelayMs(1, '86400', now, 0.5)).toBe(60_000)
  expect([retryDelayMs(1, 'soon', now, 0.5), retryDelayMs(1, '-5', now, 0.5)]).toEqual([500, 500])
})
