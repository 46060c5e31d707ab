import { expect, test } from 'vitest'
import { listQuery } from './schemas.ts'

const now = Date.UTC(2026, 0, 2)

test('parameters become a query with defaults', () => {
  expect(listQuery({}, now)).toEqual({ query: { filter: {}, limit: 50 }, after: undefined })
  expect(listQuery({ status: 'error', limit: '5', id: 'ab', after: '1-64', cursor: 'x' }, now)).toEqual({
    query: { filter: { status: 'error', idPrefix: 'ab' }, limit: 5, cursor: 'x' },
    after: '1-64',
  })
})

test.each([
  ['2026-01-01T00:00:00Z', BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n],
  ['24h', BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n],
  ['1w', BigInt(Date.UTC(2025, 11, 26)) * 1_000_000n],
  ['1767225600000000001', 1767225600000000001n],
])('since=%s is read exactly', (since, ns) => {
  expect(listQuery({ since }, now).query.filter.sinceNs).toBe(ns)
})

test.each([
  [{ limit: '0' }, 'limit'],
  [{ limit: '1001' }, 'limit'],
  [{ limit: 'many' }, 'limit'],
  [{ status: 'fine' }, 'status'],
  [{ id: 'xyz' }, 'id'],
  [{ after: 'soon' }, 'after'],
  [{ since: 'yesterday' }, 'since'],
])('%j is refused, and the parameter named', (parameters, name) => {
  expect(() => listQuery(parameters, now)).toThrow(
    expect.objectContaining({ code: 'AGL_BAD_REQUEST', message: expect.stringContaining(`«${name}»`) }),
  )
})
