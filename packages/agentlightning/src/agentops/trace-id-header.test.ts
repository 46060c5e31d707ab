import { expect, test } from 'vitest'
import { traceIdOfHeader } from './trace-id-header.ts'

const python = 'agentops-python/0.4.21'

test('a decimal id, as the Python SDKs send it, becomes 32 hex digits', () => {
  // The example of a recorded upload of AgentOps 0.4.21.
  expect(traceIdOfHeader('243668983923326290414499867349423216710', python)).toBe(
    'b750f073b66ee4c2d9349e5ad827d846',
  )
  expect(traceIdOfHeader('255', python)).toBe('ff'.padStart(32, '0'))
})

test('a hex id of either case stays what it is', () => {
  expect(traceIdOfHeader('B750F073B66EE4C2D9349E5AD827D846', '')).toBe('b750f073b66ee4c2d9349e5ad827d846')
})

test('32 digits without a letter are decimal from Python and hex from everyone else', () => {
  const digits = '1'.repeat(32)
  expect(traceIdOfHeader(digits, python)).toBe(BigInt(digits).toString(16).padStart(32, '0'))
  expect(traceIdOfHeader(digits, 'agentops-ts-sdk/0.1.0')).toBe(digits)
})

test.each(['', '0', 'abc', '-1', '1.5', (2n ** 128n).toString(), 'g'.repeat(32)])(
  '«%s» names no trace',
  (header) => {
    expect(traceIdOfHeader(header, python)).toBeUndefined()
  },
)
